"""The command line: what it prints and how it exits."""

import io
import json
import re

import pytest

from sandbox_runner import cli, cli_text
from sandbox_runner.cli import main
from sandbox_runner.cli_text import Paint, render
from sandbox_runner.engine import Engine
from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.results import RunResult, Verdict
from sandbox_runner.runner import RunOptions
from tests.builders import invoke, scenario
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits


def hold_over(event, runtime):
    """Answers the message of whoever came first."""
    runtime.log(f"asked {event}")
    return runtime.globals.setdefault("first", event)


def played(*steps, handler=hold_over, prove=True):
    backend = FakeBackend(FakeFunction(handler))
    with Engine(backend=backend, pool=False, clock=backend.clock) as engine:
        return engine.run(scenario(*steps), options=RunOptions(prove=prove))


def with_verdict(verdict):
    return played(invoke("x"), prove=False).model_copy(update={"verdict": verdict})


@pytest.fixture
def scenario_file(tmp_path):
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(scenario().to_json()))
    return path


@pytest.fixture
def on_fake(monkeypatch):
    """Has ``run`` play in the fake's sandboxes, as though the machine offered no other."""
    backend = FakeBackend(FakeFunction(hold_over))
    monkeypatch.setattr("sandbox_runner.engine.choose", lambda _: backend)
    return backend


def ran(*arguments):
    out, err = io.StringIO(), io.StringIO()
    status = main([str(each) for each in arguments], out=out, err=err)
    return status, out.getvalue(), err.getvalue()


# --- run ---


def test_run_prints_the_verdict_first(scenario_file, on_fake):
    status, out, err = ran("run", scenario_file)
    assert (status, err) == (0, "")
    assert re.match(r"LEAK  .*tenant-b", out)
    assert on_fake.alive == {}


def test_run_prints_the_result_as_json(scenario_file, on_fake):
    status, out, _ = ran("run", scenario_file, "--json", "--no-prove")
    assert status == 0
    assert RunResult.model_validate_json(out).backend.name == "fake"


@pytest.mark.parametrize(
    ("verdict", "fail_on", "status"),
    [
        (Verdict.LEAK, None, 0),
        (Verdict.LEAK, "leak", 1),
        (Verdict.LEAK, "history-dependent", 1),
        (Verdict.LEAK, "retained", 1),
        (Verdict.HISTORY_DEPENDENT, "leak", 0),
        (Verdict.HISTORY_DEPENDENT, "history-dependent", 1),
        (Verdict.HISTORY_DEPENDENT, "retained", 1),
        (Verdict.RETAINED, "leak", 0),
        (Verdict.RETAINED, "history-dependent", 0),
        (Verdict.RETAINED, "retained", 1),
        (Verdict.CLEAN, "retained", 0),
        (Verdict.UNDETERMINED, "retained", 0),
    ],
)
def test_fail_on_names_the_mildest_verdict_that_fails(verdict, fail_on, status):
    assert cli.exit_status(with_verdict(verdict), fail_on) == status


def test_user_code_that_fails_is_a_normal_end(tmp_path, on_fake):
    def handler(*_):
        raise RuntimeExits("exit status 1")

    on_fake.function.handler = handler
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(scenario(invoke()).to_json()))
    assert ran("run", path)[0] == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("steps: []", "function is missing; describe the function"),
        ("function: {}\nstepz: []", "line 2: unknown key stepz; did you mean steps?"),
        ("\x00", "this is not YAML"),
    ],
)
def test_a_scenario_that_cannot_be_played_exits_2_with_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    status, out, err = ran("run", path)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert sentence in err


def test_a_missing_file_and_a_binary_one_are_named(tmp_path):
    assert ran("run", tmp_path / "nothing.yaml")[::2][0] == 2
    assert "cannot be read: No such file" in ran("run", tmp_path / "nothing.yaml")[2]
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe")
    assert "is not UTF-8 text" in ran("run", tmp_path / "binary.yaml")[2]


def test_our_failure_exits_2_with_one_sentence(scenario_file, monkeypatch):
    def choose(_):
        raise BackendUnavailable("no Docker engine answers")

    monkeypatch.setattr("sandbox_runner.engine.choose", choose)
    assert ran("run", scenario_file) == (2, "", "no Docker engine answers\n")


def test_an_interrupt_exits_as_interrupted(scenario_file, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run_scenario", interrupted)
    assert ran("run", scenario_file)[0] == 130


# --- the text ---


def test_the_text_shows_requests_findings_log_and_checks():
    text = render(played(), Paint(on=False))
    for part in ("1. leak", "after request 1", "alone", "Requests", "tenant-b", "Log", "REPORT RequestId:", "Checks"):
        assert part in text
    assert "\x1b" not in text


def test_colours_are_for_terminals_only():
    assert "\x1b[" in render(played(), Paint(on=True))


def test_nothing_of_a_function_reaches_the_terminal_as_a_control():
    def handler(event, runtime):
        runtime.log("\x1b]0;owned\x07\x1b[2J\x9b31m\rgone")
        return "\x1b[2J\u202e"

    text = render(played(invoke("\x1b[1m", "a\x1b[1m"), handler=handler), Paint(on=False))
    assert not set(text) & {"\x1b", "\x9b", "\x07", "\r", "\u202e"}
    assert "\\x1b]0;owned\\x07" in text


def test_long_answers_are_shortened_and_what_is_missing_is_said():
    result = played(invoke("x"), handler=lambda *_: "y" * 300_000, prove=False)
    text = render(result, Paint(on=False))
    assert max(len(line) for line in text.splitlines()) < 400
    assert "37.0 KB more were cut" in text


def test_every_verdict_has_its_word():
    assert set(cli_text._WORDS) == set(Verdict)


# --- the other commands ---


def test_schema_prints_both_schemas():
    status, out, _ = ran("schema")
    schemas = json.loads(out)
    assert status == 0
    assert schemas["scenario"]["title"] == "Scenario"
    assert schemas["result"]["title"] == "RunResult"


def test_lifecycle_prints_the_whole_table():
    status, out, _ = ran("lifecycle")
    assert (status, len(out.splitlines())) == (0, 21)


def test_an_unknown_command_is_refused():
    with pytest.raises(SystemExit) as exited:
        ran("destroy")
    assert exited.value.code == 2
