"""The floor: the smallest Runtime API that AWS's own client accepts. No limits, no states, no logs, no freezing.

Run inside a sandbox's file system with the runtime's name as the only argument. Reads a line with a number from
stdin, plays that many invocations, and prints their durations (event sent until answer read) as a JSON list of
microseconds. ``0`` is one invocation whose line is printed as soon as its answer is there, for whoever measures from
outside. The first line it prints, ``[]``, says that the client is waiting for its first event.
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPLY = b'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'
EVENT = b'{"n": 1}'
NEXT = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: %s\r\n"
    b"Lambda-Runtime-Deadline-Ms: %d\r\nLambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:0:function:f\r\n"
    b"Content-Length: %d\r\n\r\n%s"
)


def read_request(connection: socket.socket) -> bytes:
    """The head of the next request; its body is read and dropped."""
    data = connection.recv(65536)
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while length and len(body) < length[0]:
        body += connection.recv(65536)
    return head


def play(connection: socket.socket, told: Callable[[float], None]) -> None:
    """One invocation; ``told`` gets its microseconds from sending the event until the answer is read."""
    event = NEXT % (b"8476a536-e9f4-11e8-9739-2dfe598c3fcd", time.time() * 1000 + 3000, len(EVENT), EVENT)
    started = time.monotonic_ns()
    connection.sendall(event)
    answer = read_request(connection)
    told((time.monotonic_ns() - started) / 1000)
    assert b"/response" in answer[:100], answer
    connection.sendall(REPLY)
    read_request(connection)


def start_client(runtime: str) -> None:
    """AWS's own client with a handler that echoes, as the image's manifest starts it, under the sandbox's uid."""
    task, links = Path("/tmp/task"), Path("/run/holdover")
    task.mkdir()
    links.mkdir()
    (task / "app.py").write_text("def handler(event, context):\n    return {'n': event['n']}\n")
    for name in ("runtime", "lang"):
        (links / name).symlink_to(f"/usr/lib/lambda/{runtime}/{name}")
    described: dict[str, Any] = json.loads(Path("/usr/lib/lambda/runtimes.json").read_bytes())[runtime]
    environment = described["environment"] | {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001", "_HANDLER": "app.handler"}
    command = [*described["command"], "app.handler"]
    subprocess.Popen(command, cwd=task, env=environment, user=993, group=990, stdout=2)


def main() -> None:
    """Serve one client until stdin ends."""
    with socket.create_server(("127.0.0.1", 9001)) as server:
        start_client(sys.argv[1])
        connection, _ = server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        read_request(connection)
        print([], flush=True)
        for line in sys.stdin:
            serve(connection, int(line))


def serve(connection: socket.socket, count: int) -> None:
    """Play that many and say how long each took; for 0, play one and say it at once."""
    samples: list[float] = []
    for _ in range(count):
        play(connection, samples.append)
    if count:
        print(json.dumps(samples), flush=True)
    else:
        play(connection, lambda took: print([took], flush=True))


if __name__ == "__main__":
    main()
