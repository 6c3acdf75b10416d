"""Pure modules open no file, socket or clock: what they need arrives as an argument."""

import ast

from tests.architecture.project import imports, nodes, sources

# A folder is pure as a whole.
FOLDERS = [
    "sandbox_runner/events",
    "sandbox_runner/guest/wire",
    "sandbox_runner/handler_code",
    "sandbox_runner/projections",
    "sandbox_runner/results",
    "sandbox_runner/rules",
    "sandbox_runner/runtimes",
    "sandbox_runner/verdict",
    "playground/run_page/timeline",
]
# What is pure in a folder that is not.
MODULES = [
    "sandbox_runner/backends/docker_command.py",
    "sandbox_runner/backends/resource_limits.py",
    "sandbox_runner/environment/answers.py",
    "sandbox_runner/errors.py",
    "sandbox_runner/limits.py",
    "sandbox_runner/scenario/contradictions.py",
    "sandbox_runner/scenario/model.py",
    "playground/comparing/comparison.py",
    "playground/comparing/log_lines.py",
    "playground/comparing/matching.py",
    "playground/embeds/card.py",
    "playground/embeds/svg_styles.py",
    "playground/experiments/scenario_lines.py",
    "playground/exports/issue.py",
    "playground/exports/markdown.py",
    "playground/exports/origin.py",
    "playground/exports/regression.py",
    "playground/exports/trace.py",
    "playground/run_page/fidelity_rows.py",
    "playground/run_page/presenter.py",
    "playground/text/diffs.py",
]
PURE = [
    *(
        name
        for name in sources("sandbox_runner", "playground")
        if name.startswith(tuple(f"{each}/" for each in FOLDERS))
    ),
    *MODULES,
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


def test_a_pure_module_imports_nothing_of_the_outside():
    taken = [
        f"{name}:{line}: {module}"
        for name in PURE
        for module, dots, line in imports(name, typing_too=False)
        if not dots and any(f"{module}.".startswith(f"{outside}.") for outside in OUTSIDE)
    ]
    assert not taken


def test_a_pure_module_opens_and_prints_nothing():
    called = [
        f"{name}:{node.lineno}: {node.func.id}"
        for name in PURE
        for node in nodes(name)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in DOORS
    ]
    assert not called


def test_a_pure_module_reads_no_clock_through_the_back_door():
    asked = [
        f"{name}:{node.lineno}: .{node.attr}"
        for name in PURE
        for node in nodes(name)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
    ]
    assert not asked
