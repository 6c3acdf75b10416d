"""Records function output and captured state from the wire in the event log, within the run's limits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import TypeAdapter, ValidationError

from sandbox_runner import limits
from sandbox_runner.errors import ProtocolViolation
from sandbox_runner.events.records import LateLine, LogWritten, OutputTruncated, ProbeMessage, StateCaptured, StateLeaf
from sandbox_runner.messages import Message, say
from sandbox_runner.runtimes.registry import LANGUAGES
from sandbox_runner.untrusted_text import well_formed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.environment.telemetry import EnvironmentLog
    from sandbox_runner.events.records import StateRoot
    from sandbox_runner.guest import wire

_STREAMS = frozenset({"stdout", "stderr", "telemetry"})
_ROOTS = frozenset({*(language.module_root for language in LANGUAGES), "tmp-file"})
_LATE_LINES_MAX = 200
_PACKAGES_MAX = 200
_PACKAGE_MAX = 100
_PACKAGE_ROW = ("path", "name", "version")
_PROBE_MESSAGE: TypeAdapter[Message] = TypeAdapter(ProbeMessage)
_LEAF_TEXT_MAX = 4 * limits.KB


class LogAllowance:
    """How many more bytes of function output a run may store, across all of its environments.

    :param lines_max: how many lines of a phase the guest sends at most; it counts the rest.
    """

    def __init__(self, bytes_max: int = limits.RUN_LOG_BYTES_MAX, lines_max: int = limits.LOG_LINES_MAX) -> None:
        self._left = bytes_max
        self.lines_max = lines_max

    def take(self, size: int) -> bool:
        """Take ``size`` bytes from the allowance, if they fit."""
        if size > self._left:
            return False
        self._left -= size
        return True


class OutputRecord:
    """Records an environment's output; counts what exceeds the run's allowance."""

    def __init__(self, log: EnvironmentLog, allowance: LogAllowance) -> None:
        self._log = log
        self._allowance = allowance
        self._lost_lines = 0
        self._lost_bytes = 0

    def lines(self, message: wire.Logs, request_id: str | None) -> None:
        """Record each line that still fits."""
        for line in message.lines:
            size = len(line.text.encode("utf-8", "surrogatepass"))
            if not self._allowance.take(size):
                self._lost_lines += 1
                self._lost_bytes += size + line.cut
                continue
            self._log.append(_written(line), request_id=message.request_id or request_id, guest_us=line.at_us)

    def cut(self, message: wire.Cut, request_id: str | None) -> None:
        """Record output that the guest discarded."""
        record = OutputTruncated(lines=message.lines, bytes=message.bytes)
        self._log.append(record, request_id=message.request_id or request_id, guest_us=message.at_us)

    def settle(self, request_id: str | None) -> None:
        """At the end of a phase, record how much was discarded here since the last time."""
        if self._lost_lines:
            record = OutputTruncated(lines=self._lost_lines, bytes=self._lost_bytes)
            self._log.append(record, request_id=request_id)
        self._lost_lines = self._lost_bytes = 0


def _written(line: wire.LogLine) -> LogWritten:
    if line.stream not in _STREAMS:
        raise ProtocolViolation("the guest sent output of a stream that does not exist")
    stream = cast("Literal['stdout', 'stderr', 'telemetry']", line.stream)
    text, extension = well_formed(line.text), well_formed(line.extension)
    return LogWritten(stream=stream, text=text, level=line.level, cut=line.cut, extension=extension)


def state_captured(
    message: wire.StateCaptured, after_index: int, indexes: Mapping[str, int] | None = None
) -> StateCaptured:
    """The record of one state walk.

    :param indexes: the index of each request by its id, 0 for the empty id of module code.

    The probe ran beside user code, so its frame is not trusted: rows that are not leaves are dropped, which marks the
    walk as truncated.
    """
    walk = _json_object(message.body)
    listed = walk.get("leaves")
    found = [_leaf(entry) for entry in listed[: limits.STATE_LEAVES_MAX]] if isinstance(listed, list) else []
    leaves = _with_packages([leaf for leaf in found if leaf is not None], walk.get("packages"))
    complete = isinstance(listed, list) and len(leaves) == len(listed) and not walk.get("truncated")
    return StateCaptured(
        after_index=after_index,
        leaves=leaves,
        nodes=_count(walk.get("nodes")),
        truncated=not complete,
        took_us=_count(walk.get("took_us")),
        late=_late_lines(walk.get("late"), indexes or {}),
        disturbed=_disturbed(walk.get("disturbed")),
    )


def _with_packages(leaves: list[StateLeaf], listed: object) -> tuple[StateLeaf, ...]:
    """The leaves with the package that the longest beginning of their path leads into."""
    rows = listed[:_PACKAGES_MAX] if isinstance(listed, list) else []
    known = {
        well_formed(row[0]): (well_formed(row[1])[:_PACKAGE_MAX], well_formed(row[2])[:_PACKAGE_MAX])
        for row in rows
        if isinstance(row, list) and len(row) == len(_PACKAGE_ROW) and all(isinstance(each, str) for each in row)
    }
    return tuple(_of_package(leaf, known) for leaf in leaves) if known else tuple(leaves)


def _of_package(leaf: StateLeaf, known: Mapping[str, tuple[str, str]]) -> StateLeaf:
    for text in (leaf.path, leaf.carrier):
        ends = [end for end in range(len(text), 0, -1) if end == len(text) or text[end] in ".["]
        found = next((known[text[:end]] for end in ends if text[:end] in known), None)
        if found is not None:
            return leaf.model_copy(update={"package": found[0], "version": found[1]})
    return leaf


def _disturbed(said: object) -> Message | None:
    """What the supervisor says disturbed the probe; an invalid message counts as a disturbance."""
    try:
        return _PROBE_MESSAGE.validate_json(well_formed(json.dumps(said))) if said else None
    except ValidationError:
        return say("probe-unreadable")


def _late_lines(listed: object, indexes: Mapping[str, int]) -> tuple[LateLine, ...]:
    rows = listed[:_LATE_LINES_MAX] if isinstance(listed, list) else []
    found = [_late_line(row, indexes) for row in rows]
    return tuple(line for line in found if line is not None)


def _late_line(row: object, indexes: Mapping[str, int]) -> LateLine | None:
    match row:
        case [str(origin), ("thread" | "timer" | "child" | "promise" | "unknown") as kind, str(text), *rest]:
            return LateLine(
                started_by=indexes.get(origin, -1),
                kind=kind,
                text=well_formed(text[: limits.KB]),
                effect="" if not rest else "peer" if rest[0] == "peer" else "file",
            )
        case _:
            return None


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        walk = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return walk if isinstance(walk, dict) else {}


def _count(value: object) -> int:
    return value if type(value) is int and 0 <= value < 2**53 else 0


def _leaf(entry: object) -> StateLeaf | None:
    match entry:
        case [str(root), str(carrier), str(path), str(kind), str(value), bool(truncated)] if root in _ROOTS:
            carrier, path, kind = (well_formed(text[:_LEAF_TEXT_MAX]) for text in (carrier, path, kind))
            kept = well_formed(value[:_LEAF_TEXT_MAX])
            return StateLeaf(
                root=cast("StateRoot", root),
                carrier=carrier,
                path=path,
                kind=kind,
                value=kept,
                truncated=truncated or len(value) > _LEAF_TEXT_MAX,
            )
        case _:
            return None
