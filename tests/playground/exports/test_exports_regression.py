"""A run as a regression test to commit; what it comes to on real sandboxes is in tests/exports."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from playground.exports.origin import Origin
from playground.exports.regression import node_test_file, pytest_file
from sandbox_runner.results.parts import DependenciesResult, Package
from sandbox_runner.scenario.model import Scenario
from tests.playground.hostile_results import hostile
from tests.playground.run_results import leak, scenario

ORIGIN = Origin("an-id", "https://holdover.example/r/an-id", "2026-07-01 00:00 UTC", "0.1.0")
RESULTS = [pytest.param(leak(), id="a leak"), pytest.param(hostile(), id="hostile texts")]


def python_scenario(text):
    """What the file's own literal holds, as Python reads it; nothing of the file is run."""
    values = {node.targets[0].id: node.value for node in ast.parse(text).body if isinstance(node, ast.Assign)}
    return json.loads(values["SCENARIO"].args[0].value)


@pytest.mark.parametrize("result", RESULTS)
def test_the_pytest_file_holds_the_scenario(result):
    assert Scenario.model_validate(python_scenario(pytest_file(result, ORIGIN))) == result.scenario


@pytest.mark.parametrize("result", RESULTS)
def test_the_node_file_holds_the_scenario(result):
    lines = re.search(r"JSON\.parse\(\[\n(.*?)\n\]\.join", node_test_file(result, ORIGIN), re.DOTALL)[1]

    assert Scenario.model_validate(json.loads("\n".join(json.loads(f"[{lines}]")))) == result.scenario


@pytest.mark.parametrize("result", RESULTS)
def test_the_pytest_file_has_nothing_but_what_the_template_has(result):
    ours = [type(node) for node in ast.parse(pytest_file(leak(), ORIGIN)).body]

    assert [type(node) for node in ast.parse(pytest_file(result, ORIGIN)).body] == ours


@pytest.mark.parametrize("result", RESULTS)
def test_node_reads_the_file(result, tmp_path):
    if not (node := shutil.which("node")):
        pytest.skip("There is no node on this machine; the file's shape is tested without it.")
    path = tmp_path / "a.test.mjs"
    path.write_text(node_test_file(result, ORIGIN), "utf-8")

    assert subprocess.run([node, "--check", path], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("make", [pytest_file, node_test_file])
def test_a_files_own_words_are_lines_of_a_comment(make):
    head = make(hostile(), ORIGIN).split("\n")[:4]

    assert "import" not in " ".join(head[1:3])
    assert head[0].startswith(('"""', "// "))


@pytest.mark.parametrize(
    ("verdict", "grade"),
    [
        ("leak", "leak"),
        ("history-dependent", "history-dependent"),
        ("retained", "retained"),
        ("clean", "leak"),
        ("undetermined", "leak"),
    ],
)
def test_it_fails_for_the_runs_own_verdict_and_graver_ones(verdict, grade):
    result = leak(verdict=verdict)

    assert f'"--fail-on", "{grade}"' in pytest_file(result, ORIGIN)
    assert f'"--fail-on", "{grade}"' in node_test_file(result, ORIGIN)


def test_it_says_from_which_run_it_is():
    assert f"From {ORIGIN.url}" in pytest_file(leak(scenario=scenario()), ORIGIN)


LOCK = f"requests==2.32.5 --hash=sha256:{'ab' * 32}\n"
# In place of the emulator: keeps what it is asked to play, and is content.
PLAYER = "import pathlib, sys\npathlib.Path('played.json').write_text(sys.stdin.read())\n"


def with_packages():
    """A run of a function that asks for a package, of which the lock was kept beside the scenario."""
    files = {"app.py": "import requests\n", "requirements.txt": "requests\n"}
    asked = scenario(runtime="python3.13", files=files, dependencies="auto")
    packages = (Package(name="requests", version="2.32.5"),)
    installed = DependenciesResult(file="requirements.lock", packages=packages, lock=LOCK)
    return leak(scenario=asked, dependencies=(installed,))


def run_file(kind, folder):
    """What the file plays where the function's files are beside it."""
    (folder / "sandbox_runner.py").write_text(PLAYER)
    path = folder / ("test_it.py" if kind == "pytest" else "it.test.mjs")
    path.write_text((pytest_file if kind == "pytest" else node_test_file)(with_packages(), ORIGIN), "utf-8")
    if kind == "node" and not shutil.which("node"):
        pytest.skip("There is no node on this machine to run a node:test file with.")
    call = f"import {path.stem}; {path.stem}.test_one_request_does_not_hold_over_to_another()"
    command = [sys.executable, "-c", call] if kind == "pytest" else ["node", "--test", str(path)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("NODE_TEST")}
    environ |= {"PYTHONPATH": str(folder), "PYTHON": sys.executable}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "played.json").read_text())["function"]["files"]


@pytest.mark.parametrize("kind", ["pytest", "node"])
def test_the_lock_of_the_runs_packages_goes_with_it(kind, tmp_path):
    (tmp_path / "requirements.txt").write_text("requests\n")
    assert run_file(kind, tmp_path)["requirements.lock"] == LOCK


@pytest.mark.parametrize("kind", ["pytest", "node"])
def test_a_lock_does_not_outlive_what_it_was_made_from(kind, tmp_path):
    (tmp_path / "requirements.txt").write_text("httpx\n")
    files = run_file(kind, tmp_path)
    assert files["requirements.txt"] == "httpx\n"
    assert "requirements.lock" not in files
