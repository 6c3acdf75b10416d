"""What is pushed."""

import pytest

from holdover_client.sources import NAMES, source_at
from sandbox_runner.errors import ScenarioError, UsageError

TEXT = "function: {runtime: python3.13, handler: app.handler, directory: .}\nsteps: [{invoke: {payload: 1}}]\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_pushed_by_the_scenario_in_it(tmp_path, name):
    (tmp_path / name).write_text(TEXT)
    (tmp_path / "app.py").write_text("def handler(event, context): return 1\n")

    scenario = source_at(str(tmp_path)).read()

    assert set(scenario.function.files) == {"app.py", name}


def test_a_folder_without_a_scenario_says_what_to_write(tmp_path):
    with pytest.raises(UsageError, match=r"has no scenario\.yaml; write one"):
        source_at(str(tmp_path))


def test_a_scenario_that_cannot_be_played_names_the_file_and_the_line(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("function: {runtime: python3.13, handler: a.h, files: {a.py: x}}\nstepz: []\n")

    with pytest.raises(ScenarioError) as refused:
        source_at(str(file)).read()

    assert str(refused.value).startswith(f"{file}:2:1: unknown key stepz")


def test_a_file_that_is_not_there_is_named(tmp_path):
    file = tmp_path / "none.yaml"

    with pytest.raises(ScenarioError, match="cannot be read: No such file"):
        source_at(str(file)).read()


def test_the_folder_is_read_anew_each_time(tmp_path):
    (tmp_path / "scenario.yaml").write_text(TEXT)
    source = source_at(str(tmp_path))
    (tmp_path / "app.py").write_text("one = 1\n")
    before = source.read()
    (tmp_path / "app.py").write_text("two = 2\n")

    assert source.read() != before
