"""The same call of an SDK's to moto's own server over loopback, in a sandbox of the same kind: what ours is held to."""

from __future__ import annotations

import json
import secrets
from typing import Any, Final

from sandbox_runner import limits
from sandbox_runner.backends import choose
from sandbox_runner.backends.base import SandboxSpec, ShownFolder
from sandbox_runner.clock import SystemClock
from sandbox_runner.environment import identity
from sandbox_runner.environment.guest_configuration import configuration
from sandbox_runner.environment.guest_link import GuestLink
from sandbox_runner.environment.task_groups import start_sandbox
from sandbox_runner.errors import OurFailure
from sandbox_runner.guest import wire
from sandbox_runner.image.answering import RUNTIME, answering
from sandbox_runner.image.selection import own_image
from sandbox_runner.run.runner import new_owner
from sandbox_runner.scenario.model import Function

_WITHIN_S: Final = 300.0
_CODE: Final = """
import os, signal, sys, time

import boto3
from botocore.config import Config

def serve():
    sys.path.append("/run/answering")
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_request(self, *_):
            pass

    application = DomainDispatcherApplication(create_backend_app)
    return make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)

def handler(event, context):
    server = serve()
    process = os.fork()
    if process == 0:
        server.serve_forever()
    # As a function has a lower priority than what answers.
    os.nice(10)
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        settings = Config(read_timeout=200, retries={"total_max_attempts": 1})
        client = boto3.client("dynamodb", endpoint_url=url, config=settings)
        client.create_table(**event["table"])
        client.put_item(TableName="users", Item={"id": {"S": "1"}})
        took = []
        for _ in range(event["calls"]):
            begun = time.monotonic_ns()
            client.get_item(TableName="users", Key={"id": {"S": "1"}})
            took.append((time.monotonic_ns() - begun) // 1000)
        return took
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
"""


async def over_loopback(backend_name: str, calls: int, table: dict[str, Any]) -> list[float]:
    """Microseconds of each call.

    :raises OurFailure: the sandbox failed.
    """
    clock, backend = SystemClock(), choose(backend_name)
    heard: list[wire.GuestMessage] = []
    memory_mb = limits.ACCOUNT_MEMORY_MB
    folder = answering()
    shown = ("/run/answering", ShownFolder(folder.name, str(folder.files), str(folder.archive)))
    spec = SandboxSpec(new_owner(), memory_mb, limits.TMP_MB_DEFAULT, shown=(shown,), runtime=own_image(RUNTIME))
    function = Function(
        runtime=RUNTIME, handler="app.handler", files={"app.py": _CODE}, memory_mb=memory_mb, timeout_s=600
    )
    try:
        sandbox = await start_sandbox(backend, spec)
        try:
            link = GuestLink(sandbox, clock)
            stream = identity.log_stream(clock.epoch_ms(), secrets.token_hex(16))
            order = await configuration(function, stream=stream, initialization="on-demand", gives_way=False)
            await link.send(order)
            await link.send(wire.Init("init", round(_WITHIN_S * 1_000_000)))
            await link.receive_until(wire.InitDone, heard.append, within_s=_WITHIN_S)
            payload = json.dumps({"calls": calls, "table": table}).encode()
            headers = identity.next_headers(
                function,
                request_id="loopback",
                invocation_id="",
                deadline_ms=clock.epoch_ms() + round(_WITHIN_S * 1_000),
                trace=identity.trace_header(clock.epoch_ms(), secrets.token_hex(32)),
            )
            await link.send(wire.Invoke("loopback", round(_WITHIN_S * 1_000_000), headers, payload))
            await link.receive_until(wire.InvokeDone, heard.append, within_s=_WITHIN_S)
        finally:
            await sandbox.destroy()
    finally:
        await backend.close()
    answers = [json.loads(each.body) for each in heard if isinstance(each, wire.Answered)]
    if not answers or not isinstance(answers[-1], list):
        raise OurFailure(f"moto's own server did not answer: {heard[-3:]}")
    return [float(each) for each in answers[-1]]
