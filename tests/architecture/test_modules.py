"""Size and prose of the source: what makes a file readable on its own."""

import ast
import re
import statistics
from collections import Counter
from itertools import takewhile

from tests.architecture.project import ROOT, functions, sources, text, tree

OURS = sources("sandbox_runner", "playground", "holdover_client", "benchmarks", "scripts")
EMULATOR = sources("sandbox_runner")
TESTS = sources("tests")

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50

# Modules and functions that may be longer, each with the reason. Empty is the goal.
LONG_MODULES: dict[str, str] = {
    "sandbox_runner/events/records.py": "the event log's whole vocabulary, which is read as one list",
}
LONG_FUNCTIONS: dict[str, str] = {}


def length(function):
    """Lines of a function without its docstring."""
    docstring = function.body[0] if ast.get_docstring(function) else None
    hidden = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
    return function.end_lineno - function.lineno + 1 - hidden


def is_public(dotted):
    return not any(part.startswith("_") for part in dotted.split("."))


def public_definitions(name):
    """Public classes, functions and methods, without what is inside of functions."""

    def walk(node, prefix):
        for child in node.body:
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield f"{prefix}{child.name}", child
            if isinstance(child, ast.ClassDef):
                yield from walk(child, f"{prefix}{child.name}.")

    return [(dotted, node) for dotted, node in walk(tree(name), "") if is_public(dotted)]


def is_contract_of_another(node):
    """Overridden and property-setting methods have their contract where they are declared."""
    return any(
        "override" in ast.dump(decorator) or ".setter" in ast.unparse(decorator) for decorator in node.decorator_list
    )


def test_a_module_says_what_it_is_for():
    assert not [name for name in (*OURS, *TESTS) if text(name).strip() and not ast.get_docstring(tree(name))]


def test_a_module_is_short_enough_to_read():
    lines = {name: len(text(name).splitlines()) for name in OURS if name not in LONG_MODULES}
    assert not {name: count for name, count in lines.items() if count > MODULE_LINES_MAX}


def test_a_function_is_short_enough_to_see():
    lengths = {f"{name}:{dotted}": length(node) for name in OURS for dotted, node in functions(name)}
    long = {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES_MAX}
    assert not long.keys() - LONG_FUNCTIONS.keys(), long


def test_functions_are_short_as_a_habit():
    lengths = [length(node) for name in OURS for _, node in functions(name)]
    assert statistics.median(lengths) <= 7
    assert statistics.quantiles(lengths, n=10)[-1] <= 30


def test_modules_are_short_as_a_habit():
    assert statistics.median(len(text(name).splitlines()) for name in OURS) <= 150


def test_public_names_of_the_emulator_say_what_they_promise():
    silent = [
        f"{name}:{dotted}"
        for name in EMULATOR
        for dotted, node in public_definitions(name)
        if not ast.get_docstring(node) and not is_contract_of_another(node)
    ]
    assert not silent


def test_everything_is_typed():
    bare = [
        f"{name}:{dotted}"
        for name in OURS
        for dotted, node in functions(name)
        if node.returns is None
        or any(a.annotation is None for a in all_arguments(node) if a.arg not in {"self", "cls"})
    ]
    assert not bare


def all_arguments(node):
    given = node.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, [given.vararg, given.kwarg])]


def test_no_module_is_named_for_nothing():
    empty = {"utils.py", "helpers.py", "services.py", "common.py", "misc.py"}
    assert not [name for name in OURS if name.rsplit("/", 1)[-1] in empty]


def imported_as(name):
    """A test module's name for pytest: from the highest of the packages around it, or its own."""
    path = ROOT / name
    packages = takewhile(lambda folder: (folder / "__init__.py").exists(), path.parents)
    return ".".join([*reversed([folder.name for folder in packages]), path.stem])


def test_no_two_test_modules_have_the_same_name():
    # pytest refuses the second, but only where both are collected: in the whole suite.
    names = Counter(imported_as(name) for name in TESTS if name.rsplit("/", 1)[-1].startswith("test_"))
    assert not [name for name, count in names.items() if count > 1]


def test_every_ignore_has_its_reason():
    bare = [
        f"{name}:{number}"
        for name in (*OURS, *TESTS)
        for number, line in enumerate(text(name).splitlines(), 1)
        if any(mark in line for mark in MARKS) and not REASON.search(line.partition("#")[2])
    ]
    assert not bare, "say why, after ' - ' or another #"


REASON = re.compile(r" - \w| # ?\w")
# In two pieces, so that this line is not one itself.
MARKS = ["# no" + "qa", "# type: " + "ignore", "# ruff: " + "noqa"]
