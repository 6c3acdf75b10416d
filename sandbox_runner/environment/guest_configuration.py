"""The configuration message for a guest. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.environment import identity
from sandbox_runner.guest import wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.events.records import InitializationName
    from sandbox_runner.scenario.model import Function


def configuration(
    function: Function,
    *,
    stream: str,
    initialization: InitializationName,
    probe: bool = False,
    peers: Mapping[str, int] | None = None,
    restore: str = "",
) -> wire.Configure:
    """The first message to a guest: code, variables and limits.

    :param stream: the environment's CloudWatch log stream.
    :param probe: whether the guest walks the state after each answer.
    :param peers: the port of each peer that can be reached, by name.
    :param restore: what the probe restores, as in :class:`sandbox_runner.guest.wire.Configure`.
    """
    attached = {path: {"base64": written} for path, written in function.attached_files.items()}
    return wire.Configure(
        runtime=function.played_on,
        handler=function.handler,
        environment=identity.environment_variables(function, stream, initialization),
        memory_mb=function.memory_mb,
        tmp_mb=function.tmp_mb,
        log_lines_max=limits.LOG_LINES_MAX,
        log_bytes_max=limits.LOG_BYTES_MAX,
        log_line_bytes_max=limits.LOG_LINE_BYTES_MAX,
        response_bytes_max=limits.RESPONSE_BYTES_MAX,
        probe=probe,
        state_leaves_max=limits.STATE_LEAVES_MAX if probe else 0,
        state_bytes_max=limits.STATE_BYTES_MAX if probe else 0,
        peers=dict(peers or {}),
        restore=restore,
        body=json.dumps({**function.files, **attached}).encode(),
    )
