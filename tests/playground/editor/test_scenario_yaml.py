"""A scenario as the file that the command line plays."""

import pytest

from playground.editor.scenario_yaml import scenario_yaml
from playground.gallery import incidents
from sandbox_runner.scenario.reader import read_scenario
from tests.builders import idle, invoke, recycle, scenario

SCENARIOS = {
    "every kind of step": scenario(invoke({"n": [1, 2.5, None, True]}, "a"), idle(0.5), recycle()),
    "texts that look like something else": scenario(invoke(["yes", "null", "2020-01-01", "1e3", "0x10", "", " x "])),
    "control characters": scenario(invoke("\x00\x1b\x85\u2028\ufeff")),
    "code that ends in blanks and tabs": scenario(files={"app.py": "def handler(e, c):\n\treturn 1  \n\n\n"}),
}


@pytest.mark.parametrize("original", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_reading_the_file_gives_an_equal_scenario(original):
    assert read_scenario(scenario_yaml(original)) == original


def test_code_is_readable_in_the_file():
    text = scenario_yaml(incidents()[1].scenario)

    assert "app.py: |" in text
