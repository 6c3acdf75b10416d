"""What each oracle looked at and what it did not: the verdict's small print. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sandbox_runner.messages import cut, say
from sandbox_runner.results.model import Check, Outcome
from sandbox_runner.verdict.evidence.facts import ran, timed_out
from sandbox_runner.verdict.evidence.history import CONTROLS_MIN
from sandbox_runner.verdict.evidence.planning import takes_timeouts
from sandbox_runner.verdict.evidence.suspects import shared_leaves, sharing
from sandbox_runner.verdict.findings.load_failures import cures_of_errors
from sandbox_runner.verdict.findings.reverse_order import turned
from sandbox_runner.verdict.findings.service_passages import values
from sandbox_runner.verdict.findings.unfit_events import unfit_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import Finding, Oracle, Passage
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played
    from sandbox_runner.verdict.texts.markers import Searched

_SHOWN_MAX: Final = 10
_LEAKS: Final = ("answer-leak", "log-leak", "background-log")
# What a request can have come to after which the runtime goes on, and so a walk is due.
_WALKED: Final = (Outcome.SUCCESS, Outcome.FUNCTION_ERROR)
_FAILED: Final = (Outcome.FUNCTION_ERROR, Outcome.RUNTIME_EXIT, Outcome.OUT_OF_MEMORY)
# And what it only can have come to after its init, after which a walk is due too.
_LOADED: Final = frozenset((*_WALKED, Outcome.RUNTIME_EXIT, Outcome.EXTENSION_EXIT))
# How code that knows the probe for what it is can end before it.
_ENDED: Final = (Outcome.RUNTIME_EXIT, Outcome.INIT_ERROR)


def checks(case: Case, found: Sequence[Finding], passed: Sequence[Passage], searched: Searched) -> tuple[Check, ...]:
    """A line for each oracle that had something to look at."""
    return (
        _marker_check(case, searched),
        _history_check(case),
        _interference_check(case, found),
        _xray_check(case),
        _carrier_check(case, found),
        *([_account_check(case, passed)] if case.facts.calls else []),
    )


def compared_readers(case: Case) -> list[int]:
    """The requests whose answers can be compared with enough fresh ones."""
    readers = case.facts.readers()
    return [reader.index for reader in readers if len(case.controls(reader)) >= CONTROLS_MIN]


def left_out(case: Case) -> list[int]:
    """The requests whose answers could have been compared, and were not because replays ended before."""
    compared = compared_readers(case)
    comparable = [each.index for each in case.facts.readers() if ran(each) and not timed_out(each)]
    return [index for index in comparable if index not in compared] if case.facts.stopped else []


def nothing_to_compare(case: Case) -> Message:
    """That no request followed another in the same environment, so that nothing could be held over."""
    return say("nothing-to-compare", requests=len(case.facts.requests))


def same_values(case: Case) -> tuple[Message, ...]:
    """That two principals sent the same value, and what came of another in its place; nothing where none did."""
    reader = sharing(case)
    if reader is None:
        return ()
    change = shared_leaves(case, reader)[0].changes[0]
    is_changed = any(
        each.purpose == "interference" and each.indexes[-1] == reader.index and change in each.changes
        for each in case.facts.trials
    )
    said = say("same-value-sent", writer=change.index, reader=reader.index, leaf=cut(change.leaf), changed=is_changed)
    return (said,)


def all_failed(case: Case) -> tuple[Message, ...]:
    """That no request got the handler's answer: then equal errors were compared, and nothing of what it is for."""
    answers = [each.answer for each in case.facts.requests.values() if each.answer is not None]
    if not answers or any(each.outcome not in _FAILED for each in answers):
        return ()
    errors = {_error_in(each.response).replace(f"RequestId: {each.request_id} ", "") for each in answers}
    return say("all-failed", error=cut(errors.pop()) if len(errors) == 1 else ""), *(
        cures_of_errors(case) or unfit_events(case)
    )


def _error_in(response: str) -> str:
    """``KeyError: 'name'`` of an error's payload: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html."""
    try:
        error = json.loads(response)
    except ValueError:
        return ""
    said = [error.get(name) for name in ("errorType", "errorMessage")] if isinstance(error, dict) else []
    return ": ".join(each for each in said if isinstance(each, str) and each)


def disturbances(case: Case) -> tuple[tuple[int, Message], ...]:
    """Each moment, by the request before it, at which the probe was in the way of something, or something in its way.

    A walk that is due and missing is one too: user code may have ended the process before it, or kept it from coming.
    """
    found: list[tuple[int, Message]] = []
    for name, sequence in case.facts.sequences.items():
        states = case.facts.states.get(name, {})
        missing = _missing(case, name)
        for index in (0, *sequence):
            if index in missing:
                found.append((index, say("state-missing")))
            elif index in states and (how := states[index].disturbed):
                found.append((index, how))
    return tuple(found)


def timed_out_beside_probe(case: Case) -> bool:
    """Whether what an environment holds is not known because beside the probe nothing of it ended in time.

    The code loads while the probe is there as well, which on a busy machine takes longer than a short timeout.
    """
    return any(_took_too_long(case, name) for name in case.facts.sequences)


def _took_too_long(case: Case, name: str) -> bool:
    facts = case.facts
    requests = [facts.requests[index] for index in facts.sequences[name]]
    walked = {outcome for walk in facts.walks_of(name) for outcome in walk.values()}
    is_due = any(map(case.is_read, requests)) and not _LOADED.isdisjoint(map(_came_to, requests))
    return is_due and not facts.states.get(name) and walked == {Outcome.TIMEOUT}


def walk_cut_short(case: Case) -> bool:
    """Whether a walk of an environment was begun and did not end, so that nothing is known of what it holds.

    One that has to sit through several timeouts takes longer than the rest, and is not missed.
    """
    facts = case.facts
    return any(
        walks and not any(walks) and not facts.states.get(name) and not takes_timeouts(facts, facts.sequences[name])
        for name, walks in ((name, facts.walks_of(name)) for name in facts.sequences)
    )


def _missing(case: Case, name: str) -> set[int]:
    """The moments of an environment of which a walk is due that never came; none where no replay was walked."""
    facts, states = case.facts, case.facts.states.get(name, {})
    if not any(case.is_read(facts.requests[index]) for index in facts.sequences[name]):
        return set()
    walked = {index: outcome for walk in facts.walks_of(name) for index, outcome in walk.items()}
    run = {index: _came_to(facts.requests[index]) for index in facts.sequences[name]}
    if not states and _took_too_long(case, name):
        return set()
    if not states:
        return {0} if walked and not _LOADED.isdisjoint((*run.values(), *walked.values())) else set()
    due = {
        index
        for index, outcome in walked.items()
        if outcome in _WALKED or (outcome in _ENDED and run.get(index) in _WALKED)
    }
    return due - set(states)


def _came_to(request: Played) -> str:
    return request.answer.outcome if request.answer else ""


def _interference_check(case: Case, found: Sequence[Finding]) -> Check:
    if not case.facts.readers():
        return _check("interference", nothing_to_compare(case), done=False)
    played = [each for each in case.facts.trials if each.purpose == "interference"]
    if not played:
        return _check("interference", *_nothing_changed(case, found), done=False)
    changed = {(change.index, change.leaf) for each in played for change in each.changes}
    tried = say(
        "values-changed",
        values=len(changed),
        replays=len(played),
        requests=sorted({each.indexes[-1] for each in played}),
        proven=sum(each.confidence == "proven" for each in found),
    )
    unproven = sum(each.kind in _LEAKS and each.confidence != "proven" for each in found)
    missed = (say("leaks-not-proven", leaks=unproven),) if unproven else ()
    return _check("interference", tried, *missed, *_stopped(case), done=True)


def _carrier_check(case: Case, found: Sequence[Finding]) -> Check:
    played = [each for each in case.facts.trials if each.purpose == "carrier"]
    places = {name for each in played for name in each.restored}
    if not places:
        return _check("carrier", say("nothing-put-back"), done=False)
    paths = {each.location.path for each in found if each.carrier_confirmed and each.location}
    confirmed = sorted(path for path in paths if path.startswith(tuple(places)))
    shown = [cut(path) for path in confirmed[:_SHOWN_MAX]]
    put_back = say("places-put-back", places=len(places), replays=len(played), confirmed=shown)
    return _check("carrier", put_back, done=True)


def _account_check(case: Case, passed: Sequence[Passage]) -> Check:
    said = say(
        "passages-found",
        calls=sum(map(len, case.facts.calls.values())),
        passages=values(passed),
        replays=len(case.facts.put_back),
        proven=values(each for each in passed if each.confidence == "proven"),
    )
    return _check("account", said, done=True)


def _nothing_changed(case: Case, found: Sequence[Finding]) -> tuple[Message, ...]:
    if found or not compared_readers(case):
        return say("nothing-changed"), *_stopped(case)
    return (say("nothing-to-change"),)


def _stopped(case: Case) -> tuple[Message, ...]:
    stopped = case.facts.stopped
    if stopped is None:
        return ()
    return say("replays-cut-short", played=stopped.played, wanted=stopped.wanted), stopped.why


def _marker_check(case: Case, searched: Searched) -> Check:
    if not case.facts.readers():
        return _check("marker", nothing_to_compare(case), done=False)
    said = say("values-searched", values=searched.values, answers=searched.outputs, cut=searched.cut)
    return _check("marker", said, done=True)


def _history_check(case: Case) -> Check:
    readers = case.facts.readers()
    if not readers:
        return _check("history", nothing_to_compare(case), done=False)
    compared = compared_readers(case)
    missing = [reader.index for reader in readers if reader.index not in compared]
    said = [say("answers-compared", compared=len(compared), answers=len(readers))]
    if missing:
        said.append(say("not-compared", requests=missing[: _SHOWN_MAX + 1]))
    if case.facts.slowed:
        said.append(say("replayed-one-at-a-time"))
    return _check("history", *said, _other_order(case), *_stopped(case), done=bool(compared))


def _other_order(case: Case) -> Message:
    """The same requests backwards; where the scenario's order shows a leak, they are not looked at."""
    if not case.facts.turned:
        return say("other-order-not-tried")
    return say("other-order-compared", answers=len(turned(case).facts.readers()))


def _xray_check(case: Case) -> Check:
    unread = (say("state-without-probe", runtimes=list(case.unprobed)),) if case.unprobed else ()
    if not case.is_probed:
        return _check("xray", *unread, done=False)
    states = case.facts.states
    walks = [state for of_environment in states.values() for state in of_environment.values()]
    if found := disturbances(case):
        request, how = found[0]
        disturbed = say("probe-disturbed-after", request=request, how=how, more=len(found) - 1)
        return _check("xray", disturbed, done=False)
    if not walks:
        read = say("state-timed-out") if timed_out_beside_probe(case) else say("state-not-read")
        why = read if case.facts.readers() else nothing_to_compare(case)
        return _check("xray", why, done=False)
    read = say(
        "state-read",
        read=len(walks),
        moments=sum(1 + len(sequence) for sequence in case.facts.sequences.values() if len(sequence) > 1),
        environments=len(states),
        cut=sum(state.truncated for state in walks),
    )
    return _check("xray", read, *unread, done=True)


def _check(oracle: Oracle, *said: Message, done: bool) -> Check:
    return Check(oracle=oracle, done=done, messages=said)
