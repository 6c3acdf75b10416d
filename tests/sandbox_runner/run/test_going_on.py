"""A proof that was cut short and goes on, on the answers that the run came to."""

import asyncio
import hashlib

import pytest

from sandbox_runner.errors import ImageChanged
from sandbox_runner.events.records import ProofStarted, ReplayStarted, RunFinished, RunStarted
from sandbox_runner.messages import say
from sandbox_runner.projections.longer_proof import longer_proof
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.account.settings import AccountSettings
from tests.builders import invoke, scenario
from tests.fakes.backend import FakeBackend, FakeFunction

STEPS = [invoke({"user": f"tenant-{number}-{number * 7919:05x}"}, f"tenant-{number}") for number in range(1, 5)]


def keeps_the_first(event, runtime):
    return runtime.globals.setdefault("first", event)


def played(function=keeps_the_first, backend=None, **options):
    backend = backend or FakeBackend(FakeFunction(function))
    return asyncio.run(play(scenario(*STEPS), backend, clock=backend.clock, options=RunOptions(**options)))


def of_kind(result, kind):
    return [each.record for each in result.events if isinstance(each.record, kind)]


@pytest.fixture(scope="module")
def whole():
    return played()


@pytest.mark.parametrize("replays", [1, 3, 5, 9])
def test_it_comes_to_what_a_whole_proof_comes_to(whole, replays):
    cut = played(proof_replays=replays)
    assert cut.proof.stopped == say("replays-used-up", replays=replays)

    longer = played(goes_on=cut)

    assert longer.proof.stopped is None
    assert (longer.verdict, longer.findings[0].confidence) == (whole.verdict, "proven")
    assert [each.fingerprint for each in longer.findings] == [each.fingerprint for each in whole.findings]


def hashes_the_first(event, runtime):
    """Nothing that is recognised, so its reader is searched."""
    return hashlib.sha256(f"salt {runtime.globals.setdefault('first', event)['user']}".encode()).hexdigest()


@pytest.fixture(scope="module")
def whole_of_a_hash():
    return played(hashes_the_first)


@pytest.mark.parametrize("replays", [1, 9, 22, 50])
def test_wherever_it_was_cut_short_it_comes_to_what_a_whole_proof_comes_to(whole_of_a_hash, replays):
    cut = played(hashes_the_first, proof_replays=replays)

    longer = played(hashes_the_first, goes_on=cut)

    assert (longer.verdict, longer.findings[0].confidence) == ("leak", "proven")
    assert {each.fingerprint for each in longer.findings} == {each.fingerprint for each in whole_of_a_hash.findings}
    # The half of a round that was cut in two is played once more.
    most = len(of_kind(whole_of_a_hash, ReplayStarted)) + 8
    assert len(of_kind(longer, ReplayStarted)) <= most


def test_what_was_played_is_kept_and_not_played_again(whole):
    cut = played(proof_replays=5)
    longer = played(goes_on=cut)

    assert longer.events[: len(cut.events) - 1] == cut.events[:-1]
    assert [each.seq for each in longer.events] == list(range(1, len(longer.events) + 1))
    numbers = [each.replay for each in of_kind(longer, ReplayStarted)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == len(of_kind(whole, ReplayStarted))
    assert (longer.proof.replays, longer.proof.replays_max) == (len(numbers), 5 + RunOptions().proof_replays)


def test_the_run_itself_is_not_played_again():
    cut = played(proof_replays=3)
    longer = played(lambda *_: "another answer", goes_on=cut)

    assert longer.invocations == cut.invocations
    assert [len(of_kind(longer, kind)) for kind in (RunStarted, ProofStarted, RunFinished)] == [1, 2, 1]
    assert longer.events[-1].record == cut.events[-1].record


def test_an_image_that_is_another_now_proves_nothing_of_the_answers():
    cut = played(proof_replays=3)
    other = cut.model_copy(update={"backend": cut.backend.model_copy(update={"image_digest": "sha256:older"})})
    with pytest.raises(ImageChanged):
        played(goes_on=other)


def test_a_longer_proof_is_said_with_what_it_takes_only_where_one_was_cut_short(whole):
    assert longer_proof(whole) == ()
    codes = [each.code for each in longer_proof(played(proof_replays=3))]
    assert codes == ["longer-would-prove", "longer-would-compare", "longer-would-take"]


@pytest.mark.parametrize(
    ("function", "replays"),
    [(keeps_the_first, 1), (keeps_the_first, 5), (keeps_the_first, 9), (hashes_the_first, 7), (hashes_the_first, 22)],
    ids=["a leak, not begun", "a leak, compared", "a leak, in part", "a hash, compared", "a hash, in part"],
)
def test_what_it_takes_is_about_what_it_then_took(function, replays):
    cut = played(function, proof_replays=replays)
    said = longer_proof(cut)[-1].params

    longer = played(function, goes_on=cut)

    took = len(of_kind(longer, ReplayStarted)) - replays, longer.proof.seconds - cut.proof.seconds
    for about, really in zip((said["replays"], said["seconds"]), took, strict=True):
        assert really / 2 <= about <= really * 2


def test_what_it_takes_follows_from_how_long_the_replays_took_that_there_were():
    cut = played(proof_replays=5)
    used = cut.proof.model_copy(update={"seconds": 10 * cut.proof.seconds})
    quick, slow = (longer_proof(each)[-1].params for each in (cut, cut.model_copy(update={"proof": used})))
    assert slow["replays"] == quick["replays"]
    assert slow["seconds"] == pytest.approx(10 * quick["seconds"], abs=1)


def test_a_scenario_with_an_account_is_offered_none():
    cut = played(proof_replays=3)
    asked = cut.scenario.model_copy(update={"account": AccountSettings(services="auto")})
    assert longer_proof(cut.model_copy(update={"scenario": asked})) == ()
