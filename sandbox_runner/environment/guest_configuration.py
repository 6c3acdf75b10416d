"""The configuration message for a guest."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.aws_place import ACCOUNT
from sandbox_runner.environment import identity
from sandbox_runner.guest import wire
from sandbox_runner.peers.reach import Reach
from sandbox_runner.runtimes.dialect import Transformed
from sandbox_runner.runtimes.registry import runtime_of

if TYPE_CHECKING:
    from sandbox_runner.events.records import InitializationName
    from sandbox_runner.scenario.model import Function


async def configuration(
    function: Function,
    *,
    stream: str,
    initialization: InitializationName,
    probe: bool = False,
    reach: Reach | None = None,
    restore: str = "",
    log_lines_max: int = limits.LOG_LINES_MAX,
    gives_way: bool = True,
    concurrency: int = 0,
) -> wire.Configure:
    """The first message to a guest: code, variables and limits.

    :param stream: the environment's CloudWatch log stream.
    :param probe: whether the guest walks the state after each answer.
    :param reach: what can be reached; nothing by default.
    :param gives_way: whether the function has a lower priority than its supervisor.
    :param restore: what the probe restores, as in :class:`sandbox_runner.guest.wire.Configure`.
    :param log_lines_max: how many lines of a phase the guest sends.
    :param concurrency: how many requests the environment serves at once; 0 where it serves one at a time.
    """
    attached = {path: {"base64": written} for path, written in function.attached_files.items()}
    found = await _transformed(function)
    reach = reach or Reach()
    return wire.Configure(
        runtime=function.played_on,
        handler=function.handler,
        environment=identity.environment_variables(function, stream, initialization, concurrency),
        memory_mb=function.memory_mb,
        tmp_mb=function.tmp_mb,
        log_lines_max=log_lines_max,
        log_bytes_max=limits.LOG_BYTES_MAX,
        log_line_bytes_max=limits.LOG_LINE_BYTES_MAX,
        response_bytes_max=limits.RESPONSE_BYTES_MAX,
        streamed_bytes_max=limits.STREAMED_BYTES_MAX,
        probe=probe,
        state_leaves_max=limits.STATE_LEAVES_MAX if probe else 0,
        state_bytes_max=limits.STATE_BYTES_MAX if probe else 0,
        peers=dict(reach.ports),
        names=dict(reach.names),
        peer_window_bytes=reach.window_bytes,
        trust=reach.trust,
        restore=restore,
        concurrency=concurrency,
        gives_way=gives_way,
        account=ACCOUNT,
        transforms={path: asdict(how) for path, how in found.transforms.items()},
        body=json.dumps({**attached, **found.files}).encode(),
    )


async def _transformed(function: Function) -> Transformed:
    """What there is to transform; reading that takes a while, in which others go on."""
    runtime = runtime_of(function.runtime)
    dialect = runtime.language.dialect
    if dialect is None:
        return Transformed(function.files, {})
    texts = dict(function.files)
    for path, written in function.attached_files.items():
        if dialect.is_read(path):
            with contextlib.suppress(UnicodeDecodeError):
                texts[path] = base64.b64decode(written).decode()
    first = runtime.handler_files(function.handler)
    return await asyncio.to_thread(runtime.language.transformed, texts, first)
