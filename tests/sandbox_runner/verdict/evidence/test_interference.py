"""What one leaf that is changed says of another request's answer, over handlers that are plain functions."""

import hashlib
import itertools
import random

import pytest

from sandbox_runner.events.records import ReplayStarted
from sandbox_runner.messages import say
from sandbox_runner.results.pairs import apart
from sandbox_runner.verdict.evidence.error_bound import ECHOED_MIN, REPEATS
from sandbox_runner.verdict.evidence.planning import BATCHES
from tests.sandbox_runner.verdict.played_handlers import proved
from tests.told import codes, sentence

ALICE = ({"user": "alice-7Qx", "age": 41, "admin": True}, "tenant-a")
BOB = ({"user": "bob-91Kz", "age": 30, "admin": False}, "tenant-b")


def keeping(answer, leaf="user"):
    """A handler that answers with what ``answer`` makes of the last request's leaf."""

    def fresh():
        kept = []

        def handler(payload, _):
            made = answer(kept[-1]) if kept else None
            kept.append(payload[leaf])
            return {"kept": made, "user": payload["user"]}

        return handler

    return fresh


def greeting_on_a_page_that_is_another_each_time():
    numbers = itertools.count()

    def fresh():
        kept = [""]

        def handler(payload, _):
            kept.append(payload["user"])
            return {"body": f"<p id={next(numbers)}x><b>Hello {kept[-2]}</b><i>{next(numbers)}y</i></p>"}

        return handler

    return fresh


def logging(made):
    def fresh():
        kept = []

        def handler(payload, log):
            log(f"before: {made(kept[-1]) if kept else '-'}")
            kept.append(payload["user"])
            return "ok"

        return handler

    return fresh


def test_a_value_that_came_out_changed_as_it_was_is_proven_by_two_replays_of_each_kind():
    judgement, replayer, _ = proved(keeping(lambda user: f"hello {user}"), ALICE, BOB)
    (finding,) = judgement.findings
    assert (finding.kind, finding.confidence, finding.severity) == ("answer-leak", "proven", "critical")
    assert finding.evidence[0].oracle == "interference"
    assert finding.evidence[0].repeats == 2 * ECHOED_MIN == replayer.count("interference")
    (as_it_was, instead) = finding.evidence[0].observations
    assert as_it_was.condition == say("request-sent", request=1, value="alice-7Qx")
    assert as_it_was.text == "hello alice-7Qx"
    assert instead.condition.params["value"] in instead.text
    assert sentence(judgement).endswith(
        "Confirmed in 4 of 4 replays: changing tenant-a's `user` changed tenant-b's answer."
    )
    assert finding.reproduces_with == (1, 2)


def test_a_value_amid_noise_is_proven_by_as_few():
    judgement, replayer, _ = proved(greeting_on_a_page_that_is_another_each_time(), ALICE, BOB)
    (finding,) = judgement.findings
    assert (finding.kind, finding.confidence, finding.writer.leaf) == ("answer-leak", "proven", "user")
    assert replayer.count("interference") == 2 * ECHOED_MIN


@pytest.mark.parametrize(
    ("what", "made", "leaf"),
    [
        ("a digest that nobody looks for", lambda user: hashlib.blake2s(user.encode()).hexdigest(), "user"),
        ("a sum of characters", lambda user: sum(map(ord, user)), "user"),
        ("the order of its letters", lambda user: "".join(sorted(user)), "user"),
        ("its length", len, "user"),
        ("one bit of a number", lambda age: age % 2, "age"),
        ("which is the greater", lambda age: age > 40, "age"),
        ("a flag", lambda admin: "yes" if admin else None, "admin"),
    ],
)
def test_a_value_that_nobody_can_recognise_is_found_and_proven(what, made, leaf):
    judgement, _, _ = proved(keeping(made, leaf), ALICE, BOB)
    finding = judgement.findings[0]
    assert (finding.kind, finding.confidence, finding.writer.leaf) == ("answer-leak", "proven", leaf), what
    assert finding.evidence[0].repeats == 2 * REPEATS


def test_one_bit_is_less_grave_than_a_value():
    judgement, _, _ = proved(keeping(lambda age: age > 40, "age"), ALICE, BOB)
    assert judgement.findings[0].severity == "high"


def test_a_log_line_that_is_made_from_another_s_value_is_found():
    judgement, _, _ = proved(logging(lambda user: hashlib.blake2s(user.encode()).hexdigest()), ALICE, BOB)
    finding = judgement.findings[0]
    assert (finding.kind, finding.confidence, finding.reader.output_path) == ("log-leak", "proven", "log")


def counting():
    count = itertools.count(1)
    return lambda payload, _: {"n": next(count), "user": payload["user"]}


def announcing():
    cold = [True]

    def handler(payload, log):
        log("cold start" if cold[0] else "warm")
        cold[0] = False
        return payload["user"]

    return handler


def noisy():
    count = itertools.count(1)
    return lambda payload, _: {"n": next(count), "side": random.choice("ab"), "dice": random.random()}


def per_user():
    seen: dict[str, int] = {}
    count = itertools.count(1)

    def handler(payload, _):
        seen[payload["user"]] = seen.get(payload["user"], 0) + 1
        return {"yours": seen[payload["user"]], "all": next(count)}

    return handler


def refusing():
    """Refuses whom it does not know, and is ready once it has served somebody."""
    ready = []

    def handler(payload, _):
        if payload["user"] not in (ALICE[0]["user"], BOB[0]["user"]):
            raise ValueError("unknown")
        was_ready = bool(ready)
        ready.append(1)
        return {"ready": was_ready}

    return handler


@pytest.mark.parametrize("fresh", [counting, announcing, noisy, per_user, refusing])
def test_a_handler_that_depends_on_history_without_anybody_s_data_is_not_accused(fresh):
    judgement, _, _ = proved(fresh, ALICE, BOB)
    assert judgement.verdict in ("history-dependent", "clean")


def listing_services():
    seen: list[str] = []

    def handler(event, _):
        seen.append(next(each.get("eventSource") or each.get("EventSource") for each in event["Records"]))
        return seen

    return handler


@pytest.mark.parametrize("second", [{"EventSource": "aws:sns"}, {"eventSource": "aws:dynamodb"}])
def test_the_service_that_an_event_came_from_is_nobody_s_data(second):
    first = {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "alice-7Qx"}}}]}
    judgement, _, _ = proved(listing_services, (first, "alice"), ({"Records": [second]}, "bob"))
    assert judgement.verdict == "history-dependent"


def seeding(seed):
    """Draws a number and then seeds its generator; a fresh one is another each time."""

    def fresh():
        generator = random.Random()

        def handler(payload, _):
            drawn = generator.random()
            generator.seed(seed(payload))
            return {"number": drawn}

        return handler

    return fresh


def test_a_generator_that_is_seeded_with_another_s_value_is_found():
    judgement, _, _ = proved(seeding(lambda payload: payload["user"]), ALICE, BOB)
    finding = judgement.findings[0]
    assert (finding.kind, finding.confidence, finding.writer.leaf) == ("answer-leak", "proven", "user")


def test_what_is_random_when_fresh_and_fixed_by_what_ran_before_is_said():
    judgement, _, _ = proved(seeding(lambda _: 7), ALICE, BOB)
    assert judgement.verdict == "history-dependent"
    assert codes(judgement)[0] == "answer-repeats"


def test_one_principal_s_own_data_is_no_leak():
    judgement, replayer, _ = proved(keeping(str), (ALICE[0], "same"), (BOB[0], "same"))
    assert judgement.verdict == "history-dependent"
    assert replayer.count("interference") == 0


def test_of_many_requests_the_writer_and_its_leaf_are_found():
    """The first of six writes; what comes out says nothing that could be recognised."""

    def fresh():
        kept = []

        def handler(payload, _):
            kept.append(payload["user"])
            return {"first": sum(map(ord, kept[0])) if payload["age"] == 30 else 0}

        return handler

    others = [({"user": f"carol-{number}-Zq", "age": 50 + number, "note": "hm"}, f"t{number}") for number in range(4)]
    judgement, replayer, _ = proved(fresh, ALICE, *others, BOB)
    finding = judgement.findings[0]
    assert (finding.writer.invocation, finding.writer.leaf, finding.reader.invocation) == (1, "user", 6)
    assert finding.confidence == "proven"
    assert len(replayer.played) <= 60


def keeping_the_first():
    kept = []

    def handler(payload, _):
        kept.append(payload["user"])
        return {"first": kept[0] if payload["user"].startswith("bob") else None}

    return handler


def answering_the_third():
    kept = []

    def handler(payload, _):
        kept.append(payload["user"])
        return {"first": kept[0] if len(kept) == 3 else None}

    return handler


@pytest.mark.parametrize(("fresh", "played"), [(keeping_the_first, (1, 3)), (answering_the_third, (1, 2, 3))])
def test_a_recognised_leak_is_proven_between_its_two_requests_alone_where_they_show_it(fresh, played):
    between = ({"user": "carol-5Ww", "age": 1, "admin": False}, "tenant-b")
    judgement, replayer, _ = proved(fresh, ALICE, between, BOB)
    finding = next(each for each in judgement.findings if each.reader.invocation == 3)
    assert finding.confidence == "proven"
    assert played in {indexes for purpose, indexes, _ in replayer.played if purpose == "interference"}


def test_the_leaf_that_decided_what_was_kept_is_not_said_where_another_is_what_was_kept():
    def fresh():
        kept = []

        def handler(payload, _):
            answer = sum(kept)
            if payload["user"].startswith("alice"):
                kept.append(payload["age"])
            return {"sum": answer}

        return handler

    judgement, _, _ = proved(fresh, ALICE, BOB)
    assert [finding.writer.leaf for finding in judgement.findings] == ["age"]


def test_a_proof_that_the_budget_ended_says_what_is_not_proven():
    judgement, replayer, _ = proved(keeping(str), ALICE, BOB, replays=6)
    assert judgement.findings[0].confidence == "strong"
    said = [message for check in judgement.checks if check.oracle == "interference" for message in check.messages]
    assert say("leaks-not-proven", leaks=1) in said
    assert say("replays-used-up", replays=6) in said
    assert len(replayer.played) == 6


def test_a_second_leak_of_the_same_shape_is_not_played_again():
    dave = ({"user": "dave-55Wq", "age": 5, "admin": False}, "tenant-d")
    judgement, replayer, _ = proved(keeping(str), ALICE, BOB, dave)
    assert replayer.count("interference") == 2 * ECHOED_MIN
    (finding,) = judgement.findings
    assert [each.confidence for each in apart(finding)] == ["proven", "strong"]
    assert len({finding.fingerprint for finding in judgement.findings}) == 1


def test_an_answer_that_a_leak_explains_after_one_batch_of_its_history_is_given_no_other():
    judgement, _, events = proved(keeping(lambda age: age > 40, leaf="age"), ALICE, BOB)
    assert [finding.kind for finding in judgement.findings] == ["answer-leak"]
    started = [event.record for event in events if isinstance(event.record, ReplayStarted)]
    history = [each.round for each in started if (each.purpose, each.indexes) == ("history", (1, 2))]
    assert history == list(BATCHES[0])


def test_a_finding_has_the_same_fingerprint_in_another_run_with_other_people():
    others = ({**ALICE[0], "user": "erika-1Ww"}, "x"), ({**BOB[0], "user": "fritz-8Pp"}, "y")
    one, other = (proved(keeping(str), *requests)[0].findings[0] for requests in ((ALICE, BOB), others))
    assert one.fingerprint == other.fingerprint != ""


@pytest.mark.parametrize("made", [lambda user: f"hello {user}", lambda user: sum(map(ord, user))])
def test_the_requests_that_have_nothing_to_do_with_a_leak_are_left_out_of_what_reproduces_it(made):
    def fresh():
        kept, armed = [], []

        def handler(payload, _):
            if payload["user"].startswith("dave"):
                armed.append(True)
            if "91" in payload["note"]:
                kept.append(made(payload["user"]))
            return kept[0] if kept and armed and payload["user"].startswith("eve") else None

        return handler

    def asks(user, note="-"):
        return ({"user": user, "note": note}, user)

    requests = (asks("alice-1"), asks("bob-91Kz", "91"), *map(asks, ("carol-1", "dave-2", "eve-3")))
    judgement, _, _ = proved(fresh, *requests, replays=120)
    finding = judgement.findings[0]
    assert (finding.writer.invocation, finding.writer.leaf, finding.reader.invocation) == (2, "user", 5)
    assert finding.reproduces_with == (2, 4, 5)


def keeps_a_digest_of_the_first():
    kept = {}

    def handler(payload, _):
        made = hashlib.blake2s(payload["user"].encode()).hexdigest()
        return {"owner": kept.setdefault("owner", made)}

    return handler


def test_every_reader_of_what_was_proven_for_one_got_it_from_the_same_writer():
    people = [({"user": f"person-{number}-{number * 7919}"}, f"tenant-{number}") for number in range(1, 6)]
    judgement, replayer, _ = proved(keeps_a_digest_of_the_first, *people)
    (finding,) = judgement.findings
    told = [(each.writer.invocation, each.reader.invocation, each.confidence) for each in apart(finding)]
    assert told == [(1, 2, "proven"), (1, 3, "strong"), (1, 4, "strong"), (1, 5, "strong")]
    got = finding.evidence[0].observations[0].text
    assert sentence(apart(finding)[1]).startswith(
        f"tenant-3's answer has the same `owner` (`{got}`) that tenant-2's has from tenant-1's `user`."
    )
    # No other reader's is searched for.
    searched = {indexes[-1] for purpose, indexes, _ in replayer.played if purpose == "interference"}
    assert searched == {2}


def keeps_the_plan_of_the_last():
    """Nobody sends a plan; two people may have the same."""
    plans, kept = {"alice-7Qx": "enterprise", "carol-55Rt": "enterprise"}, []

    def handler(payload, _):
        kept.append(plans.get(payload["user"], "basic"))
        return {"plan": kept[-2] if len(kept) > 1 else None}

    return handler


def keeps_a_digest_of_the_last():
    kept = []

    def handler(payload, _):
        kept.append(hashlib.blake2s(payload["user"].encode()).hexdigest())
        return {"before": kept[-2] if len(kept) > 1 else None}

    return handler


@pytest.mark.parametrize(
    ("fresh", "third"), [(keeps_the_plan_of_the_last, "carol-55Rt"), (keeps_a_digest_of_the_last, "alice-7Qx")]
)
def test_what_may_be_made_from_anybody_s_data_is_not_said_to_be_the_first_one_s(fresh, third):
    people = [
        ({"user": user}, f"tenant-{number}") for number, user in enumerate(("alice-7Qx", "bob-91Kz", third, "dave-1"))
    ]
    judgement, _, _ = proved(fresh, *people)
    told = [(each.writer, each.reader.invocation) for one in judgement.findings for each in apart(one)]
    assert (1, 2) in [(writer.invocation, reader) for writer, reader in told if writer]
    assert {writer.invocation for writer, reader in told if writer and reader == 4} <= {3}
