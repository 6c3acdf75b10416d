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

from sandbox_runner.messages import DEFAULT, cut, render, say

if TYPE_CHECKING:
    from sandbox_runner.messages import Language, Message

_DETAIL_CHARACTERS_MAX: Final = 2_000


class HoldoverError(Exception):
    """Base of everything below."""

    def told(self, language: Language = DEFAULT) -> str:  # noqa: ARG002 - what has a catalogue says it in that language
        """What a person is told."""
        return str(self)


class ScenarioError(HoldoverError):
    """A scenario cannot be played as written.

    :param message: what is wrong; its sentence names the field and the cure.
    :param field: dotted path of the field, ``steps[2].invoke.payload``; empty for the document as a whole.
    :param line: 1-based line in the source text, where the scenario came from text.
    :param column: 1-based column in the source text.
    :param file: the file that it was read from, where a tool would like to lead to it.
    """

    def __init__(
        self,
        message: Message,
        *,
        field: str = "",
        line: int | None = None,
        column: int | None = None,
        file: str = "",
    ) -> None:
        super().__init__(render(message))
        self.message = message
        self.field = field
        self.line = line
        self.column = column
        self.file = file

    @property
    def problem(self) -> str:
        """The sentence in English, without its place."""
        return render(self.message)

    def told(self, language: Language = DEFAULT) -> str:
        """The sentence with its place: the file and the line in it, or the line alone."""
        if self.file:
            place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
            return f"{place}: {render(self.message, language)}"
        return render(say("at-line", line=self.line, problem=self.message) if self.line else self.message, language)

    def __str__(self) -> str:
        return self.told()


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

    def told(self, language: Language = DEFAULT) -> str:
        """What a person is told."""
        return render(self.message, language)


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
