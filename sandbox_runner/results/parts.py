"""What parts of a result have in common, and those that stand for themselves: packages, proof, invoice. Pure."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox_runner.events.records import AccountChange, HeldThing, ServedAttempt
from sandbox_runner.messages import Kind, Message
from sandbox_runner.scenario.field_types import is_absent

StoppedMessage = Annotated[Message, Kind("stopped")]

# The name of the function that a part is about. Absent if the scenario has a single, unnamed function.
FunctionOfResult = Annotated[str | None, Field(exclude_if=is_absent)]


class Part(BaseModel):
    """Frozen, and without fields that its version does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Truncated(Part):
    """Counts of what was left out of an invocation's record."""

    log_lines: int = 0
    log_bytes: int = 0
    response_bytes: int = 0


class Chunk(Part):
    """``bytes`` of a streamed answer, which came at ``at_us``."""

    at_us: int
    bytes: int


class StreamedResult(Part):
    """How an answer came that was streamed. ``chunks_left_out`` counts those that are not listed.

    ``failure`` is what was said of an error after the first of them, ``None`` if there was none.
    """

    chunks: tuple[Chunk, ...] = ()
    chunks_left_out: int = 0
    failure: str | None = None


class ProofResult(Part):
    """How much of its budget the proof used; ``stopped`` says why it ended early, or is null."""

    replays: int
    replays_max: int
    seconds: float
    seconds_max: float
    stopped: StoppedMessage | None = None


class Invoice(Part):
    """The billed amount: attempts that reached an environment, their time, and memory times time."""

    requests: int
    billed_ms: int
    gb_seconds: float


class Package(Part):
    """One installed package."""

    name: str
    version: str


class AccountChanges(Part):
    """What changed in the account at ``at_us`` or before, since it was last looked at, while ``during`` were served."""

    at_us: int
    during: tuple[ServedAttempt, ...]
    changes: tuple[AccountChange, ...]
    left_out: int = 0


class AccountResult(Part):
    """What the account held when the run ended, and what had changed in it since its resources were made.

    ``things`` are the first of ``things_in_all`` resources. ``lost``: it could not be looked at to the end.
    """

    things: tuple[HeldThing, ...]
    things_in_all: int
    changes: tuple[AccountChanges, ...]
    lost: bool = False


class DependenciesResult(Part):
    """What was installed for a function: each package, and the text of the lock that says so, as the file ``file``."""

    function: FunctionOfResult = None
    file: str
    packages: tuple[Package, ...]
    lock: str
    bytes: int | None = None
    was_there: bool | None = None


ExtensionPhase = Literal["init", "invoke", "after-runtime", "shutdown"]


class ExtensionSpan(Part):
    """What an extension had to do: ``after-runtime`` is its part of an invocation when the runtime was done.

    ``how`` says how its process ended, where that ended the span.
    """

    phase: ExtensionPhase
    start_us: int
    end_us: int
    request_id: str | None = None
    how: str = ""


class ExtensionResult(Part):
    """One extension of an environment; ``events`` are those that it registered for last."""

    name: str
    external: bool
    events: tuple[str, ...]
    spans: tuple[ExtensionSpan, ...]
