"""Replays at the same time: recorded in the order of the plan, the last of a proof alone, none where that matters."""

import asyncio
import json
from dataclasses import replace

import pytest

from sandbox_runner.cancellation import Wish
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import ProofSlowed, ProofStopped, ReplayAnswered, ReplayStarted, StateLeaf
from sandbox_runner.messages import say
from sandbox_runner.proof.lanes import Lanes
from sandbox_runner.proof.prover import prove
from sandbox_runner.proof.replays import ProofBudget, Replay
from sandbox_runner.verdict import judge
from tests.fakes.clock import FakeClock
from tests.sandbox_runner.verdict.built_runs import BuiltRun
from tests.sandbox_runner.verdict.played_handlers import HandlerReplayer

ALICE, BOB = {"user": "alice-7Qx"}, {"user": "bob-3Zk"}


class Crowd(HandlerReplayer):
    """Plays ``fresh(beside)`` and lets those that began last end first. ``beside`` is how many others play."""

    def __init__(self, fresh):
        super().__init__(lambda: fresh(self.beside))
        self.beside = -1
        self.seen = []

    async def play(self, requests, *, probe, purpose, round, restored=()) -> Replay:  # noqa: A002 - the contract's name
        self.beside += 1
        number = len(self.seen)
        self.seen.append([self.beside, purpose])
        try:
            for _ in range(50 - number % 12):
                await asyncio.sleep(0)
            self.seen[number][0] = max(self.seen[number][0], self.beside)
            return await super().play(requests, probe=probe, purpose=purpose, round=round, restored=restored)
        finally:
            self.beside -= 1


def keeps_the_first(_beside=0):
    kept = {}

    def handler(payload, _log):
        return {"user": kept.setdefault("user", payload["user"])}

    return handler


def proved(fresh, *payloads, at_once=4, replays=60, app="x = 1\n", plays=Crowd, stop=None):
    run, handler = BuiltRun(*((payload, None) for payload in payloads), app=app), fresh(0)
    for index, payload in enumerate(payloads, start=1):
        run.answered(index, json.dumps(handler(payload, print)).encode())
    log = EventLog(FakeClock())
    for event in run.events:
        log.append(event.record, environment=event.environment, request_id=event.request_id)
    replayer = plays(fresh)
    with Lanes(at_once, lambda: 100_000).taken(128) as pace:
        asyncio.run(prove(run.scenario, log, replayer, ProofBudget(10.0, replays), pace, stop=stop))
    return judge(run.scenario, log.events), replayer, list(log.events)


def of_kind(events, kind):
    return [event.record for event in events if isinstance(event.record, kind)]


class Starved(Crowd):
    """Has no time for the first replays in which one request's leaf is to be left as it is, or for any."""

    def __init__(self, fresh, times=1):
        super().__init__(fresh)
        self.starved, self.times = 0, times

    async def play(self, requests, *, probe, purpose, round, restored=()) -> Replay:  # noqa: A002 - the contract's name
        replay = await super().play(requests, probe=probe, purpose=purpose, round=round, restored=restored)
        is_changed = [each.payload for each in requests] != [json.dumps(each, separators=(",", ":")) for each in RUN]
        if purpose != "interference" or is_changed or self.starved == self.times:
            return replay
        self.starved += 1
        return replace(replay, answers=tuple(replace(each, outcome="timeout") for each in replay.answers))


RUN = (ALICE, BOB)


@pytest.mark.parametrize("at_once", [1, 4])
@pytest.mark.parametrize("times", [1, 2])
def test_a_replay_that_the_machine_had_no_time_for_is_played_again(at_once, times):
    judged, replayer, _ = proved(keeps_the_first, *RUN, at_once=at_once, plays=lambda fresh: Starved(fresh, times))
    assert replayer.starved == times
    assert judged.findings[0].confidence == "proven"


def test_where_the_machine_never_has_time_nothing_is_proven_and_the_proof_ends():
    judged, replayer, _ = proved(keeps_the_first, *RUN, plays=lambda fresh: Starved(fresh, 100))
    assert 2 < replayer.starved < 60
    assert judged.findings[0].confidence == "strong"


def test_replays_are_recorded_in_the_order_of_the_plan_whichever_ends_first():
    _, replayer, events = proved(keeps_the_first, ALICE, BOB)
    assert max(beside for beside, _ in replayer.seen) == 3
    for kind in (ReplayStarted, ReplayAnswered):
        numbers = [record.replay for record in of_kind(events, kind)]
        assert numbers == sorted(numbers)
        assert set(numbers) == set(range(1, len(replayer.seen) + 1))


def test_a_leak_is_proven_by_as_many_replays_as_one_after_the_other():
    judged, _, events = proved(keeps_the_first, ALICE, BOB)
    assert (judged.findings[0].confidence, judged.findings[0].evidence[0].repeats) == ("proven", 4)
    alone, _, _ = proved(keeps_the_first, ALICE, BOB, at_once=1)
    assert judged.findings == alone.findings
    assert not of_kind(events, ProofSlowed)


KEEPS = "kept = {}\n\n\ndef handler(event, context):\n    kept.setdefault('user', event['user'])\n    return kept\n"


def first_batch(events):
    numbers = [at for at, event in enumerate(events) if isinstance(event.record, ReplayAnswered)]
    return of_kind(events[: numbers[0]], ReplayStarted)


def test_where_there_is_room_all_that_a_proof_will_most_likely_need_is_one_batch():
    judged, replayer, events = proved(keeps_the_first, ALICE, BOB, at_once=12, app=KEEPS)
    assert [(record.purpose, record.restored) for record in first_batch(events)] == [
        *[("interference", ())] * 4,
        ("carrier", ()),
        *[("carrier", ("app.kept",))] * 2,
        ("history", ()),
        ("xray", ()),
        ("history", ()),
    ]
    assert len(replayer.seen) == 10
    assert judged.findings[0].confidence == "proven"


def test_a_place_that_was_only_guessed_is_not_believed():
    judged, _, _ = proved(keeps_the_first, ALICE, BOB, at_once=12, app=KEEPS)
    assert not judged.findings[0].carrier_confirmed


PROFILES = """
cache = {}

def handler(event, context):
    if "profile" not in cache:
        cache["profile"] = {"name": event["user"]}
    return cache["profile"]
"""


class Caching(Crowd):
    """Plays ``PROFILES``, with what it holds after each request, and puts back the places that it is asked to."""

    also = ()

    async def play(self, requests, *, probe, purpose, round, restored=()) -> Replay:  # noqa: A002 - the contract's name
        played = await super().play(requests, probe=probe, purpose=purpose, round=round)
        if not probe:
            return played
        answers = list(played.answers)
        if restored:
            answers[-1] = replace(answers[-1], response=json.dumps({"name": json.loads(requests[-1].payload)["user"]}))
        user = json.loads(requests[0].payload)["user"]
        leaves = tuple(
            StateLeaf(root="python-module", carrier="app.cache", path=path, kind="str", value=value)
            for path, value in (("app.cache['profile']['name']", user), *self.also)
        )
        empty = StateLeaf(root="python-module", carrier="app.cache", path="app.cache", kind="dict", value="{}")
        states = [
            state.model_copy(update={"leaves": leaves if state.after_index else (empty,)}) for state in played.states
        ]
        return replace(played, answers=tuple(answers), states=tuple(states))


class CachingMore(Caching):
    """Keeps something else in the same variable."""

    also = (("app.cache['seen']", "2"),)


def caches_the_first(_beside=0):
    cache = {}
    return lambda payload, _log: cache.setdefault("profile", {"name": payload["user"]})


@pytest.mark.parametrize(
    ("at_once", "plays", "replays"),
    [(1, Caching, 10), (12, Caching, 10), (1, CachingMore, 10), (12, CachingMore, 12)],
    ids=["one at a time", "side by side", "one at a time, with more in it", "side by side, with more in it"],
)
def test_what_the_variable_that_was_guessed_holds_is_looked_into_where_it_holds_several(at_once, plays, replays):
    judged, replayer, _ = proved(caches_the_first, ALICE, BOB, at_once=at_once, app=PROFILES, plays=plays)
    (finding,) = judged.findings
    assert (finding.location.path, finding.carrier_confirmed) == ("app.cache['profile']", True)
    assert len(replayer.seen) == replays


class TooBusy(Crowd):
    """Has no time for the first ``times`` replays with the probe."""

    times = 1

    async def play(self, requests, *, probe, purpose, round, restored=()) -> Replay:  # noqa: A002 - the contract's name
        played = await super().play(requests, probe=probe, purpose=purpose, round=round)
        if purpose != "xray" or self.times == 0:
            return played
        self.times -= 1
        late = tuple(replace(each, outcome="timeout", response="{}") for each in played.answers)
        return replace(played, answers=late, states=())


class NeverReady(TooBusy):
    times = -1


class LateSandbox(Crowd):
    """The replay with the walk has its sandbox only when the one after it has begun."""

    def __init__(self, fresh):
        super().__init__(fresh)
        self._third = asyncio.Event()

    async def play(self, requests, *, purpose, **asked) -> Replay:
        if len(self.seen) == 2:
            self._third.set()
        if purpose == "xray":
            self.seen.append([0, purpose])
            await asyncio.wait_for(self._third.wait(), 30)
        return await super().play(requests, purpose=purpose, **asked)


def test_a_short_replay_does_not_wait_for_the_sandbox_of_another():
    judged, replayer, events = proved(keeps_the_first, ALICE, BOB, at_once=2, plays=LateSandbox)
    assert judged.findings[0].confidence == "proven"
    assert replayer.seen[1][1] == "xray"
    answered = [record.replay for record in of_kind(events, ReplayAnswered)]
    assert answered == sorted(answered)


def says_ok(_beside=0):
    return lambda _payload, _log: "ok"


@pytest.mark.parametrize(("plays", "verdict"), [(TooBusy, "clean"), (NeverReady, "undetermined")])
def test_a_walk_that_the_machine_was_too_busy_for_is_played_again(plays, verdict):
    judged, _, events = proved(says_ok, ALICE, BOB, plays=plays)
    assert judged.verdict == verdict
    assert [each.indexes for each in of_kind(events, ReplayStarted) if each.purpose == "xray"] == [(1, 2)] * 2


def planned(events):
    return [(record.purpose, record.indexes) for record in events]


IN_ORDER = [("history", (2,)), ("xray", (1, 2)), ("history", (2,))]
BACKWARDS = [("history", (1,)), ("history", (2, 1))]


def test_where_nothing_seems_to_leak_the_other_order_is_played_beside_the_run_s_own():
    judged, _, events = proved(says_ok, ALICE, BOB, at_once=12)
    assert planned(first_batch(events)) == planned(of_kind(events, ReplayStarted)) == IN_ORDER + BACKWARDS
    alone, _, _ = proved(says_ok, ALICE, BOB, at_once=1)
    assert judged == alone


@pytest.mark.parametrize(("at_once", "replays"), [(4, 60), (12, 9)])
def test_without_room_or_replays_to_spare_the_other_order_comes_after_the_run_s_own(at_once, replays):
    _, _, events = proved(says_ok, ALICE, BOB, at_once=at_once, replays=replays)
    assert planned(first_batch(events)) == IN_ORDER
    assert planned(of_kind(events, ReplayStarted)) == IN_ORDER + BACKWARDS


def test_the_other_order_is_played_again_where_answers_depend_on_how_much_is_played():
    def shy(beside):
        return lambda payload, _log: {"user": payload["user"], "company": beside > 0}

    _, _, events = proved(shy, ALICE, BOB, at_once=12)
    assert of_kind(events, ProofSlowed)
    assert planned(of_kind(events, ReplayStarted)).count(("history", (2, 1))) == 2


@pytest.mark.parametrize(("at_once", "replays"), [(4, 60), (12, 12)])
def test_without_room_or_replays_to_spare_nothing_is_guessed(at_once, replays):
    _, _, events = proved(keeps_the_first, ALICE, BOB, at_once=at_once, replays=replays, app=KEEPS)
    assert [record.purpose for record in first_batch(events)] == ["history", "xray", "history"]


def keeps_the_length(_beside=0):
    kept = []

    def handler(payload, _log):
        kept.append(payload["user"])
        return {"length": len(kept[0]) % 7}

    return handler


def test_the_last_replay_of_each_kind_is_played_alone_where_a_place_shows_another_value_than_was_sent():
    judged, replayer, _ = proved(
        keeps_the_length, {"user": "alice-7Qx", "plan": "b"}, {"user": "bob-3Zkk", "plan": "c"}
    )
    assert judged.findings[0].confidence == "proven"
    beside = [beside for beside, purpose in replayer.seen if purpose == "interference"]
    assert beside[-2:] == [0, 0]
    assert max(beside) > 0


def test_what_only_differs_while_others_play_is_not_proven():
    """The changed one always has company here and the unchanged one never; the pair that is played alone tells."""

    def crowded(beside):
        def handler(payload, _log):
            return {"user": payload["user"], "load": "busy" if beside % 2 else "calm"}

        return handler

    judged, _, _ = proved(crowded, ALICE, BOB)
    assert not [finding for finding in judged.findings if finding.kind in ("answer-leak", "log-leak")]


def test_answers_that_differ_among_themselves_only_side_by_side_have_the_rest_played_one_at_a_time():
    def shy(beside):
        def handler(payload, _log):
            return {"user": payload["user"], "company": beside}

        return handler

    judged, replayer, events = proved(shy, ALICE, BOB)
    assert of_kind(events, ProofSlowed)
    slowed = next(at for at, event in enumerate(events) if isinstance(event.record, ProofSlowed))
    later = len(of_kind(events[slowed:], ReplayStarted))
    assert later
    assert {beside for beside, _ in replayer.seen[-later:]} == {0}
    assert "replayed-one-at-a-time" in [said.code for check in judged.checks for said in check.messages]


def test_the_number_of_replays_is_kept_side_by_side():
    _, replayer, events = proved(keeps_the_first, *({"user": f"user-{n}-Q7"} for n in range(9)), replays=10)
    assert len(replayer.seen) == 10
    (stopped,) = of_kind(events, ProofStopped)
    assert stopped.played == 10


class Hangs(Crowd):
    """The second replay never ends; others do before ``then`` is called."""

    def __init__(self, serve, then=lambda: None):
        super().__init__(serve)
        self._then = then

    async def play(self, requests, **asked):
        if len(self.seen) == 1:
            self.seen.append([0, ""])
            await asyncio.sleep(0.1)
            self._then()
            await asyncio.sleep(60)
        return await super().play(requests, **asked)


def hung(seconds, stop=None, then=lambda: None):
    """The log of a proof whose second replay hangs."""
    run = BuiltRun((ALICE, None), (BOB, None)).answered(1, "x").answered(2, "x")
    log = EventLog(FakeClock())
    for event in run.events:
        log.append(event.record, environment=event.environment, request_id=event.request_id)
    with Lanes(4, lambda: 100_000).taken(128) as pace:
        asyncio.run(prove(run.scenario, log, Hangs(keeps_the_first, then), ProofBudget(seconds, 60), pace, stop=stop))
    assert [record.replay for record in of_kind(log.events, ReplayAnswered) if record.purpose == "history"] == [1, 3]
    return of_kind(log.events, ProofStopped)


def test_time_that_runs_out_keeps_what_was_played_to_its_end():
    (stopped,) = hung(0.2)
    assert (stopped.played, stopped.why.code) == (2, "seconds-used-up")


def test_whoever_stops_a_proof_keeps_what_was_played_to_its_end():
    stop = Wish()
    (stopped,) = hung(60, stop, stop.cancel)
    assert (stopped.played, stopped.why) == (2, say("stopped-on-request"))


def test_a_proof_that_was_stopped_before_it_began_plays_nothing():
    stop = Wish()
    stop.cancel()
    _, replayer, events = proved(keeps_the_first, ALICE, BOB, stop=stop)
    assert not replayer.seen
    assert of_kind(events, ProofStopped)[0].why == say("stopped-on-request")
