"""Every exception of this package, in one tree.

User code that fails is *data* (an ``Outcome`` in the result), never an exception. Exceptions are grouped by who must
act::

    HoldoverError
    ├── ScenarioError          the person who wrote the scenario: names the field, the line and the cure
    ├── UsageError             the person who wrote the command line: names the option and the cure
    ├── RunCancelled           nobody: somebody asked for the run to end
    └── OurFailure             us: shown with a reference, never as the user's fault
        ├── BackendUnavailable     no sandbox can be made on this machine, and how to get one
        │   ├── EngineAway             what makes sandboxes does not answer; it may, later
        │   ├── SandboxNotReady        one was started and did not get ready; another may
        │   └── RunNotBegun            nothing of the run's code has run: it may be played as if it was new
        ├── IndexAway              the package index does not answer, or refuses; it may answer later
        ├── ArchiveMissing         a zip that a scenario names is not kept here: says which one
        ├── AccountLost            what answers for AWS's services went away, or failed
        ├── ImageChanged           a proof was to go on with another sandbox image than that of its run
        ├── SandboxLost            a sandbox went away although nobody ended it
        ├── ProtocolViolation      guest and host disagree about the wire
        └── IllegalTransition      a trigger that the lifecycle table does not allow
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.messages import DEFAULT, cut, render, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.messages import Language, Message

_DETAIL_CHARACTERS_MAX: Final = 2_000
_PACKAGES_NAMED_MAX: Final = 10


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
    """The command line is invalid; the message names the option and the cure."""


class RunCancelled(HoldoverError):
    """The run was asked to end before its scenario did."""


class OurFailure(HoldoverError):
    """Something on our side failed; user code is not to blame."""

    code = "other-failure"

    @property
    def message(self) -> Message:
        """What users see; the detail is for the machine's administrator."""
        return say(self.code, detail=cut(str(self), _DETAIL_CHARACTERS_MAX))

    def told(self, language: Language = DEFAULT) -> str:
        """What a person is told."""
        return render(self.message, language)


class BackendUnavailable(OurFailure):
    """No sandbox can be made here; the detail says what is missing and how to get it."""

    code = "no-sandbox"


class EngineAway(BackendUnavailable):
    """The engine does not answer; the message says what happened on connecting. It may answer later."""


class SandboxNotReady(BackendUnavailable):
    """A sandbox was started and did not get ready, as on a machine that is very busy; another may."""


class RunNotBegun(BackendUnavailable):
    """No sandbox was available before any of the run's code ran, so the run may be played as if it were new.

    :param engine_away: whether the cause is an engine that does not answer, which is not the run's fault.
    """

    def __init__(self, problem: str, *, engine_away: bool) -> None:
        super().__init__(problem)
        self.engine_away = engine_away


class IndexAway(OurFailure):
    """The package index does not answer, or refuses to. It may answer later.

    :param missing: the packages that are not here, each with its version; empty where they are not known.
    """

    code = "index-away"

    def __init__(self, detail: str, missing: Sequence[str] = ()) -> None:
        super().__init__(detail)
        # A lock of npm has a package as often as there are places for it.
        self.missing = tuple(dict.fromkeys(missing))

    @property
    def message(self) -> Message:
        """The first of the missing packages, how many more there are, and what the index did."""
        if not self.missing:
            return super().message
        names = [cut(each) for each in self.missing[:_PACKAGES_NAMED_MAX]]
        more = len(self.missing) - len(names)
        return say("packages-away", packages=names, more=more, detail=cut(str(self), _DETAIL_CHARACTERS_MAX))


class ArchiveMissing(OurFailure):
    """A zip that a scenario names is not kept here."""

    code = "archive-missing"

    def __init__(self, name: str, sha256: str, size: int) -> None:
        super().__init__(f"{name}, SHA-256 {sha256}")
        self._what = {"name": name, "sha256": sha256, "bytes": size}

    @property
    def message(self) -> Message:
        """What users see."""
        return say(self.code, **self._what)


class ImageChanged(OurFailure):
    """A run's proof cannot go on here: its answers came from another sandbox image."""

    code = "image-changed"


class SandboxLost(OurFailure):
    """A sandbox ended without being asked to."""

    code = "sandbox-lost"


class AccountLost(OurFailure):
    """What answers for AWS's services went away although nobody ended it, or failed."""

    code = "account-lost"


class ProtocolViolation(OurFailure):
    """A peer on the wire sent something the protocol does not know, or too much."""

    code = "protocol-violation"


class IllegalTransition(OurFailure):
    """A trigger was fired in a state that does not allow it."""

    code = "illegal-transition"
