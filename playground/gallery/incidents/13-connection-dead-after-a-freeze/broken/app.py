"""A connection to the database, opened once and reused for as long as the environment lives."""

import socket

connection = socket.create_connection(("database", 5432), timeout=1)
connection.recv(64)  # its greeting


def query(text):
    connection.sendall(text.encode())
    rows = connection.recv(1024)
    if not rows:
        raise ConnectionError("the database has closed the connection")
    return rows.decode()


def handler(event, context):
    return {"rows": query(event["query"])}
