"""Records of what a function kept, and of work that went on late, as replays with the probe tell of them. Pure.

They are read from :mod:`sandbox_runner.events.records` like all others.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from sandbox_runner.events.base import RecordBase
from sandbox_runner.messages import Kind, Message
from sandbox_runner.runtimes.model import ModuleRoot

# Where a value was seen: in the process, or in a file.
StateRoot: TypeAlias = ModuleRoot | Literal["tmp-file"]

ProbeMessage = Annotated[Message, Kind("probe")]
LateMessage = Annotated[Message, Kind("late")]


class StateLeaf(RecordBase):
    """One value that user code keeps. ``path`` is what a person would write, ``app.cache['k'][0]``.

    ``carrier`` is the named place that holds it (``app.cache``); ``value`` is its text, cut at the probe's limit.
    """

    root: StateRoot
    carrier: str
    path: str
    kind: str
    value: str
    truncated: bool = False


class LateLine(RecordBase):
    """A line that came out in one invocation and was written by work that request ``started_by`` had started.

    ``started_by`` 0 is module code, -1 a request that is not known. ``text`` is cut at 1 KB; with ``effect`` it is no
    line, but what was done: to a file (``wrote``, ``removed``, ``renamed``, ``made-folder``, ``removed-folder``) and
    its path, or ``sent``, how many bytes and the port of a peer.
    """

    started_by: int
    kind: Literal["thread", "timer", "child", "promise", "unknown"]
    text: str
    effect: Literal["", "file", "peer"] = ""


class StateCaptured(RecordBase):
    """What was held after init (``after_index`` 0) or after request ``after_index``. From a replay with the probe.

    ``late`` is what came out during that request and was not its own. ``disturbed`` says how user code got in the
    probe's way, as far as that was seen: what the walk says, or does not say, is then nothing to rely on.
    """

    type: Literal["state.captured"] = "state.captured"
    after_index: int
    leaves: tuple[StateLeaf, ...]
    nodes: int
    truncated: bool
    took_us: int = 0
    late: tuple[LateLine, ...] = ()
    disturbed: ProbeMessage | None = None


class LateWork(RecordBase):
    """Output or an effect inside one invocation that comes from work an earlier one started.

    ``started_by`` is the index of the request that started it (0: module code); ``ran_in`` the index it came out in.
    ``kind`` is the thread, timer, child process or promise as far as can be known; ``evidence`` says how it is known.
    ``effect`` is empty for output; else it is to what ``done`` was done.
    """

    type: Literal["work.late"] = "work.late"
    started_by: int
    ran_in: int
    kind: Literal["thread", "timer", "child", "promise", "unknown"]
    text: str
    evidence: LateMessage
    effect: Literal["", "file", "peer"] = ""
    done: LateMessage | None = None
