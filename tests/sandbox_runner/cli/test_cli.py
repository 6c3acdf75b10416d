"""The command line: what it prints and how it exits."""

import io
import json
import re
from xml.etree import ElementTree as ET

import pytest

from sandbox_runner.cli import run, terminal
from sandbox_runner.cli.main import main
from sandbox_runner.cli.terminal import Paint, render
from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.messages import vocabulary
from sandbox_runner.results.model import RunResult, Verdict
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
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
    monkeypatch.setattr("sandbox_runner.run.engine.choose", lambda _: backend)
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


def test_callers_that_send_the_same_are_pointed_out_on_standard_error(tmp_path, on_fake):
    file = tmp_path / "scenario.json"
    sent = scenario(invoke({"who": "same-7Qx"}, "a"), invoke({"who": "same-7Qx"}, "b"))
    file.write_text(json.dumps(sent.to_json()))
    status, out, err = ran("run", file, "--json", "--no-prove")
    assert status == 0
    assert json.loads(out)["version"] == 2
    assert err.startswith("Requests 1, 2 send the same `who` (same-7Qx): ")


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
        (Verdict.NOTHING_TO_COMPARE, "retained", 0),
    ],
)
def test_fail_on_names_the_mildest_verdict_that_fails(verdict, fail_on, status):
    assert run.exit_status(with_verdict(verdict), fail_on) == status


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

    monkeypatch.setattr("sandbox_runner.run.engine.choose", choose)
    assert ran("run", scenario_file) == (2, "", "No sandbox could be started: no Docker engine answers\n")


# --- several scenarios ---


@pytest.fixture
def files(tmp_path):
    """Makes scenario files: a text as it is, or a scenario of one request for each payload."""

    def make(**named):
        for name, what in named.items():
            text = what if isinstance(what, str) else json.dumps(scenario(*map(invoke, what)).to_json())
            (tmp_path / f"{name}.yaml").write_text(text)
        return [tmp_path / f"{name}.yaml" for name in named]

    return make


def test_several_scenarios_end_in_a_summary_and_the_highest_status(files, on_fake):
    paths = files(leaky=["long-message-a", "long-message-b"], alone=["x"], broken="steps: []")
    status, out, err = ran("run", *paths, "--fail-on", "leak")
    rows = out[out.index("Summary") :].splitlines()
    assert [row.split()[0] for row in rows[1:4]] == ["LEAK", "NOTHING", "NOT"]
    assert rows[-1] == "3 scenarios: 1 failed --fail-on leak; 1 could not be run."
    assert (status, err.count("\n")) == (2, 1)
    assert "broken.yaml: function is missing" in err


def test_several_results_are_json_lines_with_their_files(files, on_fake):
    paths = files(alone=["x"], broken="steps: []")
    _, out, _ = ran("run", *paths, "--json", "--no-prove")
    first, second = map(json.loads, out.splitlines())
    assert RunResult.model_validate(first["result"]).verdict == Verdict.NOTHING_TO_COMPARE
    assert (first["file"], "function is missing" in second["problem"]) == (str(paths[0]), True)


def test_where_no_sandbox_can_be_had_every_scenario_says_so(files, monkeypatch):
    def choose(_):
        raise BackendUnavailable("no Docker engine answers")

    monkeypatch.setattr("sandbox_runner.run.engine.choose", choose)
    status, _, err = ran("run", *files(one=["x"], two=["y"]))
    assert (status, err.count("no Docker engine answers\n")) == (2, 2)


# --- options ---


def test_a_budget_bounds_the_proof(scenario_file, on_fake):
    _, out, _ = ran("run", scenario_file, "--budget", "3,5s", "--json")
    used = RunResult.model_validate_json(out).proof
    assert (used.replays, used.replays_max, used.seconds_max) == (3, 3, 5)


def test_the_text_says_what_the_proof_used(scenario_file, on_fake):
    assert re.search(
        r"3 of 3 replays, [0-9.]+ of 10 s. The limit of 3 replays was reached.",
        ran("run", scenario_file, "--budget", "3")[1],
    )
    assert "the proof was turned off" in ran("run", scenario_file, "--no-prove")[1]
    assert "Confirmed" in ran("run", scenario_file, "--prove")[1]


def test_a_budget_without_a_proof_is_a_contradiction(scenario_file):
    status, out, err = ran("run", scenario_file, "--no-prove", "--budget", "5")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "drop one of them" in err


@pytest.mark.parametrize("budget", ["0", "-1", "NaN", "1e308"])
def test_a_budget_that_is_none_exits_2_with_one_sentence(scenario_file, budget):
    status, out, err = ran("run", scenario_file, "--budget", budget)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert f"--budget {budget} is" in err


def test_a_report_is_written_beside_the_text(scenario_file, on_fake, tmp_path):
    path = tmp_path / "report.xml"
    status, out, _ = ran("run", scenario_file, "--junit", path, "--fail-on", "leak")
    assert (status, out[:4]) == (1, "LEAK")
    assert ET.parse(path).getroot().get("failures") == "1"


def test_a_report_that_cannot_be_written_costs_no_run(scenario_file, on_fake, tmp_path):
    status, out, err = ran("run", scenario_file, "--junit", tmp_path / "nowhere" / "report.xml")
    assert (status, out, on_fake.specs) == (2, "", [])
    assert "name a file in a folder that exists" in err


def test_an_interrupt_exits_as_interrupted(scenario_file, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Engine, "run", interrupted)
    assert ran("run", scenario_file)[0] == 130


# --- the text ---


def test_the_text_lists_the_first_pairs_of_a_finding_and_counts_the_rest():
    payloads = [invoke(f"message-{number}-of-it", f"tenant-{number}") for number in range(1, 15)]
    text = render(played(*payloads), Paint(on=False))
    assert "   also request 3 (tenant-3), from request 1 (tenant-1): strong evidence" in text.split("\n")
    assert text.count("   also request ") == 10
    assert "   and 2 more" in text.split("\n")


def test_the_text_shows_requests_findings_log_and_checks():
    text = render(played(), Paint(on=False))
    for part in (
        "1. leak",
        "after request 1",
        "on a cold start",
        "Requests",
        "tenant-b",
        "Log",
        "REPORT RequestId:",
        "Checks",
    ):
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
    assert "37.0 KB more not shown" in text


def test_every_verdict_has_its_word():
    assert set(terminal._COLOURS) == set(Verdict) <= set(vocabulary("verdict"))


# --- the other commands ---


def test_schema_prints_both_schemas():
    status, out, _ = ran("schema")
    schemas = json.loads(out)
    assert status == 0
    assert schemas["scenario"]["title"] == "Scenario"
    assert schemas["result"]["title"] == "RunResult"


def test_lifecycle_prints_the_whole_table():
    status, out, _ = ran("lifecycle")
    assert (status, len(out.splitlines())) == (0, 22)


@pytest.mark.parametrize(("options", "environment"), [(("--lang", "ja"), {}), ((), {"LC_ALL": "ja_JP.UTF-8"})])
def test_results_are_told_in_the_language_that_is_asked_for(scenario_file, on_fake, monkeypatch, options, environment):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, environment.get(name, ""))
    out = ran(*options, "run", scenario_file)[1]
    told = json.loads(ran(*options, "run", scenario_file, "--json")[1])
    assert out.startswith("漏えい  tenant-b への応答に、")
    assert told["verdict_sentence"].startswith("tenant-b への応答に、")
    assert {each["sentence"] for each in told["checks"]} <= {
        line.split(": ", 1)[-1].strip() for line in out.splitlines()
    }


def test_an_unknown_command_is_refused():
    with pytest.raises(SystemExit) as exited:
        ran("destroy")
    assert exited.value.code == 2
