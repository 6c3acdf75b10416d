"""What the event log says that the oracles need: requests, who came after whom where, replays and states. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sandbox_runner.results.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from sandbox_runner.events.records import (
        LeafChange,
        ProofStopped,
        StateCaptured,
    )
    from sandbox_runner.verdict.evidence.account_history import Called

# Follows the name of an environment of the run in that of the replay of its requests backwards.
OTHER_ORDER: Final = ", other order"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request came to, in the run or in a replay. ``request_id`` is its own, to be taken out of its texts."""

    request_id: str
    outcome: str
    response: str
    log: tuple[str, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Played:
    """One request of the scenario, to ``function``. ``named`` says that its principal was given and not made up.

    Requests with the same ``moment`` met the same account: nothing was changed there in between.
    """

    index: int
    principal: str
    named: bool
    payload: JsonValue
    payload_text: str
    function: str = ""
    environment: str | None = None
    answer: Answer | None = None
    throttled: bool = False
    moment: int = 0

    @property
    def asks(self) -> tuple[str, str, int]:
        """What it asks of whom, and when: two requests that ask the same get the same fresh answer."""
        return self.function, self.payload_text, self.moment


@dataclass(frozen=True, slots=True)
class Trial:
    """One replay that is compared with others of its requests: what was changed in it, what came of each request."""

    purpose: str
    indexes: tuple[int, ...]
    changes: tuple[LeafChange, ...]
    restored: tuple[str, ...]
    answers: Mapping[int, Answer]


@dataclass(frozen=True, slots=True)
class Facts:
    """The event log, read.

    ``sequences`` has the indexes of each environment's requests in order. ``alone`` and ``again`` have the answers of
    replays by request: in a fresh environment, and after the same requests as in the run. ``states`` has, for each
    environment, the walks of its replay by the request they follow (0 is init); after one that ended the process, that
    is the walk after the init that followed. ``trials`` has the replays of the interference and carrier oracles, and
    the walks. ``turned`` and ``turned_states`` are answers and walks of replays
    backwards. ``walks`` has the replays with the probe by the requests they were to play: what each of those came to,
    as far as they were played to the end. ``slowed`` says that replays side by side differed among themselves, so that
    the rest were played one after the other. ``calls`` has the calls of each request to AWS's services, and
    ``put_back`` what a request, the first, was answered where it met the account as it was when another, the second,
    came. ``unloaded`` has, for each environment of which no init succeeded, what the runtime said of the first.
    ``loaded`` are the environments of which one did.
    ``at_once`` has the step of each request that others of that step may overlap in its environment.
    """

    requests: Mapping[int, Played]
    sequences: Mapping[str, tuple[int, ...]]
    alone: Mapping[int, tuple[Answer, ...]]
    again: Mapping[int, tuple[Answer, ...]]
    states: Mapping[str, Mapping[int, StateCaptured]]
    stopped: ProofStopped | None
    at_epoch_ms: int
    trials: tuple[Trial, ...] = ()
    turned: Mapping[int, tuple[Answer, ...]] = field(default_factory=dict)
    turned_states: Mapping[str, Mapping[int, StateCaptured]] = field(default_factory=dict)
    walks: Mapping[tuple[int, ...], Mapping[int, str]] = field(default_factory=dict)
    slowed: bool = False
    calls: Mapping[int, tuple[Called, ...]] = field(default_factory=dict)
    put_back: Mapping[tuple[int, int], Answer] = field(default_factory=dict)
    unloaded: Mapping[str, str] = field(default_factory=dict)
    loaded: frozenset[str] = frozenset()
    at_once: Mapping[int, int] = field(default_factory=dict)
    _asked: dict[tuple[str, str, int], list[int]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def walks_of(self, environment: str) -> tuple[Mapping[int, str], ...]:
        """The walks of an environment's requests, or of the first of them."""
        sequence = self.sequences[environment]
        return tuple(came_to for played, came_to in self.walks.items() if sequence[: len(played)] == played)

    def before(self, index: int) -> tuple[int, ...]:
        """The requests that were in the same environment before request ``index``, in order; then those beside it.

        An asynchronous request may have been there before itself: what it was answered is what its last attempt was.
        """
        environment = self.requests[index].environment
        sequence = self.sequences.get(environment, ()) if environment else ()
        if index not in sequence:
            return ()
        last = len(sequence) - 1 - sequence[::-1].index(index)
        return (*sequence[:last], *(each for each in sequence[last + 1 :] if self.overlap(each, index)))

    def overlap(self, *indexes: int) -> bool:
        """Whether requests that one environment served may have been under way there at the same time."""
        steps = {self.at_once.get(index) for index in indexes}
        return len(steps) == 1 and None not in steps

    def ended_the_process(self, index: int) -> bool:
        """Whether request ``index`` left a process that was started anew: of what it held, only ``/tmp`` stayed."""
        return ended_the_process(self.requests[index])

    def is_order(self, indexes: Sequence[int]) -> bool:
        """Whether those before the last of ``indexes`` came before it."""
        return set(indexes[:-1]) <= set(self.before(indexes[-1]))

    def readers(self) -> tuple[Played, ...]:
        """The requests that were answered and that others came before, in the same environment."""
        return tuple(each for each in self.requests.values() if each.answer is not None and self.before(each.index))

    def controls(self, index: int) -> tuple[Answer, ...]:
        """The fresh answers to what request ``index`` asks; requests of one function and equal payload share theirs."""
        if not self._asked:
            asked: dict[tuple[str, str, int], list[int]] = {}
            for each in self.requests.values():
                asked.setdefault(each.asks, []).append(each.index)
            self._asked.update(asked)
        same = self._asked[self.requests[index].asks]
        return tuple(answer for other in same for answer in self.alone.get(other, ()))


# After these a process is started anew, and another init comes before the next request.
_PROCESS_ENDED: Final = frozenset({Outcome.TIMEOUT, Outcome.RUNTIME_EXIT, Outcome.OUT_OF_MEMORY})


def ended_the_process(request: Played) -> bool:
    """Whether a request left a process that was started anew."""
    return request.answer is not None and request.answer.outcome in _PROCESS_ENDED


def was_starved(requests: Mapping[int, Played], trial: Trial) -> bool:
    """Whether a replay in which nothing was changed ran into a timeout that the run did not: the machine was too busy.

    It says nothing of the function, and others cannot be compared with it.
    """
    if trial.changes or trial.restored:
        return False
    ran_into = (index for index, answer in trial.answers.items() if answer.outcome == Outcome.TIMEOUT)
    came_to = (requests[index].answer for index in ran_into)
    return any(answer is not None and answer.outcome != Outcome.TIMEOUT for answer in came_to)


def backwards(sequence: Sequence[int]) -> tuple[int, ...]:
    """Each request of a sequence once, the last first."""
    return tuple(reversed(dict.fromkeys(sequence)))


def ran(request: Played) -> bool:
    """Whether the function's handler had its turn with it."""
    return request.answer is not None and request.answer.outcome not in {
        Outcome.THROTTLED,
        Outcome.NOT_PLAYED,
        Outcome.INIT_ERROR,
    }


def timed_out(request: Played) -> bool:
    """Whether it has no answer of the function's, and is never replayed: that would take the timeout each time."""
    return request.answer is not None and request.answer.outcome == Outcome.TIMEOUT
