"""How many replays a claim needs, and how often chance makes it."""

import random

import pytest

from sandbox_runner import limits
from sandbox_runner.verdict.evidence.error_bound import ECHOED_MIN, REPEATS, needed
from tests.sandbox_runner.verdict.built_runs import APP
from tests.sandbox_runner.verdict.played_handlers import proved

SENT, INSTEAD = "alice-7Qx", "nyqps-1Zv"
ALICE = ({"user": "alice-7Qx", "age": 41, "admin": True}, "tenant-a")
BOB = ({"user": "bob-91Kz", "age": 30, "admin": False}, "tenant-b")
LEAKS = ("answer-leak", "log-leak")


@pytest.mark.parametrize(
    ("description", "values", "shown", "replays"),
    [
        ("the very value", (SENT, INSTEAD), (f"hello {SENT}", f"hello {INSTEAD}"), ECHOED_MIN),
        ("in another form", (SENT, INSTEAD), (SENT.upper(), INSTEAD.upper()), ECHOED_MIN),
        ("each in a form of its own", (SENT, INSTEAD), (SENT.upper(), INSTEAD), REPEATS),
        ("nothing where it was changed", (SENT, INSTEAD), (f"hello {SENT}", "hello"), REPEATS),
        ("both values", (SENT, INSTEAD), (f"{SENT}", f"{SENT} {INSTEAD}"), REPEATS),
        ("one more than was sent", (SENT, f"{SENT}-and more of it"), (SENT, f"{SENT}-and more of it"), ECHOED_MIN),
        ("a number", ("41277", "73018"), ("41277 yen", "73018 yen"), ECHOED_MIN),
        ("a number in a long text", ("41277", "73018"), ("41277" + "." * 200, "73018" + "." * 200), ECHOED_MIN),
        ("a number in a longer text", ("41277", "73018"), ("41277" + "." * 2000, "73018" + "." * 2000), 4),
        ("a short number", ("41", "73"), ("41 years", "73 years"), REPEATS),
        ("no letter or digit", ("-", "+"), ("-", "+"), REPEATS),
    ],
)
def test_the_less_a_value_can_be_there_by_chance_the_fewer_replays_it_needs(description, values, shown, replays):
    was, shows = shown
    assert needed(*values, [was], [shows]) == replays, description


def test_one_replay_that_shows_something_else_is_enough_to_be_no_echo():
    assert needed(SENT, INSTEAD, [SENT, SENT], [INSTEAD, "other"]) == REPEATS


def test_a_value_that_somebody_sent_is_no_sign_that_it_was_carried():
    """Half of the answers name the reader itself: its own value is one that can take the writer's place."""
    judged, _, _ = proved(keeps_what_is_known, ALICE, BOB)
    (finding,) = judged.findings
    assert (finding.confidence, finding.evidence[0].repeats) == ("proven", 2 * REPEATS)


def keeps_what_is_known():
    kept = []

    def handler(payload, _log):
        kept.append(payload["user"] if payload["user"] in ("alice-7Qx", "bob-91Kz") else "")
        return {"user": kept[0]}

    return handler


def coin(chance):
    return lambda: lambda payload, _log: chance.choice(["heads", "tails"])


def of_the_values_that_are_sent(chance):
    """Shows one of the values that are sent, whoever sent it: what looks most like somebody's."""
    return lambda: lambda payload, _log: {"user": chance.choice([ALICE[0]["user"], BOB[0]["user"]])}


def several_coins(chance):
    return lambda: lambda payload, log: [log(chance.choice("ab")), *(chance.choice([True, False]) for _ in range(4))]


def of_few_letters(chance):
    return lambda: lambda payload, _log: "".join(chance.choices("nopq", k=40))


NOISY = [coin, of_the_values_that_are_sent, several_coins, of_few_letters]


# One after the other, and as many at once as a proof may ask for, with a variable that may be put back among them.
ORDERS = [1, limits.REPLAYS_AT_ONCE_MAX]


def proven_by_chance(noisy, at_once, runs):
    chance = random.Random(f"{noisy.__name__} {at_once}")
    judged = (proved(noisy(chance), ALICE, BOB, at_once=at_once, app=APP)[0] for _ in range(runs))
    return sum(any(each.kind in LEAKS and each.confidence == "proven" for each in one.findings) for one in judged)


@pytest.mark.parametrize("at_once", ORDERS)
@pytest.mark.parametrize("noisy", NOISY)
def test_no_handler_that_draws_its_answers_is_proven_to_leak(noisy, at_once):
    assert proven_by_chance(noisy, at_once, 30) == 0


@pytest.mark.matrix
@pytest.mark.parametrize("at_once", ORDERS)
@pytest.mark.parametrize("noisy", NOISY)
def test_chance_proves_a_leak_in_less_than_one_run_of_ten_thousand(noisy, at_once):
    """None in 30,000 runs in either order: what happens once in 10,000 would be seen 95 times of 100."""
    assert proven_by_chance(noisy, at_once, 30_000 // len(NOISY)) == 0


def test_all_that_a_proof_most_likely_needs_is_asked_for_at_once():
    """Without that the simulation would not be of the order in which replays are played."""
    _, replayer, _ = proved(keeps_what_is_known, ALICE, BOB, at_once=limits.REPLAYS_AT_ONCE_MAX, app=APP)
    purposes = [purpose for purpose, *_ in replayer.played[: limits.REPLAYS_AT_ONCE_MAX]]
    assert {"interference", "carrier", "xray", "history"} <= set(purposes)
