"""Validates a probe's frames, of which only the form is trusted. Pure.

The probe lives in the runtime's process, where user code can take its descriptor and write anything: a frame is
bounded, parsed defensively, and whatever has the wrong type is dropped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_LENGTH_BYTES: Final = 4
_LEAF_KINDS: Final = [str, str, str, str, str, bool]
_INT_MAX: Final = 2**53
_NAMED_MAX: Final = 5
_PACKAGES_MAX: Final = 200
_NAME_CHARACTERS_MAX: Final = 80


class Taken(NamedTuple):
    """Since the last call: the newest frame, whether an even newer one was skipped, and how many there were."""

    frame: bytes
    passed_over: bool
    frames: int


@dataclass(slots=True)
class ProbeFrames:
    """Parses bytes into frames; keeps the newest. One over ``bytes_max`` is skipped and marked as truncated."""

    bytes_max: int
    _buffer: bytearray = field(default_factory=bytearray)
    _missing: int = 0
    _newest: bytes = b""
    _passed_over: bool = False
    _count: int = 0

    def feed(self, data: bytes) -> None:
        """Add bytes."""
        self._buffer += data
        while self._buffer:
            if self._missing:
                taken = min(self._missing, len(self._buffer))
                del self._buffer[:taken]
                self._missing -= taken
                continue
            if len(self._buffer) < _LENGTH_BYTES:
                return
            length = int.from_bytes(self._buffer[:_LENGTH_BYTES], "big")
            if length > self.bytes_max:
                self._missing, self._passed_over = length, True
                self._count += 1
                del self._buffer[:_LENGTH_BYTES]
                continue
            end = _LENGTH_BYTES + length
            if len(self._buffer) < end:
                return
            self._newest, self._passed_over = bytes(self._buffer[_LENGTH_BYTES:end]), False
            self._count += 1
            del self._buffer[:end]

    def take(self) -> Taken:
        """What arrived since the last call; the frame is empty if there was none."""
        taken = Taken(self._newest, self._passed_over, self._count)
        self._newest, self._passed_over, self._count = b"", False, 0
        return taken


def merged_state(
    taken: Taken,
    tmp_leaves: list[list[Any]],
    *,
    after: str,
    request_id: str,
    truncated: bool,
    leaves_max: int,
    late: Sequence[list[str]] = (),
    is_probed: bool = True,
) -> bytes:
    """The body of ``StateCaptured``: leaves of ``/tmp`` first, then the probe's, and late lines.

    A runtime without a probe says nothing, which is no disturbance then.

    ``disturbed`` is a code with parameters for why the probe's frame is not reliable, null if it seems to be.
    """
    said = probe_object(taken.frame)
    rows = said.get("leaves")
    probed = [row for row in rows if _is_leaf(row)] if isinstance(rows, list) else []
    leaves = [*tmp_leaves, *probed]
    return json.dumps(
        {
            "after": after,
            "request_id": request_id,
            "nodes": _count(said.get("nodes")) + len(tmp_leaves),
            "truncated": truncated
            or taken.passed_over
            or said.get("truncated") is True
            or (is_probed and not isinstance(rows, list))
            or len(leaves) > leaves_max,
            "took_us": _count(said.get("took_us")),
            "leaves": leaves[:leaves_max],
            "packages": _packages(said.get("packages")),
            "late": list(late),
            "disturbed": _disturbed(taken, said, (after, request_id), are_leaves=rows == probed) if is_probed else None,
        },
        separators=(",", ":"),
    ).encode()


def _disturbed(
    taken: Taken, said: dict[str, Any], moment: tuple[str, str], *, are_leaves: bool
) -> dict[str, Any] | None:
    """Exactly one complete frame is expected, about this moment, from a probe that found itself unchanged."""
    if taken.frames != 1:
        return _code("probe-frames", frames=taken.frames) if taken.frames else _code("probe-silent")
    if taken.passed_over:
        return None
    names = said.get("disturbed")
    if not are_leaves or not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return _code("probe-unreadable")
    if (said.get("after"), said.get("request_id")) != moment:
        return _code("probe-out-of-turn")
    shown = [name[:_NAME_CHARACTERS_MAX] for name in said["disturbed"][:_NAMED_MAX]]
    return _code("probe-replaced", names=shown) if shown else None


def _code(code: str, **params: Any) -> dict[str, Any]:
    return {"code": code, "params": params}


def probe_object(frame: bytes) -> dict[str, Any]:
    """The content of a frame, empty if it is not valid."""
    try:
        said = json.loads(frame) if frame else {}
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _packages(listed: object) -> list[Any]:
    """Which package a path leads into, as ``[path, name, version]``."""
    rows = listed[:_PACKAGES_MAX] if isinstance(listed, list) else []
    return [row for row in rows if type(row) is list and [type(value) for value in row] == [str, str, str]]


def _is_leaf(row: object) -> bool:
    return type(row) is list and [type(value) for value in row] == _LEAF_KINDS


def _count(value: object) -> int:
    return value if type(value) is int and 0 <= value <= _INT_MAX else 0
