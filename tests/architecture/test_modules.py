"""Size and prose of the source: what makes a file readable on its own."""

import ast
import re
import statistics

import pytest

from tests.architecture.project import functions, sources, text, tree

OURS = sources("sandbox_runner", "playground", "holdover_client", "benchmarks", "scripts")
EMULATOR = sources("sandbox_runner")
TESTS = sources("tests")

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50

# Modules and functions that may be longer, each with the reason. Empty is the goal.
LONG_MODULES: dict[str, str] = {}
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


@pytest.mark.parametrize("name", [*OURS, *TESTS])
def test_a_module_says_what_it_is_for(name):
    assert ast.get_docstring(tree(name)) or not text(name).strip(), f"{name} has no docstring"


@pytest.mark.parametrize("name", [name for name in OURS if name not in LONG_MODULES])
def test_a_module_is_short_enough_to_read(name):
    assert len(text(name).splitlines()) <= MODULE_LINES_MAX


@pytest.mark.parametrize("name", OURS)
def test_a_function_is_short_enough_to_see(name):
    long = {
        f"{name}:{dotted}": lines for dotted, node in functions(name) if (lines := length(node)) > FUNCTION_LINES_MAX
    }
    assert not long.keys() - LONG_FUNCTIONS.keys(), long


def test_functions_are_short_as_a_habit():
    lengths = [length(node) for name in OURS for _, node in functions(name)]
    assert statistics.median(lengths) <= 7
    assert statistics.quantiles(lengths, n=10)[-1] <= 30


def test_modules_are_short_as_a_habit():
    assert statistics.median(len(text(name).splitlines()) for name in OURS) <= 150


@pytest.mark.parametrize("name", EMULATOR)
def test_public_names_of_the_emulator_say_what_they_promise(name):
    silent = [
        dotted
        for dotted, node in public_definitions(name)
        if not ast.get_docstring(node) and not is_contract_of_another(node)
    ]
    assert not silent


@pytest.mark.parametrize("name", OURS)
def test_everything_is_typed(name):
    bare = [
        dotted
        for dotted, node in functions(name)
        if node.returns is None
        or any(a.annotation is None for a in all_arguments(node) if a.arg not in {"self", "cls"})
    ]
    assert not bare


def all_arguments(node):
    given = node.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, [given.vararg, given.kwarg])]


@pytest.mark.parametrize("name", OURS)
def test_no_module_is_named_for_nothing(name):
    assert name.rsplit("/", 1)[-1] not in {"utils.py", "helpers.py", "services.py", "common.py", "misc.py"}


@pytest.mark.parametrize("name", [*OURS, *TESTS])
def test_every_ignore_has_its_reason(name):
    bare = [
        number
        for number, line in enumerate(text(name).splitlines(), 1)
        if any(mark in line for mark in MARKS) and not REASON.search(line.partition("#")[2])
    ]
    assert not bare, f"{name}: say why, after ' - ' or another #, in lines {bare}"


REASON = re.compile(r" - \w| # ?\w")
# In two pieces, so that this line is not one itself.
MARKS = ["# no" + "qa", "# type: " + "ignore", "# ruff: " + "noqa"]
