"""The seam to whatever answers for AWS's services, in our own terms.

An account is a set of resources, apart from those of all others. A copy starts with what the original has then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from sandbox_runner.aws_place import REGION
from sandbox_runner.errors import AccountLost

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sandbox_runner.account.workflow_news import WorkflowNews
    from sandbox_runner.events.records import AccountChange, HeldThing


Source: TypeAlias = Literal["sns", "s3", "eventbridge"]
"""The services that send events to functions by themselves."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """An event that a service sends to a function: the topic, the bucket or the rule ``name`` of ``source`` does.

    ``function`` is the ARN as it was configured. There is no ``payload`` where it was too much to carry.
    """

    source: Source
    name: str
    function: str
    payload: bytes | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose call led to something: that of a request, in an init (0), or of a caller from outside, by name."""

    index: int = 0
    request_id: str = ""
    principal: str = ""


@dataclass(frozen=True, slots=True)
class AwsRequest:
    """A request as an SDK sends it. ``target`` is path and query as they were sent; ``headers`` has ``Host``.

    ``too_large`` is the size of a body that is not carried, as far as it is known; 0 where ``body`` is all of it.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    too_large: int = 0

    def header(self, name: str) -> str:
        """The value of a header; empty without."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class AwsAnswer:
    """The answer to it, and what services sent to functions because of it.

    ``is_ours``: whatever answers has failed, which neither the service would have done nor the function did.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    pushed: tuple[Pushed, ...] = ()
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation by the names of botocore's model, with the parameters that it takes, in a region."""

    service: str
    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    region: str = REGION


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of an operation. ``refused`` is the service's own words against it, empty where it was done."""

    refused: str
    answer: AwsAnswer


@dataclass(frozen=True, slots=True)
class Hidden:
    """Messages of a queue that are in flight or delayed: in how many milliseconds each can be received, and how often
    it was. ``received_most`` is after how many receptions they go to the dead-letter queue, if there is one; ``moved``
    counts the messages of the account that went to one.
    """

    waits: tuple[tuple[int, int], ...] = ()
    received_most: int | None = None
    moved: int = 0


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one look at an account found: the first of what changed since the last one, and of what it holds."""

    changes: tuple[AccountChange, ...] = ()
    changes_in_all: int = 0
    things: tuple[HeldThing, ...] = ()
    things_in_all: int = 0


class AccountTooSlowError(AccountLost):
    """A request was not answered in time; the account is gone."""


class Account(Protocol):
    """One account. Used within one event loop; several requests may be under way."""

    async def answer(self, request: AwsRequest, seed: str) -> AwsAnswer:
        """Answer a request; one for a service that there is not has status 501.

        :param seed: what is made up, such as ids, follows from it alone.
        :raises AccountTooSlowError: it takes too long.
        :raises OurFailure: whatever answers has failed, or is gone.
        """
        ...

    async def call(self, operation: Operation, seed: str) -> Reply:
        """Carry out an operation.

        :raises AccountTooSlowError: it takes too long.
        :raises OurFailure: whatever answers has failed, or is gone.
        """
        ...

    async def copy(self) -> Account:
        """Another account with the same resources.

        :raises OurFailure: whatever answers has failed, or is gone.
        """
        ...

    async def move_workflows(self, now_ms: int, done: Sequence[Mapping[str, Any]], seed: str) -> WorkflowNews:
        """Let the executions of its state machines go on as far as they can.

        :param now_ms: the service's time since 1970.
        :param done: what became of tasks, see ``inside/workflows/account.py``.
        :raises OurFailure: whatever answers has failed, or is gone.
        """
        ...

    async def pass_time(self, ahead_ms: int) -> None:
        """Its queues' clock is so far ahead from now on, in all copies that are made of it.

        :raises OurFailure: whatever answers has failed, or is gone.
        """
        ...

    async def hidden(self, queue: str) -> Hidden:
        """The messages of a queue that cannot be received now.

        :raises OurFailure: whatever answers has failed, or is gone.
        """
        ...

    async def look(self, *, whole: bool) -> Holdings:
        """What changed since the last look at this account; looking changes nothing.

        :param whole: whether it also says what it holds.
        :raises AccountTooSlowError: it takes too long.
        :raises OurFailure: whatever answers has failed, or is gone.
        """
        ...

    async def stream_records(
        self, kind: str, name: str, after: Mapping[str, int], count: int
    ) -> dict[str, list[dict[str, Any]]]:
        """Of each shard of a table's or a Kinesis stream, so many records after the first so many; no shards of none.

        A record is what a function gets (``record``), its ``sequence`` number, when it came (``at_ms``, of the epoch)
        and the seed of the call that wrote it (``origin``).

        :raises OurFailure: whatever answers has failed, or is gone.
        """
        ...

    async def end(self) -> None:
        """Forget it. May be called again."""
        ...


class Answering(Protocol):
    """Makes accounts."""

    async def open(self, services: Collection[str] = ()) -> Account:
        """An account without resources.

        :param services: those that are known to be needed, by botocore's names.
        :raises BackendUnavailable: none can be had on this machine.
        :raises OurFailure: whatever answers has failed.
        """
        ...

    async def close(self) -> None:
        """Forget every account."""
        ...
