"""The records of what the verdict asked to be played again. Pure."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from sandbox_runner.events.base import RecordBase
from sandbox_runner.messages import Kind, Message

StoppedMessage = Annotated[Message, Kind("stopped")]


class ProofStarted(RecordBase):
    """The scenario is done and its verdict is to be proven, within ``seconds`` of run time and ``replays`` in all."""

    type: Literal["proof.started"] = "proof.started"
    seconds: float
    replays: int


class LeafChange(RecordBase):
    """In a replay, leaf ``leaf`` of request ``index``'s payload was ``value`` (JSON text) in place of what it is."""

    index: int
    leaf: str
    value: str

    def parsed(self) -> Any:
        """The value itself."""
        return json.loads(self.value)


class ReplayStarted(RecordBase):
    """The verdict asked for a replay of ``indexes``, in order.

    ``history`` is one request alone or after what ran before it, ``xray`` the same requests with the probe,
    ``interference`` requests of which one was sent with ``changes``, ``carrier`` requests before whose last the
    places ``restored`` were put back. ``replay`` numbers the replays of a run from 1.
    """

    type: Literal["replay.started"] = "replay.started"
    purpose: Literal["history", "xray", "interference", "carrier"]
    indexes: tuple[int, ...]
    round: int
    replay: int = 0
    changes: tuple[LeafChange, ...] = ()
    restored: tuple[str, ...] = ()


class ReplayAnswered(RecordBase):
    """What request ``index`` was answered in the replay of that number, and what it logged."""

    type: Literal["replay.answered"] = "replay.answered"
    purpose: Literal["history", "xray", "interference", "carrier"]
    index: int
    round: int
    outcome: str
    response: str
    log: tuple[str, ...] = ()
    replay: int = 0


class ProofStopped(RecordBase):
    """Replays ended before all that were wanted were played; ``why`` says which budget ran out."""

    type: Literal["proof.stopped"] = "proof.stopped"
    played: int
    wanted: int
    why: StoppedMessage
