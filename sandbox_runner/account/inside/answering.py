# ruff: noqa: INP001 - a function of ours that runs in a sandbox, by itself
"""Runs inside the account's sandbox: answers requests to AWS's services with moto. One process for each account.

The first process has moto imported, with what it was told to load, and no resources. Every account is a fork of it, or
of another account, which is how a moment of an account is kept. Each process has a connection of its own to the host,
says on it which account it is, and takes orders: 8 bytes with the lengths of head and body, the head as JSON, the body.
Every order has a number, which its answer repeats.

Requests are answered by threads, one at a time: :data:`GATE` is open only where one of them waits for a message. So no
other thread is inside of moto when the process forks. What moto makes up (ids, keys) follows from the order's ``seed``
alone, so that it is equal in every replay, whatever came before.
"""

import ctypes
import gc
import io
import json
import math
import os
import signal
import socket
import struct
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

sys.path.append("/run/answering")

import botocore.awsrequest
import botocore.exceptions
import botocore.session
import holdings
import pushing
import streaming
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sqs import models as sqs
from werkzeug.test import run_wsgi_app

Head = dict[str, Any]

LENGTHS = struct.Struct("!II")
GATE = threading.Lock()
DISPATCHER = DomainDispatcherApplication(create_backend_app)
APPLICATIONS: dict[str, Any] = {}
SESSION = botocore.session.Session()
CLIENTS: dict[tuple[str, str], Any] = {}
# What the last operation by its name was answered, before botocore read it.
LAST: list[tuple[Head, bytes]] = []
# By moto's names. None of them starts a container.
ALLOWED: set[str] = set()
AHEAD = {"ms": 0}
# The executions of state machines, from the first call to Step Functions on, and how many may be.
WORKFLOWS: list[Any] = []
WORKFLOWS_MOST: dict[str, int] = {}
# To a dead-letter queue, or back.
MOVED = {"messages": 0}
# By the last look.
SEEN: holdings.Seen = {}
PR_SET_DUMPABLE = 4
REGION = "us-east-1"
POLL_S = 0.02


class EndedError(Exception):
    """The host hung up."""


def handler(event: Head, _context: object) -> None:
    """Take the host's orders until it hangs up."""
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sqs.Queue.wait_for_messages = wait_outside
    sqs.Queue.add_message = added_once
    sqs.unix_time, sqs.unix_time_millis = queue_time, lambda: queue_time() * 1_000
    pushing.CLOCK[:] = streaming.CLOCK[:] = [queue_time]
    ALLOWED.update(event["services"].values())
    WORKFLOWS_MOST.update(event["workflows"])
    account = ""
    while True:
        account = Process(tuple(event["address"]), account).serve()


class Process:
    """One account's process at its connection."""

    def __init__(self, address: tuple[str, int], account: str) -> None:
        self.connection = socket.create_connection(address)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sending = threading.Lock()
        self.send({"account": account, "pid": os.getpid()})

    def serve(self) -> str:
        """Take orders; returns, in a fork, which account that is to be. The process ends when the host hangs up."""
        with suppress(EndedError, OSError):
            while True:
                head, body = self.receive()
                if head["do"] != "fork":
                    threading.Thread(target=self.answer, args=(head, body), daemon=True).start()
                    continue
                with GATE:
                    child = os.fork()
                if child == 0:
                    self.connection.close()
                    return str(head["account"])
                self.send({"n": head["n"]})
        os._exit(0)

    def answer(self, head: Head, body: bytes) -> None:
        """Carry out one order."""
        try:
            told, answer = ORDERS[head["do"]](head, body)
        except Exception as problem:  # noqa: BLE001 - the host says whose failure it is
            told, answer = {"failure": f"{type(problem).__name__}: {problem}"[:2000]}, b""
        with suppress(OSError):
            self.send({"n": head["n"], **told}, answer)

    def receive(self) -> tuple[Head, bytes]:
        """The next order."""
        head_size, body_size = LENGTHS.unpack(self.exactly(LENGTHS.size))
        return json.loads(self.exactly(head_size)), self.exactly(body_size)

    def exactly(self, size: int) -> bytes:
        """That many bytes."""
        parts = []
        while size:
            part = self.connection.recv(min(size, 65536))
            if not part:
                raise EndedError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def send(self, head: Head, body: bytes = b"") -> None:
        """Send one answer."""
        text = json.dumps(head).encode()
        with self.sending:
            self.connection.sendall(LENGTHS.pack(len(text), len(body)) + text + body)


def request(head: Head, body: bytes) -> tuple[Head, bytes]:
    """A request as it came from an SDK."""
    with GATE:
        seed(head["seed"])
        try:
            told, answer = answered(head["method"], head["target"], head["headers"], body)
        except Exception as problem:  # noqa: BLE001 - whatever moto raises is a failure of the service
            told, answer = failed(problem)
        return with_pushed(told, answer)


def with_pushed(told: Head, answer: bytes) -> tuple[Head, bytes]:
    """An answer, and behind it what services sent to functions meanwhile."""
    pushed = pushing.taken()
    return {**told, "pushed": len(pushed)}, answer + pushed


def failed(problem: Exception) -> tuple[Head, bytes]:
    """What a service answers that has failed, with the cause, in a form that every protocol reads the code of."""
    message = f"Holdover's stand-in for this service failed: {type(problem).__name__}: {problem}"[:500]
    said = json.dumps({"__type": "InternalFailure", "message": message})
    headers = [["Content-Type", "application/x-amz-json-1.0"], ["x-amzn-ErrorType", "InternalFailure"]]
    return {"status": 500, "headers": headers, "ours": True}, said.encode()


def called(head: Head, _body: bytes) -> tuple[Head, bytes]:
    """An operation by its name; ``refused`` is what the service said against it."""
    refused = ""
    with GATE:
        seed(head["seed"])
        LAST.clear()
        try:
            call(head)
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as problem:
            refused = str(problem)[:2000]
        except Exception as problem:  # noqa: BLE001 - as in a request
            refused = str(problem)[:2000] or type(problem).__name__
            LAST[:] = [failed(problem)]
        # What botocore itself refuses is never sent.
        told, answer = LAST.pop() if LAST else ({"status": 400, "headers": []}, refused.encode())
        return with_pushed({**told, "refused": refused}, answer)


def seed(text: str) -> None:
    """From here on, whatever is made up follows from this; what is started, was started by it."""
    mock_random.seed(text)
    streaming.SEED[0] = text
    for each in WORKFLOWS:
        each.begin(text)


def advance(head: Head, body: bytes) -> tuple[Head, bytes]:
    """Let the executions of state machines go on: what became of their tasks, and which they have now."""
    with GATE:
        if not WORKFLOWS:
            return {}, b"{}"
        seed(head["seed"])
        return {}, json.dumps(WORKFLOWS[0].advance(head["now_ms"], json.loads(body))).encode()


def have_workflows() -> None:
    """Have executions of state machines played, which takes a while to load."""
    from workflows import beside_moto, calls  # type: ignore[import-not-found] # noqa: PLC0415 - a file of the function's
    from workflows.account import Executions  # type: ignore[import-not-found] # noqa: PLC0415 - the same

    made = Executions(calls.caller(client, LAST, pushing.taken), WORKFLOWS_MOST)
    beside_moto.install(made, lambda: datetime.fromtimestamp(queue_time(), UTC).replace(tzinfo=None))
    WORKFLOWS.append(made)


def kill(head: Head, _body: bytes) -> tuple[Head, bytes]:
    """End another account's process."""
    with suppress(ProcessLookupError):
        os.kill(head["pid"], signal.SIGKILL)
    return {}, b""


def load(head: Head, _body: bytes) -> tuple[Head, bytes]:
    """Make a call that changes nothing, so that every later fork has loaded what it takes."""
    with GATE:
        with suppress(botocore.exceptions.ClientError):
            call(head)
        gc.collect()
        gc.freeze()
    return {}, b""


def pass_time(head: Head, _body: bytes) -> tuple[Head, bytes]:
    """Waits were skipped: the account's time is so far ahead of the clock's."""
    with GATE:
        AHEAD["ms"] = head["ms"]
    return {}, b""


def hidden(head: Head, _body: bytes) -> tuple[Head, bytes]:
    """The messages of a queue that cannot be received now: in how many ms each can be, and how often it was."""
    with GATE:
        now = queue_time() * 1_000
        queue = sqs.sqs_backends[head["account"]][head["region"]].queues.get(head["queue"])
        waits = [
            (math.ceil(until - now) + 1, each.approximate_receive_count)
            for each in (queue._messages if queue else ())  # noqa: SLF001 - the public list leaves these out
            if (until := max(each.visible_at, each.delayed_until)) >= now
        ]
        most = (queue.redrive_policy or {}).get("maxReceiveCount") if queue else None
    return {"waits": waits[: head["most"]], "received_most": most, "moved": MOVED["messages"]}, b""


def records(head: Head, _body: bytes) -> tuple[Head, bytes]:
    """The records of a stream."""
    with GATE:
        found = streaming.records(head["kind"], head["account"], head["name"], head["after"], head["most"])
        return {}, json.dumps(found, default=str).encode()


def look(head: Head, _body: bytes) -> tuple[Head, bytes]:
    """What changed in the account since the last look; and, if asked, all that it holds."""
    with GATE:
        found = holdings.Look(head["account"], queue_time() * 1_000, head["characters"], head["looked_at"])
        found.take()
    changed = holdings.changes(SEEN, found.seen)
    SEEN.clear()
    SEEN.update(found.seen)
    told = {"changes": changed[: head["changes"]], "changes_in_all": len(changed), "things_in_all": len(found.things)}
    told["things"] = found.shown(head["things"], head["entries"], head["of_one"]) if head["whole"] else []
    return {}, json.dumps(told).encode()


ORDERS = {
    "look": look,
    "pass": pass_time,
    "hidden": hidden,
    "records": records,
    "request": request,
    "call": called,
    "workflows": advance,
    "load": load,
    "kill": kill,
}


def call(head: Head) -> None:
    """Make one call of botocore's, which :func:`send_here` answers."""
    client(head["service"], head.get("region", REGION))._make_api_call(head["operation"], head["parameters"])  # noqa: SLF001 - the call by its API name


def client(service: str, region: str = REGION) -> Any:
    """The one client of a service in a region; all forks share those made before."""
    if (service, region) not in CLIENTS:
        SESSION.set_credentials("holdover", "holdover")
        made = SESSION.create_client(service, region_name=region)
        made.meta.events.register("before-send", send_here)
        CLIENTS[service, region] = made
    return CLIENTS[service, region]


def send_here(request: Any, **_: object) -> botocore.awsrequest.AWSResponse:
    """Answer a request of botocore's in this process."""
    parts = urlsplit(request.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = [[name, as_text(value)] for name, value in request.headers.items()]
    headers.append(["Host", parts.netloc])
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    told, answer = answered(request.method, target, headers, body.encode() if isinstance(body, str) else body)
    LAST[:] = [(told, answer)]
    found = botocore.awsrequest.HeadersDict(told["headers"])
    return botocore.awsrequest.AWSResponse(request.url, told["status"], found, Raw(answer))


class Raw(io.BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: object) -> Any:
        """All of it."""
        while part := self.read(65536):
            yield part


def as_text(value: object) -> str:
    """A header's value."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def answered(method: str, target: str, headers: list[list[str]], body: bytes) -> tuple[Head, bytes]:
    """What moto answers."""
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": target,
        "RAW_URI": target,
        "SERVER_NAME": "amazonaws.com",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        PRESERVED_HEADER_NAMES_ENVIRON_KEY: {},
    }
    for name, value in headers:
        key = name.upper().replace("-", "_")
        if key not in {"CONTENT_LENGTH", "TRANSFER_ENCODING"}:
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
            if "_" in name:
                environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY][f"HTTP_{key}"] = name
    # Not by moto's own dispatcher, which has addresses that reset and configure it.
    host = DISPATCHER.infer_service_region_host(environ, environ["PATH_INFO"]) or "s3.us-east-1.amazonaws.com"
    service = DISPATCHER.get_backend_for_host(host)
    if service not in ALLOWED:
        return {"status": 501, "headers": []}, b""
    if service not in APPLICATIONS:
        if service == "stepfunctions":
            have_workflows()
        APPLICATIONS[service] = create_backend_app(service)
        pushing.hook(service)
        streaming.hook(service)
    parts, status, found = run_wsgi_app(APPLICATIONS[service], environ, buffered=True)
    return {"status": int(status.split()[0]), "headers": list(found)}, b"".join(parts)


def queue_time() -> float:
    """What a queue's clock says: waits that were skipped are over."""
    now: float = unix_time()
    return now + AHEAD["ms"] / 1_000


def added_once(queue: Any, message: Any) -> None:
    """Add a message, unless one with its deduplication id was within the last five minutes, received or not."""
    if queue.fifo_queue and message.deduplication_id:
        seen = queue.__dict__.setdefault("holdover_seen", {})
        key, at = message.deduplication_id, message.sent_timestamp
        if at - seen.get(key, -math.inf) < sqs.DEDUPLICATION_TIME_IN_SECONDS * 1_000:
            return
        seen[key] = at
    if message.approximate_receive_count:
        MOVED["messages"] += 1
    queue._messages.append(message)  # noqa: SLF001 - moto's own way also starts functions of its own


def wait_outside(_queue: object, timeout: float) -> None:
    """Wait for a message with the gate open."""
    GATE.release()
    time.sleep(min(timeout, POLL_S))
    GATE.acquire()
