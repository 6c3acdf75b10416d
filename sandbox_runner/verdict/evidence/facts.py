"""What the event log says that the oracles need: requests, who came after whom where, replays and states. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits
from sandbox_runner.events.records import (
    InitFailed,
    LogWritten,
    PlatformInitReport,
    ProofSlowed,
    ProofStarted,
    ProofStopped,
    ReplayAnswered,
    ReplayStarted,
    RequestAnswered,
    RequestAssigned,
    RequestThrottled,
    RunStarted,
    StateCaptured,
)
from sandbox_runner.results.model import Outcome
from sandbox_runner.rules.requests import at_once, every_request
from sandbox_runner.verdict.evidence.account_history import AccountHistory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from sandbox_runner.events.records import Event, LeafChange
    from sandbox_runner.scenario.model import Scenario
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
        return _ended_the_process(self.requests[index])

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


# Python's client ends of the 413 that goes with it, so no walk can come after it; see the ledger, answer-too-large.
_TOO_LARGE: Final = (
    '{"errorMessage":"Response payload size exceeded maximum allowed payload size '
    f'({limits.RESPONSE_BYTES_MAX} bytes).","errorType":"Function.ResponseSizeTooLarge"}}'
)


# After these a process is started anew, and another init comes before the next request.
_PROCESS_ENDED: Final = frozenset({Outcome.TIMEOUT, Outcome.RUNTIME_EXIT, Outcome.OUT_OF_MEMORY})


def _ended_the_process(request: Played) -> bool:
    return request.answer is not None and request.answer.outcome in _PROCESS_ENDED


@dataclass(slots=True)
class _Reader:
    requests: dict[int, Played]
    ids: dict[str, int] = field(default_factory=dict)
    sequences: dict[str, list[int]] = field(default_factory=dict)
    logs: dict[str, list[str]] = field(default_factory=dict)
    alone: dict[int, list[Answer]] = field(default_factory=dict)
    again: dict[int, list[Answer]] = field(default_factory=dict)
    states: dict[str, dict[int, StateCaptured]] = field(default_factory=dict)
    started: dict[int, ReplayStarted] = field(default_factory=dict)
    trials: dict[int, dict[int, Answer]] = field(default_factory=dict)
    turned: dict[int, list[Answer]] = field(default_factory=dict)
    turned_states: dict[str, dict[int, StateCaptured]] = field(default_factory=dict)
    walks: dict[tuple[int, ...], dict[int, str]] = field(default_factory=dict)
    walking: set[str] = field(default_factory=set)
    stopped: ProofStopped | None = None
    slowed: bool = False
    at_epoch_ms: int = 0
    put_back: dict[tuple[int, int], Answer] = field(default_factory=dict)
    at_once: Mapping[int, int] = field(default_factory=dict)
    account: AccountHistory = field(default_factory=AccountHistory)

    def read(self, event: Event) -> None:
        match event.record:
            case RunStarted() as started:
                self.at_epoch_ms = started.at_epoch_ms
            case RequestAssigned() | RequestThrottled() | RequestAnswered() as record if record.index in self.requests:
                self._request(event, record)
            case LogWritten() as line if event.request_id:
                self.logs.setdefault(event.request_id, []).append(line.text)
            case ReplayStarted() as started:
                self.started[started.replay] = started
                if started.purpose == "xray":
                    self.walks.setdefault(started.indexes, {})
                    self.walking -= {name for name, own in self.sequences.items() if started.indexes[0] in own}
            case ReplayAnswered() as answered if answered.replay in self.started:
                self._replay(event, answered, self.started[answered.replay])
            case StateCaptured() as state if event.environment:
                self._state(event.environment, state)
            case ProofSlowed():
                self.slowed = True
            case ProofStarted() | ProofStopped() as proof:
                # A proof that went on is not the one that stopped.
                self.stopped = proof if isinstance(proof, ProofStopped) else None
            case _:
                pass

    def _request(self, event: Event, record: RequestAssigned | RequestThrottled | RequestAnswered) -> None:
        known = self.requests[record.index]
        if isinstance(record, RequestThrottled):
            self.requests[record.index] = replace(known, throttled=True)
        elif isinstance(record, RequestAssigned):
            self.requests[record.index] = replace(known, environment=event.environment)
            if record.instead_of is not None:
                self.sequences[record.instead_of].remove(record.index)
            self.sequences.setdefault(event.environment or "", []).append(record.index)
        else:
            answer = Answer(event.request_id or "", record.outcome, record.response, cut=record.response_cut > 0)
            self.requests[record.index] = replace(known, answer=answer)

    def _state(self, environment: str, state: StateCaptured) -> None:
        """A walk after another init of the same replay is that after the request whose end made it necessary."""
        name, is_turned, _ = environment.partition(OTHER_ORDER)
        states = (self.turned_states if is_turned else self.states).setdefault(name, {})
        after = state.after_index
        if after == 0 and not is_turned:
            if name in self.walking:
                ended = (each for each in self.sequences.get(name, ()) if _ended_the_process(self.requests[each]))
                after = next((each for each in ended if each not in states), 0)
            self.walking.add(name)
        states.setdefault(after, state)

    def _replay(self, event: Event, record: ReplayAnswered, started: ReplayStarted) -> None:
        answer = Answer(event.request_id or "", record.outcome, record.response, record.log)
        if started.purpose in ("interference", "carrier", "xray"):
            self.trials.setdefault(started.replay, {})[record.index] = answer
        if started.purpose == "account":
            self.put_back.setdefault((record.index, started.as_of), answer)
        elif started.purpose == "xray" and (record.outcome, record.response) != (Outcome.FUNCTION_ERROR, _TOO_LARGE):
            self.walks[started.indexes].setdefault(record.index, record.outcome)
        elif started.purpose == "history" and len(started.indexes) == 1:
            self.alone.setdefault(record.index, []).append(answer)
        elif started.purpose == "history" and self._is_turned(started.indexes):
            self.turned.setdefault(record.index, []).append(answer)
        elif started.purpose == "history" and record.index == started.indexes[-1]:
            self.again.setdefault(record.index, []).append(answer)

    def _is_turned(self, indexes: tuple[int, ...]) -> bool:
        count = len(indexes)
        return self.at_once.keys().isdisjoint(indexes) and any(
            backwards(sequence)[:count] == indexes != tuple(sequence[:count]) for sequence in self.sequences.values()
        )

    def all_trials(self) -> tuple[Trial, ...]:
        """The replays of which every request was answered, and that the machine had time for."""
        pairs = ((self.started[number], answers) for number, answers in self.trials.items())
        whole = (
            Trial(started.purpose, started.indexes, started.changes, started.restored, answers)
            for started, answers in pairs
            if len(answers) == len(started.indexes)
        )
        return tuple(trial for trial in whole if not was_starved(self.requests, trial))

    def with_log(self, request: Played) -> Played:
        """The request with its lines, which may come after its answer."""
        if request.answer is None:
            return request
        lines = tuple(self.logs.get(request.answer.request_id, ()))
        return replace(request, answer=replace(request.answer, log=lines))


def read_facts(scenario: Scenario, events: Sequence[Event]) -> Facts:
    """The facts of a run, or of any beginning of one."""
    reader = _Reader(
        {
            index: Played(
                index,
                principal,
                request.principal is not None,
                request.payload,
                request.payload_text,
                scenario.name_of(request.function),
            )
            for index, principal, request in every_request(scenario, events, whole=True)
        },
        at_once=at_once(scenario),
    )
    for event in events:
        reader.read(event)
        reader.account.read(event)
    moments = reader.account.moments()
    return Facts(
        requests={
            index: replace(reader.with_log(request), moment=moments.get(index, 0))
            for index, request in reader.requests.items()
        },
        sequences={name: tuple(indexes) for name, indexes in reader.sequences.items()},
        alone={index: tuple(answers) for index, answers in reader.alone.items()},
        again={index: tuple(answers) for index, answers in reader.again.items()},
        states=reader.states,
        stopped=reader.stopped,
        at_epoch_ms=reader.at_epoch_ms,
        trials=reader.all_trials(),
        turned={index: tuple(answers) for index, answers in reader.turned.items()},
        turned_states=reader.turned_states,
        walks=reader.walks,
        slowed=reader.slowed,
        calls=reader.account.calls(),
        put_back=reader.put_back,
        unloaded=_unloaded(events),
        loaded=frozenset(each.environment or "" for each in events if _is_good_init(each.record)),
        at_once=reader.at_once,
    )


def _unloaded(events: Sequence[Event]) -> dict[str, str]:
    found: dict[str, str] = {}
    for event in events:
        match event.record:
            case InitFailed(said=said):
                found[event.environment or ""] = said
            case PlatformInitReport(status="success"):
                found.pop(event.environment or "", None)
            case _:
                pass
    return found


def _is_good_init(record: object) -> bool:
    return isinstance(record, PlatformInitReport) and record.status == "success"


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
