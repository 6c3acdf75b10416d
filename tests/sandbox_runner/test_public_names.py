"""What a program may import from the package itself."""

import ast
import inspect
import subprocess
import sys

import pytest

import sandbox_runner
from sandbox_runner import events, results, scenario


@pytest.mark.parametrize("name", sandbox_runner.__all__)
def test_a_public_name_is_the_one_its_module_defines(name):
    found = getattr(sandbox_runner, name)
    assert found.__name__ == name
    assert found.__module__.startswith("sandbox_runner.")


def test_every_public_name_has_a_home():
    assert sorted(sandbox_runner._HOMES) == sorted(sandbox_runner.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'run_scenarios'"):
        _ = sandbox_runner.run_scenarios


def test_the_scenarios_model_loads_no_engines_client():
    program = "import sys; from sandbox_runner import Scenario; sys.exit('docker' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("package", "modules"),
    [
        (events, [events.records]),
        (results, [results.model, results.parts]),
        (
            scenario,
            [scenario.model, scenario.request, scenario.parts, scenario.service_settings, scenario.service_steps],
        ),
    ],
    ids=["events", "results", "scenario"],
)
def test_a_package_gives_every_name_that_its_vocabulary_defines(package, modules):
    defined = {
        target.id if isinstance(target, ast.Name) else target.name
        for module in modules
        for node in ast.parse(inspect.getsource(module)).body
        for target in (getattr(node, "targets", None) or [getattr(node, "target", node)])
        if isinstance(target, ast.Name | ast.ClassDef | ast.FunctionDef)
    }
    assert sorted(package.__all__) == sorted(name for name in defined if not name.startswith("_"))
