"""The generated regression tests on real sandboxes: they fail on the leaking revision and pass on the fixed one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from playground.exports.origin import Origin
from playground.exports.regression import node_test_file, pytest_file
from playground.gallery import incident
from sandbox_runner.scenario.reader import parse_scenario
from tests.architecture.project import ROOT
from tests.side_by_side import SideBySide

KEEPS_NOTHING = "def handler(event, context):\n    return event\n"
INCIDENT = incident("node-module-variable")
ORIGIN = Origin("an-id", "https://holdover.example/r/an-id", "2026-07-01 00:00 UTC", "0.1.0")


@pytest.fixture(scope="module")
def played_once():
    """What a run of incident 1 came to, by backend."""
    with SideBySide() as played:
        yield played


@pytest.fixture
def leaking(engine, played_once):
    """What a run of incident 1 came to."""
    return played_once.result(engine, INCIDENT.scenario)


@pytest.fixture
def backend(engine):
    """The name of each real backend."""
    return engine.backend_name


def played(command, folder, backend):
    """A test suite's exit status and what it said, with our packages importable, as in somebody's own repository."""
    environ = os.environ | {"PYTHONPATH": str(ROOT), "HOLDOVER_BACKEND": backend, "PYTHON": sys.executable}
    environ = {name: value for name, value in environ.items() if not name.startswith(("PYTEST", "NODE_TEST"))}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def with_code(folder, scenario):
    """The folder with the function's files in it, as they are now."""
    for name, text in scenario.function.files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-c", "/dev/null"]


def test_the_pytest_file_fails_on_the_leaking_revision_and_passes_on_the_fixed_one(leaking, backend, tmp_path):
    path = tmp_path / "test_holdover_an_id.py"
    path.write_text(pytest_file(leaking, ORIGIN), "utf-8")
    command = [*PYTEST, "--rootdir", str(tmp_path), str(path)]

    status, said = played(command, tmp_path, backend)
    assert (status, "1 failed" in said, "LEAK" in said) == (1, True, True), said
    status, said = played(command, with_code(tmp_path, INCIDENT.scenario), backend)
    assert (status, "1 failed" in said) == (1, True), said
    status, said = played(command, with_code(tmp_path, INCIDENT.fixed_scenario), backend)
    assert (status, "1 passed" in said) == (0, True), said


def test_the_node_file_fails_on_the_leaking_revision_and_passes_on_the_fixed_one(leaking, backend, tmp_path):
    if not (node := shutil.which("node")):
        pytest.skip("There is no node on this machine to run a node:test file with.")
    path = tmp_path / "holdover-an-id.test.mjs"
    path.write_text(node_test_file(leaking, ORIGIN), "utf-8")
    command = [node, "--test", str(path)]

    status, said = played(command, tmp_path, backend)
    assert (status, "LEAK" in said) == (1, True), said
    status, said = played(command, with_code(tmp_path, INCIDENT.fixed_scenario), backend)
    assert status == 0, said


def of_several_functions():
    """Incident 1 beside another function that keeps nothing."""
    one = INCIDENT.scenario.to_json()
    keeps_nothing = {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": KEEPS_NOTHING}}
    steps = [{"invoke": {**step["invoke"], "function": "leaks"}} for step in one["steps"] if "invoke" in step]
    functions = {"leaks": {**one["function"], "name": "leaks"}, "other": keeps_nothing}
    return parse_scenario({"version": 2, "functions": functions, "steps": [*steps, {"invoke": {"function": "other"}}]})


def test_the_files_of_several_functions_are_looked_for_in_folders_of_their_names(engine, backend, tmp_path):
    result = engine.run(of_several_functions())
    (tmp_path / "leaks").mkdir()
    with_code(tmp_path / "leaks", INCIDENT.fixed_scenario)
    path, module = tmp_path / "test_holdover_an_id.py", tmp_path / "holdover-an-id.test.mjs"
    path.write_text(pytest_file(result, ORIGIN), "utf-8")
    module.write_text(node_test_file(result, ORIGIN), "utf-8")

    status, said = played([*PYTEST, "--rootdir", str(tmp_path), str(path)], tmp_path, backend)
    assert (status, "1 passed" in said) == (0, True), said
    if node := shutil.which("node"):
        status, said = played([node, "--test", str(module)], tmp_path, backend)
        assert status == 0, said


def test_a_machine_that_cannot_play_is_not_a_pass(leaking, backend, tmp_path):
    path = Path(tmp_path / "test_holdover_an_id.py")
    path.write_text(pytest_file(leaking, ORIGIN), "utf-8")

    status, said = played([*PYTEST, "--rootdir", str(tmp_path), str(path)], tmp_path, "no-such-backend")

    assert status == 1
    assert "It could not be played" in said
