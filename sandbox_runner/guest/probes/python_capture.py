"""Hooks the state walk into awslambdaric's loop and writes its frames to the supervisor.

Only ``LambdaRuntimeClient.wait_next_invocation`` is patched: when it is called, the answer has been posted and the
handler has returned. Every failure here is swallowed: a probe that fails must not change what the function does.
"""

from __future__ import annotations

import os
import struct
import time
from json import encoder
from typing import Any

from . import (
    python_children,
    python_guard,
    python_libraries,
    python_origins,
    python_packages,
    python_process,
    python_roots,
    python_rows,
    python_text,
    python_walk,
)

# Bound before user code runs, which may replace these functions. The encoder is C throughout.
_encode = encoder.c_make_encoder(None, str, encoder.c_encode_basestring_ascii, None, ":", ",", False, False, True)  # type: ignore[attr-defined] # noqa: FBT003 - it takes all by position, and typeshed does not know it
# The fields of a frame besides rows and lines.
_SPARE_BYTES = 2048 + python_walk.PACKAGES_BYTES_MAX
_write, _pack, _now_ns = os.write, struct.pack, time.perf_counter_ns


def install(descriptor: int, leaves_max: int, bytes_max: int, restorer: Any = None) -> None:
    """Patch the client's class, so that it writes a frame to ``descriptor`` before it waits for an event.

    :param restorer: restores places, called before each wait. Nothing is walked then: no frame is written.
    """
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - the function takes it by position only
    from awslambdaric.lambda_runtime_client import (  # type: ignore[import-not-found,import-untyped,unused-ignore] # noqa: PLC0415 - found only once the path is the function's own
        LambdaRuntimeClient,
    )

    wait = LambdaRuntimeClient.wait_next_invocation
    origins = python_origins.Origins()
    origins.install()
    capture = Capture(descriptor, bytes_max, python_walk.Walker(leaves_max), origins)
    capture.guard = _guard(descriptor)

    def wait_next_invocation(client: Any) -> Any:
        if restorer is None:
            capture.write()
        origins.end()
        if restorer is not None:
            restorer.next_request()
        request = wait(client)
        capture.request_id = request.invoke_id
        origins.begin(request.invoke_id)
        return request

    LambdaRuntimeClient.wait_next_invocation = wait_next_invocation


def _guard(descriptor: int) -> python_guard.Guard:
    """Created once everything watched is in place."""
    modules = (
        *(python_children, python_guard, python_origins, python_process),
        *(python_libraries, python_packages, python_roots, python_rows, python_text, python_walk),
    )
    watched = {module.__name__.rpartition(".")[2]: module for module in modules}
    classes = (
        Capture,
        python_children.Look,
        python_guard.Guard,
        python_libraries.Collected,
        python_libraries.Libraries,
        python_packages.Index,
        python_packages.Packages,
        python_process.Process,
        python_roots.Roots,
        python_rows.Known,
        python_rows.Rows,
        python_walk.Walk,
        python_walk.Walker,
    )
    kinds: dict[str, Any] = {kind.__name__: kind for kind in classes}
    return python_guard.Guard(descriptor, {**watched, **kinds})


class Capture:
    """Writes one frame per call; stops permanently if the supervisor does not listen."""

    def __init__(
        self, descriptor: int, bytes_max: int, walker: python_walk.Walker, origins: python_origins.Origins
    ) -> None:
        self.request_id: str | None = None
        self._descriptor = descriptor
        self._bytes_max = bytes_max
        self._walker = walker
        self._origins = origins
        self.guard = python_guard.Guard(descriptor, {})

    def write(self) -> None:
        """Walk and send. Does nothing in a child of the runtime's process."""
        if self._descriptor < 0 or not self.guard.is_own_process():
            return
        try:
            self._send(python_guard.undisturbed(self._frame).encode("ascii"))
        except Exception:  # noqa: BLE001 - whatever user code did to us, the function goes on as if we were not here
            self._descriptor = -1

    def _frame(self) -> str:
        started = _now_ns()
        before = self.guard.replaced()
        lines = _json(self._origins.take())
        walk = self._walker.walk(self._bytes_max - len(lines) - _SPARE_BYTES)
        said = {
            "after": "init" if self.request_id is None else "invoke",
            "request_id": self.request_id or "",
            "nodes": walk.nodes,
            "truncated": walk.truncated,
            "packages": [list(each) for each in walk.packages],
            "disturbed": before or self.guard.disturbed(),
        }
        leaves = walk.rows.text()
        took_us = (_now_ns() - started) // 1000
        return f'{_json(said)[:-1]},"took_us":{took_us},"leaves":[{leaves}],{lines[1:]}'

    def _send(self, text: bytes) -> None:
        left = memoryview(_pack(">I", len(text)) + text)
        while left:
            left = left[_write(self._descriptor, left) :]


def _json(said: dict[str, Any]) -> str:
    return "".join(_encode(said, 0))
