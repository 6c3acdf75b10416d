"""What a replay's function gets that calls another."""

from __future__ import annotations

from sandbox_runner import limits
from sandbox_runner.account.base import AwsRequest
from sandbox_runner.environment.guest_link import Serving
from sandbox_runner.events.records import Event, RequestAnswered, RequestArrived, RequestThrottled
from sandbox_runner.proof.replayed_calls import RecordedCalls, ReplayedCalls
from sandbox_runner.proof.replays import ReplayAnswer
from sandbox_runner.results.model import Outcome
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function

FUNCTIONS = {"front": a_function(), "worker": a_function()}
STEPS = [{"invoke": {"function": "front", "payload": 1}}]
SCENARIO = parse_scenario({"version": 2, "functions": FUNCTIONS, "steps": STEPS})


class World:
    """A replay of request 1, whose function calls; what is played in it is answered as by a fresh environment."""

    def __init__(self, *events, depth=0):
        self.played = []
        self.calls = ReplayedCalls(RecordedCalls(SCENARIO, events), "the account", self._play, depth)

    async def _play(self, function, request, beside):
        self.played.append((function, request.index, request.payload, beside.account, beside.depth))
        outcome = Outcome.FUNCTION_ERROR if "fail" in request.payload else Outcome.SUCCESS
        return ReplayAnswer(request.index, "fresh-id", outcome, "", '"fresh"', log=("hoge",))

    async def ask(self, payload=b"{}", by=1, **headers):
        """One call."""
        told = tuple((f"X-Amz-{key.replace('_', '-')}", value) for key, value in headers.items())
        request = AwsRequest("POST", "/2015-03-31/functions/worker/invocations", told, payload)
        return await self.calls.answer(request, Serving(by, "id"))


def call(index, came, payload="{}", by=1, kind="sync"):
    """The events of one call in the run."""
    arrived = RequestArrived(
        index=index,
        principal="a",
        payload=payload,
        payload_bytes=len(payload),
        invocation_type=kind,
        function="worker",
        called_by=by,
    )
    return [Event(seq=1, at_us=0, service_at_us=0, request_id=f"id-{index}", record=each) for each in (arrived, came)]


def answered(index, response, **fields):
    """What the run's call was answered."""
    told = {"status_code": 200, "response_bytes": len(response), "outcome": "success", **fields}
    return RequestAnswered(index=index, attempt=1, response=response, **told)


async def test_a_call_of_the_run_is_played_again_and_answered_as_it_was():
    world = World(*call(2, answered(2, '"warm"')))

    answer = await world.ask()

    assert (answer.status, answer.body) == (200, b'"warm"')
    assert world.played == [("worker", 2, "{}", "the account", 1)]


async def test_equal_calls_are_answered_in_their_order_and_one_more_by_a_fresh_environment():
    world = World(*call(2, answered(2, "1")), *call(3, answered(3, "2")))

    assert [(await world.ask()).body for _ in range(3)] == [b"1", b"2", b'"fresh"']
    assert [index for _, index, *_ in world.played] == [2, 3, 0]


async def test_a_call_that_asks_something_else_or_for_another_request_is_answered_by_a_fresh_environment():
    world = World(*call(2, answered(2, '"warm"')))

    assert (await world.ask(b'{"other": 1}')).body == b'"fresh"'
    assert (await world.ask(by=9)).body == b'"fresh"'


async def test_errors_are_heard_again_whether_recorded_or_fresh():
    world = World(*call(2, answered(2, "{}", function_error="Unhandled")))

    recorded, fresh = await world.ask(), await world.ask(b'"fail"')

    assert [dict(each.headers)["x-amz-function-error"] for each in (recorded, fresh)] == ["Unhandled", "Unhandled"]


async def test_a_throttled_call_is_throttled_again_and_not_played():
    world = World(*call(2, RequestThrottled(index=2, reason="r", body='{"Reason":"r"}')))

    answer = await world.ask()

    assert (answer.status, dict(answer.headers)["x-amzn-errortype"], world.played) == (
        429,
        "TooManyRequestsException",
        [],
    )


async def test_an_answer_that_the_log_has_in_part_is_not_passed_off_as_whole():
    world = World(*call(2, answered(2, '"wa', response_cut=3)))

    assert (await world.ask()).body == b'"fresh"'


async def test_an_event_is_accepted_and_left_to_its_own_replay():
    world = World(*call(2, answered(2, "1"), kind="event"))

    assert [(await world.ask(Invocation_Type=kind)).status for kind in ("Event", "DryRun")] == [202, 204]
    assert world.played == []


async def test_a_log_that_is_asked_for_has_the_lines_of_the_replay():
    world = World(*call(2, answered(2, "1")))

    headers = dict((await world.ask(Log_Type="Tail")).headers)
    assert headers["x-amz-log-result"] == "aG9nZQo="


async def test_calls_that_lead_nowhere_are_stopped():
    world = World(depth=limits.RECURSION_MAX)

    assert (await world.ask()).status == 400
    assert world.played == []
