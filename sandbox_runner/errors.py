"""Every error this package raises, in one tree.

User code that fails is *data* (an ``Outcome`` in the result), never an exception. What is raised is sorted by who
must act::

    HoldoverError
    ├── ScenarioError          the person who wrote the scenario: names the field, the line and the cure
    ├── UsageError             the person who wrote the command line: names the option and the cure
    ├── RunCancelled           nobody: somebody asked for the run to end
    └── OurFailure             us: shown with a reference, never as the user's fault
        ├── BackendUnavailable     no sandbox can be made on this machine, and how to get one
        │   ├── EngineAway             what makes sandboxes does not answer; it may, later
        │   └── RunNotBegun            nothing of the run's code has run: it may be played as if it was new
        ├── SandboxLost            a sandbox went away although nobody ended it
        ├── ProtocolViolation      guest and host disagree about the wire
        └── IllegalTransition      a trigger that the lifecycle table does not allow
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.messages import cut, say

if TYPE_CHECKING:
    from sandbox_runner.messages import Message

_DETAIL_CHARACTERS_MAX: Final = 2_000


class HoldoverError(Exception):
    """Base of everything below."""


class ScenarioError(HoldoverError):
    """A scenario cannot be played as written.

    :param problem: one sentence that names the field and the cure.
    :param field: dotted path of the field, ``steps[2].invoke.payload``; empty for the document as a whole.
    :param line: 1-based line in the source text, where the scenario came from text.
    :param column: 1-based column in the source text.
    """

    def __init__(self, problem: str, *, field: str = "", line: int | None = None, column: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.field = field
        self.line = line
        self.column = column

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.problem}"


class UsageError(HoldoverError):
    """A command line asks for something that cannot be done; the message names the option and the cure."""


class RunCancelled(HoldoverError):
    """The run was asked to end before its scenario did."""


class OurFailure(HoldoverError):
    """Something on our side failed; user code is not to blame."""

    code = "other-failure"

    @property
    def message(self) -> Message:
        """What people are told; its detail is what was raised, for whoever looks after the machine."""
        return say(self.code, detail=cut(str(self), _DETAIL_CHARACTERS_MAX))


class BackendUnavailable(OurFailure):
    """No sandbox can be made here; the detail says what is missing and how to get it."""

    code = "no-sandbox"


class EngineAway(BackendUnavailable):
    """What makes sandboxes does not answer; the message says what was met where it should be. It may answer later."""


class RunNotBegun(BackendUnavailable):
    """No sandbox could be had before anything of the run's code had run, so the run may be played as if it was new.

    :param engine_away: whether that is because the engine does not answer, which is not the run's doing.
    """

    def __init__(self, problem: str, *, engine_away: bool) -> None:
        super().__init__(problem)
        self.engine_away = engine_away


class SandboxLost(OurFailure):
    """A sandbox ended although nobody asked it to."""

    code = "sandbox-lost"


class ProtocolViolation(OurFailure):
    """A peer on the wire said something the protocol does not know or said too much."""

    code = "protocol-violation"


class IllegalTransition(OurFailure):
    """A trigger was fired in a state whose row in the lifecycle table does not have it."""

    code = "illegal-transition"
