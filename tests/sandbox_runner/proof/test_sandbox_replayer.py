"""Replays: one sandbox, wiped in between, never dirty."""

import asyncio
from contextlib import suppress

import pytest

from sandbox_runner import limits
from sandbox_runner.errors import OurFailure, SandboxLost
from sandbox_runner.guest import wire
from sandbox_runner.proof.player import LOG_LINES_MAX
from sandbox_runner.proof.replays import ReplayRequest
from sandbox_runner.proof.sandbox_replayer import SandboxReplayer
from sandbox_runner.results.model import Outcome
from sandbox_runner.scenario.model import Function
from tests.builders import a_function
from tests.fakes.backend import FakeBackend, FakeFunction, FakeSandbox, RuntimeExits, SandboxVanishes

A, B = ReplayRequest(1, '"a"'), ReplayRequest(2, '"b"')


def remember(event, runtime):
    """Answers what it was asked before, in this process and in this sandbox."""
    seen = {"globals": runtime.globals.get("last"), "tmp": runtime.tmp.get("last")}
    runtime.globals["last"] = runtime.tmp["last"] = event
    runtime.log(f"asked {event}")
    if event == "crash":
        raise RuntimeExits("exit status 1")
    if event == "vanish":
        raise SandboxVanishes
    return seen


def replayer(**function):
    backend = FakeBackend(FakeFunction(remember, **function))
    return SandboxReplayer(Function.model_validate(a_function()), backend, backend.clock, owner="o"), backend


async def play(player, *requests, probe=False):
    return await player.play(requests, probe=probe, purpose="history", round=1)


def test_the_requests_of_a_replay_share_one_environment():
    async def story():
        player, _ = replayer()
        return await play(player, A, B)

    replay = asyncio.run(story())
    assert [answer.index for answer in replay.answers] == [1, 2]
    assert replay.answers[1].response == '{"globals": "a", "tmp": "a"}'
    assert replay.answers[1].log == ("asked b",)


def test_two_replays_share_a_sandbox_and_nothing_else():
    async def story():
        player, backend = replayer()
        await play(player, A)
        return await play(player, B), backend

    replay, backend = asyncio.run(story())
    assert replay.answers[0].response == '{"globals": null, "tmp": null}'
    assert len(backend.started) == 1
    assert sum(isinstance(each, wire.Wipe) for each in backend.started[0].received) == 2


def test_the_guest_sends_little_more_of_a_replays_log_than_is_kept():
    async def story():
        player, backend = replayer()
        await play(player, A)
        return next(each for each in backend.started[0].received if isinstance(each, wire.Configure))

    assert LOG_LINES_MAX < asyncio.run(story()).log_lines_max <= 2 * LOG_LINES_MAX < limits.LOG_LINES_MAX


def test_states_come_with_the_probe_only():
    async def story():
        player, _ = replayer()
        return await play(player, A, probe=True), await play(player, A)

    probed, plain = asyncio.run(story())
    assert [state.after_index for state in probed.states] == [0, 1]
    assert plain.states == ()


def test_a_crash_in_a_replay_is_an_outcome_and_the_replay_goes_on():
    async def story():
        player, _ = replayer()
        return await play(player, ReplayRequest(1, '"crash"'), B)

    first, second = asyncio.run(story()).answers
    assert first.outcome is Outcome.RUNTIME_EXIT
    assert second.response == '{"globals": null, "tmp": "crash"}'


def test_the_lines_of_the_init_are_kept_apart():
    async def story():
        player, _ = replayer(module=lambda runtime: runtime.log("loading"))
        return await play(player, A)

    replay = asyncio.run(story())
    assert (replay.init_log, replay.answers[0].log) == (("loading",), ("asked a",))


def test_a_sandbox_that_failed_is_ended_and_the_next_replay_has_a_new_one():
    async def story():
        player, backend = replayer()
        with suppress(SandboxLost):
            await play(player, ReplayRequest(1, '"vanish"'))
        replay = await play(player, B)
        return replay, backend

    replay, backend = asyncio.run(story())
    assert replay.answers[0].response == '{"globals": null, "tmp": null}'
    assert len(backend.started) == 2
    assert len(backend.alive) == 1


class Unclean(FakeSandbox):
    """Cannot be wiped."""

    def _on_wipe(self, message):
        self._say(wire.Fault("Wipe: NotCleanError: still there after a wipe: /tmp"))


class UncleanBackend(FakeBackend):
    """Makes such a sandbox first, and good ones after it."""

    async def start(self, spec):
        if self.started:
            return await super().start(spec)
        sandbox = Unclean("unclean", self)
        self.started.append(sandbox)
        self.alive[sandbox.id] = sandbox
        return sandbox


def test_a_sandbox_that_cannot_be_wiped_is_thrown_away():
    async def story():
        backend = UncleanBackend(FakeFunction(remember))
        player = SandboxReplayer(Function.model_validate(a_function()), backend, backend.clock, owner="o")
        with suppress(OurFailure):
            await play(player, A)
        assert "unclean" not in backend.alive
        return await play(player, B)

    assert asyncio.run(story()).answers[0].response == '{"globals": null, "tmp": null}'


def test_a_replay_that_is_cut_short_leaves_no_dirty_sandbox():
    async def story():
        player, backend = replayer()
        playing = asyncio.ensure_future(play(player, A))
        asyncio.get_running_loop().call_soon(playing.cancel)
        with pytest.raises(asyncio.CancelledError):
            await playing
        return backend

    assert asyncio.run(story()).alive == {}


def test_closing_ends_the_sandbox_and_may_be_repeated():
    async def story():
        player, backend = replayer()
        await play(player, A)
        await player.close()
        await player.close()
        return backend

    assert asyncio.run(story()).alive == {}


def test_replays_at_the_same_time_have_a_sandbox_each_and_two_alone_the_same_one():
    async def story():
        player, backend = replayer()
        replays = await asyncio.gather(play(player, A), play(player, B), play(player, A))
        at_once = len(backend.started)
        wiped = _wipes(backend)
        for _ in range(2):
            await play(player, B)
        used = [after - before for before, after in zip(wiped, _wipes(backend), strict=True)]
        await player.close()
        return replays, at_once, sorted(used), backend.alive

    replays, at_once, used, alive = asyncio.run(story())
    assert [each.answers[0].response for each in replays] == ['{"globals": null, "tmp": null}'] * 3
    assert (at_once, used, alive) == (3, [0, 0, 2], {})


def _wipes(backend):
    return [sum(isinstance(message, wire.Wipe) for message in each.received) for each in backend.started]


@pytest.mark.parametrize(
    ("purpose", "restored", "order"),
    [
        ("xray", (), ""),
        ("carrier", (), '{"after": 1, "places": []}'),
        ("carrier", ("app.last",), '{"after": 1, "places": ["app.last"]}'),
    ],
)
def test_only_a_replay_that_asks_for_the_carrier_has_an_order_to_put_back_and_so_no_walk(purpose, restored, order):
    async def story():
        player, backend = replayer()
        await player.play([A, B], probe=True, purpose=purpose, round=1, restored=restored)
        return backend.started[0].received

    (configured,) = [each for each in asyncio.run(story()) if isinstance(each, wire.Configure)]
    assert configured.restore == order


def test_a_function_is_loaded_when_it_may_begin():
    class Turn:
        def __init__(self):
            self.said = []

        async def __aenter__(self):
            self.said.append(len(backend.started[0].received))

        async def __aexit__(self, *_):
            self.said.append(len(backend.started[0].received))

    backend, turn = FakeBackend(FakeFunction(remember)), Turn()
    player = SandboxReplayer(
        Function.model_validate(a_function()), backend, backend.clock, owner="o", beginning=lambda: turn
    )
    asyncio.run(play(player, A))
    before, after = turn.said
    assert [type(each) for each in backend.started[0].received[before:after]] == [wire.Configure, wire.Init]
