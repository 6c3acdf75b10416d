"""Extensions as programs: what each begins with, and those that several tests start."""

from __future__ import annotations

BEGINNING = """#!/usr/bin/env python3
import http.client, json, os, sys, time

NAME = os.path.basename(__file__)
ID = {}

def call(method, path, body=None, api="/2020-01-01/extension/", **headers):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, api + path, body, ID | given)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read().decode()

def register(*events, name=NAME):
    status, headers, body = call("POST", "register", json.dumps({"events": events}), Lambda_Extension_Name=name)
    if status == 200:
        ID["Lambda-Extension-Identifier"] = headers["Lambda-Extension-Identifier"]
    return status, body

def wait():
    return json.loads(call("GET", "event/next")[2])

def report(path, kind):
    return call("POST", path, "{}", Lambda_Extension_Function_Error_Type=kind)

def say(*words):
    print(NAME, *words, flush=True)

"""


def program(code: str) -> str:
    """An extension that does this."""
    return BEGINNING + code


LISTENS = program(
    """
register("INVOKE", "SHUTDOWN")
say("registered")
while True:
    event = wait()
    say(event["eventType"], event.get("requestId") or event["shutdownReason"])
    if event["eventType"] == "SHUTDOWN":
        say("bye")
        sys.exit(0)
"""
)

# Takes records by HTTP, and says each of them on a line of its own.
TAKES = """
import socket, threading

def taken(connection):
    with connection, connection.makefile("rb") as asked:
        length = next(int(line.split()[1]) for line in asked if line.lower().startswith(b"content-length:"))
        while asked.readline().strip():
            pass
        for record in json.loads(asked.read(length)):
            say("got", json.dumps(record))
        connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")

def take(port=4243):
    server = socket.create_server(("sandbox.localdomain", port))
    threading.Thread(target=lambda: [taken(server.accept()[0]) for _ in iter(int, 1)], daemon=True).start()

def subscribe(api="telemetry", **asked):
    version, schema = {"telemetry": ("/2022-07-01/", "2022-12-13"), "logs": ("/2020-08-15/", "2020-08-15")}[api]
    usual = {
        "schemaVersion": schema,
        "types": ["platform", "function"],
        "buffering": {"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25},
        "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:4243/"},
    }
    status, _, body = call("PUT", api, json.dumps(usual | asked), api=version)
    return status, body

def serve():
    while wait()["eventType"] != "SHUTDOWN":
        pass
    time.sleep(0.5)
    sys.exit(0)

"""


def subscriber(code: str) -> str:
    """An extension that takes records and does this."""
    return BEGINNING + TAKES + code
