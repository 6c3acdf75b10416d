"""A divided run: what shares something is played by one process."""

import subprocess
import sys
from collections import defaultdict

from playground.config.environment import CHECKOUT

CONFTEST = """
from tests.dividing import Dividing

def pytest_configure(config):
    config.pluginmanager.register(Dividing(config))
"""
TESTS = """
import os
import pytest

@pytest.mark.parametrize("number", range(4))
def test_says_who_plays_it(number):
    with open("played", "a") as file:
        file.write(__name__ + " " + os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


def test_the_tests_of_a_file_are_played_by_one_process_and_all_processes_have_some(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {CHECKOUT}\n")
    for name in ("a", "b", "c", "d"):
        (tmp_path / f"test_{name}.py").write_text(TESTS)

    divided = ["-n", "2", "--dist", "loadscope", "--no-loadscope-reorder", "-p", "no:randomly", "-p", "no:django"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *divided]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stdout
    played = defaultdict(set)
    for line in (tmp_path / "played").read_text().splitlines():
        file, process = line.split()
        played[file].add(process)
    assert {len(processes) for processes in played.values()} == {1}
    assert set.union(*played.values()) == {"gw0", "gw1"}
