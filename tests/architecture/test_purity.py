"""Pure modules open no file, socket or clock: what they need arrives as an argument."""

import ast
import re

import pytest

from tests.architecture.project import imports, sources, tree

PURE = [
    "sandbox_runner/answers.py",
    "sandbox_runner/errors.py",
    "sandbox_runner/events.py",
    "sandbox_runner/invoice.py",
    "sandbox_runner/lifecycle.py",
    "sandbox_runner/limits.py",
    "sandbox_runner/log_json.py",
    "sandbox_runner/log_levels.py",
    "sandbox_runner/log_text.py",
    "sandbox_runner/logs.py",
    "sandbox_runner/projections.py",
    "sandbox_runner/proof_results.py",
    "sandbox_runner/report.py",
    "sandbox_runner/results.py",
    "sandbox_runner/scenario.py",
    "sandbox_runner/backends/allowances.py",
    "sandbox_runner/backends/docker_command.py",
    "sandbox_runner/guest/wire.py",
    "playground/comparing/comparison.py",
    "playground/comparing/log_lines.py",
    "playground/comparing/matching.py",
    "playground/elsewhere/card.py",
    "playground/elsewhere/svg_styles.py",
    "playground/experiments/diffs.py",
    "playground/experiments/faithfulness.py",
    "playground/experiments/presenters.py",
    "playground/experiments/scenario_lines.py",
    "playground/experiments/timeline.py",
    "playground/experiments/window.py",
    "playground/exports/issue.py",
    "playground/exports/markdown.py",
    "playground/exports/origin.py",
    "playground/exports/regression.py",
    "playground/exports/trace.py",
    # All of the verdict but the part that waits for replays.
    *(name for name in sources("sandbox_runner") if re.match(r"sandbox_runner/leaks/(?!proof)", name)),
]
OUTSIDE = {
    "asyncio",
    "ctypes",
    "docker",
    "fcntl",
    "glob",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "secrets",
    "selectors",
    "shutil",
    "signal",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
    "uuid",
}
DOORS = {"open", "print", "input", "exec", "eval", "breakpoint", "__import__"}


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_imports_nothing_of_the_outside(name):
    taken = {module for module, dots, _ in imports(name, typing_too=False) if not dots}
    assert not {module for module in taken for outside in OUTSIDE if f"{module}.".startswith(f"{outside}.")}


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_opens_and_prints_nothing(name):
    called = {
        node.func.id for node in ast.walk(tree(name)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & DOORS


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_reads_no_clock_through_the_back_door(name):
    asked = {node.attr for node in ast.walk(tree(name)) if isinstance(node, ast.Attribute)}
    assert not asked & {"now", "utcnow", "today"}
