"""Reads the event log into facts, as far as it goes. Pure."""

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
    RequestArrived,
    RequestAssigned,
    RequestThrottled,
    RunStarted,
    StateCaptured,
)
from sandbox_runner.results.model import Outcome
from sandbox_runner.rules.requests import at_once, every_request
from sandbox_runner.verdict.evidence.account_history import AccountHistory
from sandbox_runner.verdict.evidence.facts import (
    OTHER_ORDER,
    Answer,
    Facts,
    Played,
    Trial,
    backwards,
    ended_the_process,
    was_starved,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox_runner.events.records import Event
    from sandbox_runner.scenario.model import Scenario

# Python's client ends of the 413 that goes with it, so no walk can come after it; see the ledger, answer-too-large.
_TOO_LARGE: Final = (
    '{"errorMessage":"Response payload size exceeded maximum allowed payload size '
    f'({limits.RESPONSE_BYTES_MAX} bytes).","errorType":"Function.ResponseSizeTooLarge"}}'
)


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
    unloaded: dict[str, str] = field(default_factory=dict)
    loaded: set[str] = field(default_factory=set)

    def read(self, event: Event) -> None:
        self.account.read(event)
        self._init(event)
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

    def _init(self, event: Event) -> None:
        match event.record:
            case InitFailed(said=said):
                self.unloaded[event.environment or ""] = said
            case PlatformInitReport(status="success"):
                self.unloaded.pop(event.environment or "", None)
                self.loaded.add(event.environment or "")
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
                ended = (each for each in self.sequences.get(name, ()) if ended_the_process(self.requests[each]))
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

    def facts(self) -> Facts:
        """What was read so far; what is read later changes nothing in it."""
        moments = self.account.moments()
        return Facts(
            requests={
                index: replace(self.with_log(request), moment=moments.get(index, 0))
                for index, request in self.requests.items()
            },
            sequences={name: tuple(indexes) for name, indexes in self.sequences.items()},
            alone={index: tuple(answers) for index, answers in self.alone.items()},
            again={index: tuple(answers) for index, answers in self.again.items()},
            states={name: dict(states) for name, states in self.states.items()},
            stopped=self.stopped,
            at_epoch_ms=self.at_epoch_ms,
            trials=self.all_trials(),
            turned={index: tuple(answers) for index, answers in self.turned.items()},
            turned_states={name: dict(states) for name, states in self.turned_states.items()},
            walks={indexes: dict(came_to) for indexes, came_to in self.walks.items()},
            slowed=self.slowed,
            calls=self.account.calls(),
            put_back=dict(self.put_back),
            unloaded=dict(self.unloaded),
            loaded=frozenset(self.loaded),
            at_once=self.at_once,
        )


class FactsReader:
    """Reads the log of a run that grows by replays; what was read is not read again."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._reader: _Reader | None = None
        self._read = 0

    def facts(self, events: Sequence[Event]) -> Facts:
        """The facts of ``events``, which begin with those of the last time."""
        new = events[self._read :]
        # What requests there are is known before what became of them is read.
        if self._reader is None or any(isinstance(event.record, RequestArrived) for event in new):
            self._reader, new = _reader(self._scenario, events), events
        self._read = len(events)
        for event in new:
            self._reader.read(event)
        return self._reader.facts()


def read_facts(scenario: Scenario, events: Sequence[Event]) -> Facts:
    """The facts of a run, or of any beginning of one."""
    return FactsReader(scenario).facts(events)


def _reader(scenario: Scenario, events: Sequence[Event]) -> _Reader:
    requests = {
        index: Played(
            index,
            principal,
            request.principal is not None,
            request.payload,
            request.payload_text,
            scenario.name_of(request.function),
        )
        for index, principal, request in every_request(scenario, events, whole=True)
    }
    return _Reader(requests, at_once=at_once(scenario))
