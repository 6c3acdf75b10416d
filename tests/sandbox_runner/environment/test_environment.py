"""One environment against a fake sandbox: init, invoke, reset, suppressed init, freeze, shutdown."""

import asyncio

import pytest

from sandbox_runner import limits
from sandbox_runner.environment.attempt import Attempt
from sandbox_runner.environment.environment import Environment
from sandbox_runner.environment.guest_link import GuestLink
from sandbox_runner.environment.output import LogAllowance
from sandbox_runner.errors import BackendUnavailable, IllegalTransition, OurFailure, ProtocolViolation, SandboxLost
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import (
    AnswerStreamed,
    EnvironmentFrozen,
    InitFailed,
    LogWritten,
    OutputTruncated,
    PlatformInitReport,
    PlatformReport,
    PlatformStart,
    RequestAnswered,
    StateCaptured,
)
from sandbox_runner.guest import wire
from sandbox_runner.results.model import Outcome
from sandbox_runner.rules.lifecycle import State
from sandbox_runner.scenario.model import Function
from tests.builders import a_function
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits, SandboxVanishes, Streams, TakesForever

STREAM = "2026/01/05/[$LATEST]" + "0f" * 16


class Stage:
    """An environment on a fake sandbox, and what the log says of it."""

    def __init__(self, function=None, *, probe=False, allowance=None, **configuration):
        self.backend = FakeBackend(function or FakeFunction())
        self.clock = self.backend.clock
        self.log = EventLog(self.clock)
        self.sandbox = asyncio.run(self.backend.start(None))
        self.environment = Environment(
            "env-1",
            Function.model_validate(a_function(**configuration)),
            GuestLink(self.sandbox, self.clock),
            self.log,
            self.clock,
            stream=STREAM,
            allowance=allowance or LogAllowance(),
            probe=probe,
        )

    @property
    def state(self):
        return self.environment.state

    def invoke(self, index=1, payload=b"1"):
        attempt = Attempt(index, f"id-{index}", f"attempt-{index}", payload, "Root=1-0-0")
        asyncio.run(self.environment.invoke(attempt))
        return self.records(RequestAnswered)[-1]

    def initialize(self, **options):
        asyncio.run(self.environment.initialize(**options))
        return self

    def records(self, kind):
        return [each.record for each in self.log.events if isinstance(each.record, kind)]

    def types(self):
        return [each.record.type for each in self.log.events]

    def sent(self, kind):
        return [message for message in self.sandbox.received if isinstance(message, kind)]


def streaming(*pieces, **varied):
    return Stage(FakeFunction(lambda *_: Streams(pieces, **varied))).initialize()


def test_a_streamed_answer_is_recorded_as_it_comes_and_as_a_whole():
    stage = streaming(b"ab", b"c")
    answered = stage.invoke()
    assert (answered.response, answered.response_bytes, answered.chunks) == ("abc", 3, 2)
    assert (answered.outcome, answered.failure) == (Outcome.SUCCESS, "")
    chunks = [each for each in stage.log.events if isinstance(each.record, AnswerStreamed)]
    assert [each.record.bytes for each in chunks] == [2, 1]
    assert chunks[1].at_us - chunks[0].at_us == 100_000


def test_an_answer_that_fails_after_its_first_byte_keeps_what_had_come():
    answered = streaming(b"ab", fails="LateError").invoke()
    assert (answered.response, answered.outcome, answered.error_type) == ("ab", Outcome.FUNCTION_ERROR, "LateError")
    assert answered.failure == '{"errorType": "LateError", "errorMessage": "late"}'


def test_a_runtime_that_ends_while_it_streams_leaves_what_had_come():
    answered = streaming(b"ab", ends=False).invoke()
    assert (answered.response, answered.outcome) == ("ab", Outcome.RUNTIME_EXIT)
    assert "exit status 1" in answered.failure


def test_whoever_listens_hears_each_part_of_a_streamed_answer():
    stage, heard = streaming(b"ab", b"c"), []
    attempt = Attempt(1, "id-1", "attempt-1", b"1", "Root=1-0-0", hear=heard.append)
    asyncio.run(stage.environment.invoke(attempt))
    assert [each.body for each in heard] == [b"ab", b"c"]


def test_the_times_of_a_streamed_answers_first_chunks_are_kept(monkeypatch):
    monkeypatch.setattr(limits, "CHUNKS_MAX", 2)
    stage = streaming(*[b"x"] * 5)
    assert stage.invoke().chunks == 5
    assert len(stage.records(AnswerStreamed)) == 2


def exits(*_):
    raise RuntimeExits("exit status 1")


def takes_forever(*_):
    raise TakesForever


def once(misbehave):
    """A function that misbehaves the first time it is called."""
    calls = []

    def function(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            misbehave()
        return len(calls)

    return function


def test_an_init_is_announced_reported_and_leaves_the_environment_idle():
    stage = Stage().initialize()
    assert stage.state is State.IDLE
    assert stage.types() == ["platform.initStart", "platform.initRuntimeDone", "platform.initReport"]
    assert stage.records(PlatformInitReport)[0].metrics.duration_ms == 40.0
    assert stage.sent(wire.Init)[0].limit_us == 10_000_000


def test_the_main_runs_configuration_has_no_probe_and_states_every_bound():
    (configure,) = Stage(memory_mb=256).initialize().sent(wire.Configure)
    assert (configure.probe, configure.state_leaves_max, configure.state_bytes_max) == (False, 0, 0)
    assert (configure.memory_mb, configure.tmp_mb) == (256, 512)
    assert configure.response_bytes_max == 6_291_556
    assert configure.environment["AWS_LAMBDA_LOG_STREAM_NAME"] == STREAM


def test_an_environment_nobody_waits_for_freezes_after_its_init():
    assert Stage().initialize(freeze=True).state is State.FROZEN


def test_a_good_invocation_ends_frozen_and_says_so_in_order():
    stage = Stage().initialize()
    answered = stage.invoke(payload=b'"hoge"')
    assert (answered.outcome, answered.response) == (Outcome.SUCCESS, '{"count": 1, "event": "hoge"}')
    assert stage.state is State.FROZEN
    assert stage.types()[3:] == [
        "platform.start",
        "request.answered",
        "platform.runtimeDone",
        "platform.report",
        "environment.frozen",
    ]


def test_the_next_request_thaws_the_environment_and_finds_its_state():
    stage = Stage().initialize()
    stage.invoke(1)
    assert stage.invoke(2).response == '{"count": 2, "event": 1}'
    assert stage.types().count("environment.thawed") == 1
    assert len(stage.records(EnvironmentFrozen)) == 2


def test_only_the_first_report_shows_the_init():
    stage = Stage().initialize()
    stage.invoke(1)
    stage.invoke(2)
    first, second = (report.metrics for report in stage.records(PlatformReport))
    assert (first.duration_ms, first.init_duration_ms, first.billed_duration_ms) == (2.0, 40.0, 42)
    assert (second.duration_ms, second.init_duration_ms, second.billed_duration_ms) == (2.0, None, 2)


def test_max_memory_used_never_falls():
    function = FakeFunction(peak_memory_kb=80 * 1024)
    stage = Stage(function).initialize()
    function.peak_memory_kb = 50 * 1024
    stage.invoke()
    assert stage.records(PlatformReport)[0].metrics.max_memory_used_mb == 80


def test_a_handlers_exception_is_its_answer_and_resets_nothing():
    def handler(event, runtime):
        runtime.globals["n"] = runtime.globals.get("n", 0) + 1
        if event == 1:
            raise ValueError("boom")
        return runtime.globals["n"]

    stage = Stage(FakeFunction(handler)).initialize()
    failed = stage.invoke(1, b"1")
    assert (failed.outcome, failed.error_type, failed.function_error) == (
        Outcome.FUNCTION_ERROR,
        "ValueError",
        "Unhandled",
    )
    assert stage.records(PlatformReport)[0].status == "success"
    assert stage.invoke(2, b"2").response == "2"
    assert "environment.reset" not in stage.types()


@pytest.mark.parametrize(
    ("misbehave", "reason", "status", "error_type", "outcome"),
    [
        pytest.param(exits, "failure", "error", "Runtime.ExitError", Outcome.RUNTIME_EXIT, id="exit"),
        pytest.param(takes_forever, "timeout", "timeout", None, Outcome.TIMEOUT, id="timeout"),
    ],
)
def test_an_invocation_that_ends_badly_resets_the_environment(misbehave, reason, status, error_type, outcome):
    stage = Stage(FakeFunction(misbehave)).initialize()
    assert stage.invoke().outcome == outcome
    assert stage.state is State.NEEDS_INIT
    assert stage.sent(wire.Reset) == [wire.Reset(reason, 0)]
    (report,) = stage.records(PlatformReport)
    assert (report.status, report.error_type) == (status, error_type)
    assert stage.types()[-5:] == [
        "request.answered",
        "platform.runtimeDone",
        "environment.reset",
        "environment.resetDone",
        "platform.report",
    ]


def test_out_of_memory_has_its_name_in_the_log_and_not_in_the_answer():
    def handler(*_):
        raise RuntimeExits("signal: killed", out_of_memory=True)

    stage = Stage(FakeFunction(handler)).initialize()
    answered = stage.invoke()
    assert stage.records(PlatformReport)[0].error_type == "Runtime.OutOfMemory"
    assert (answered.outcome, answered.error_type) == (Outcome.OUT_OF_MEMORY, "Runtime.OutOfMemory")
    assert "OutOfMemory" not in answered.response


def test_after_a_reset_the_init_is_paid_inside_the_next_invocation():
    stage = Stage(FakeFunction(once(exits))).initialize()
    stage.invoke(1)
    assert stage.environment.next_start() == "suppressed-init"
    assert stage.invoke(2).outcome == Outcome.SUCCESS
    report = stage.records(PlatformReport)[1].metrics
    assert (report.duration_ms, report.init_duration_ms, report.billed_duration_ms) == (42.0, None, 42)
    assert stage.sent(wire.Init)[1].phase == "invoke"


def test_a_suppressed_init_leaves_the_handler_less_time():
    stage = Stage(FakeFunction(once(exits), init_s=1.0)).initialize()
    stage.invoke(1)
    stage.invoke(2)
    first, second = stage.sent(wire.Invoke)
    assert (first.timeout_us, second.timeout_us) == (3_000_000, 2_000_000)
    assert stage.sent(wire.Init)[1].limit_us == 3_000_000


def test_the_output_of_a_suppressed_init_comes_before_its_start_and_belongs_to_its_request():
    function = FakeFunction(once(exits), module=lambda runtime: runtime.log("loading"))
    stage = Stage(function).initialize()
    stage.invoke(1)
    stage.invoke(2)
    events = [each for each in stage.log.events if each.request_id == "id-2"]
    kinds = [each.record.type for each in events]
    assert kinds.index("log.line") < kinds.index("platform.start")


def test_tmp_outlives_a_reset_and_module_state_does_not():
    def handler(event, runtime):
        seen = {"globals": dict(runtime.globals), "tmp": dict(runtime.tmp)}
        runtime.globals["who"] = runtime.tmp["who"] = event
        if event == "a":
            raise RuntimeExits("exit status 1")
        return seen

    stage = Stage(FakeFunction(handler)).initialize()
    stage.invoke(1, b'"a"')
    assert stage.invoke(2, b'"b"').response == '{"globals": {}, "tmp": {"who": "a"}}'


def import_error(_):
    report = {
        "errorMessage": "Unable to import module 'app'",
        "errorType": "Runtime.ImportModuleError",
        "requestId": "",
    }
    raise RuntimeExits("exit status 1", report=report)


def test_a_failed_init_is_repeated_in_every_invocation():
    stage = Stage(FakeFunction(module=import_error)).initialize()
    assert stage.state is State.NEEDS_INIT
    for index in (1, 2):
        answered = stage.invoke(index)
        assert (answered.outcome, answered.error_type) == (Outcome.INIT_ERROR, "Runtime.ImportModuleError")
        assert "Unable to import" in answered.response
    assert [report.phase for report in stage.records(PlatformInitReport)] == ["init", "invoke", "invoke"]
    assert len(stage.records(PlatformStart)) == len(stage.records(PlatformReport)) == 2
    assert all(report.metrics.init_duration_ms is None for report in stage.records(PlatformReport))


def test_why_the_init_phase_failed_is_kept_for_a_request_that_has_no_time_to_repeat_it():
    stage = Stage(FakeFunction(module=import_error)).initialize()
    stage.invoke()
    (failed,) = stage.records(InitFailed)
    assert "Unable to import" in failed.said


def test_an_init_over_ten_seconds_is_repeated_under_the_functions_timeout():
    stage = Stage(FakeFunction(module=takes_forever)).initialize()
    answered = stage.invoke()
    assert answered.outcome == Outcome.TIMEOUT
    first, second = stage.records(PlatformInitReport)
    assert (first.phase, first.status, first.metrics.duration_ms) == ("init", "timeout", 10_000.0)
    assert (second.phase, second.status, second.metrics.duration_ms) == ("invoke", "timeout", 3000.0)
    assert stage.records(PlatformReport)[0].metrics.duration_ms == 3000.0


def test_an_answer_over_the_limit_reaches_the_caller_as_an_error():
    stage = Stage(FakeFunction(lambda *_: "x" * limits.RESPONSE_BYTES_MAX)).initialize()
    answered = stage.invoke()
    assert answered.error_type == "Function.ResponseSizeTooLarge"


def test_a_long_answer_is_kept_in_part_and_counted():
    stage = Stage(FakeFunction(lambda *_: "x" * 300_000)).initialize()
    answered = stage.invoke()
    assert len(answered.response) == limits.RESULT_ANSWER_BYTES_MAX
    assert answered.response_bytes == 300_002
    assert answered.response_cut == 300_002 - limits.RESULT_ANSWER_BYTES_MAX


def test_output_over_the_runs_allowance_is_counted_and_not_kept():
    def handler(_, runtime):
        for _ in range(5):
            runtime.log("x" * 40)

    stage = Stage(FakeFunction(handler), allowance=LogAllowance(100)).initialize()
    stage.invoke()
    assert len(stage.records(LogWritten)) == 2
    assert stage.records(OutputTruncated) == [OutputTruncated(lines=3, bytes=120)]


def test_what_the_guest_threw_away_is_recorded():
    stage = Stage(FakeFunction(lambda _, runtime: runtime.lose_output(7, 9000))).initialize()
    stage.invoke()
    assert stage.records(OutputTruncated) == [OutputTruncated(lines=7, bytes=9000)]


def test_half_characters_in_a_line_are_replaced_so_that_the_log_can_be_stored():
    stage = Stage(FakeFunction(lambda _, runtime: runtime.log("a\ud800b"))).initialize()
    stage.invoke()
    assert stage.records(LogWritten)[0].text == "a\ufffdb"
    assert stage.log.events[-1].model_dump_json()


def test_with_the_probe_every_phase_leaves_a_walk():
    def handler(event, runtime):
        runtime.globals["seen"] = event

    stage = Stage(FakeFunction(handler), probe=True).initialize()
    stage.invoke(3, b'"hoge"')
    first, second = stage.records(StateCaptured)
    assert (first.after_index, first.leaves) == (0, ())
    assert (second.after_index, [leaf.path for leaf in second.leaves]) == (3, ["app.seen"])


def test_shutdown_without_extensions_has_no_budget_and_destroys_the_sandbox():
    stage = Stage().initialize()
    stage.invoke()
    asyncio.run(stage.environment.shutdown("spindown"))
    assert stage.state is State.TERMINATED
    assert stage.sent(wire.Shutdown) == [wire.Shutdown("spindown", 0)]
    assert stage.sandbox.destroyed
    assert stage.types()[-2:] == ["environment.shutdown", "environment.terminated"]


def test_an_environment_can_be_destroyed_in_the_middle_of_its_life():
    stage = Stage().initialize()
    asyncio.run(stage.environment.destroy())
    assert stage.state is State.TERMINATED
    assert stage.backend.alive == {}


def test_an_invocation_before_init_is_refused_by_the_table():
    with pytest.raises(IllegalTransition):
        Stage().invoke()


def test_a_sandbox_that_goes_away_is_our_failure():
    def handler(*_):
        raise SandboxVanishes

    with pytest.raises(SandboxLost):
        Stage(FakeFunction(handler)).initialize().invoke()


def test_a_runtime_that_the_image_lacks_is_named():
    with pytest.raises(BackendUnavailable, match=r"does not offer nodejs24\.x, only nodejs22\.x, python3\.13"):
        Stage(runtime="nodejs24.x").initialize()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        pytest.param(wire.Fault("out of descriptors"), OurFailure, id="a fault of the supervisor"),
        pytest.param(wire.WipeDone(0, 0), ProtocolViolation, id="an answer to nothing"),
        pytest.param(wire.InitDone("init", "maybe", 0, 1), ProtocolViolation, id="a status that does not exist"),
        pytest.param(
            wire.Logs([wire.LogLine(0, "stdwrong", "x")]), ProtocolViolation, id="a stream that does not exist"
        ),
    ],
)
def test_a_guest_that_breaks_the_protocol_is_our_failure(said, error):
    stage = Stage()
    stage.sandbox._say(said)
    with pytest.raises(error):
        stage.initialize()


def test_the_time_an_engine_takes_to_clear_its_sandbox_is_not_part_of_the_shutdown():
    stage = Stage()
    asyncio.run(stage.environment.initialize(freeze=True))
    destroy = stage.sandbox.destroy

    async def slowly():
        stage.clock.advance(0.1)
        await destroy()

    stage.sandbox.destroy = slowly
    begun_us = stage.clock.monotonic_us()

    asyncio.run(stage.environment.shutdown("run-ended"))

    terminated = stage.log.events[-1]
    assert terminated.record.type == "environment.terminated"
    assert stage.clock.monotonic_us() - begun_us >= 100_000
    assert terminated.at_us < 100_000
