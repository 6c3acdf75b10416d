"""Only ``sandbox_runner/runtimes/`` names a language or a runtime, so that a new one is one folder there."""

import ast
import re

from sandbox_runner.runtimes.registry import IDENTIFIERS, LANGUAGES, RUNTIMES
from tests.architecture.project import files, sources, text, tree

HOME = "sandbox_runner/runtimes/"
# What runs inside a runtime's own process speaks its language, and cannot ask anybody.
PROBES = "sandbox_runner/guest/probes/"
ASKING = [name for name in sources("sandbox_runner", "playground") if not name.startswith((HOME, PROBES))]

# Who may name a runtime, each with the reason.
NAMING = {"playground/library/generated/cases.py": "made-up experiments, as people might have pasted them"}
# Who may look at the name of a language or of its files, each with the reason.
BRANCHING: dict[str, str] = {}

NAMES = re.compile(r"\b(?:python3\.\d+|nodejs\d+\.x|provided\.al\d+)")
WORDS = {
    *(word for each in LANGUAGES for word in (each.key, each.logged_name, each.interpreter, each.module_root)),
    *(each.label.lower() for each in LANGUAGES),
    *(suffix for each in LANGUAGES for suffix in each.suffixes),
    *(suffix.lstrip(".") for each in LANGUAGES for suffix in each.suffixes),
}


def literals(name):
    """Every text in the code of a file that is no docstring, with its line."""
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and ast.get_docstring(node) is not None
    }
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value, node.lineno


def decided_by(node):
    """The expressions that a branch looks at."""
    match node:
        case ast.Compare():
            return [node.left, *node.comparators]
        case ast.Call(func=ast.Attribute(attr="startswith" | "endswith" | "removesuffix" | "removeprefix")):
            return node.args
        case ast.Subscript(ctx=ast.Load()):
            return [node.slice]
        case ast.MatchValue():
            return [node.value]
        case ast.Dict():
            return [key for key in node.keys if key is not None]
        case _:
            return []


def branches(name):
    for node in ast.walk(tree(name)):
        for part in decided_by(node):
            words = {each.value for each in ast.walk(part) if isinstance(each, ast.Constant)}
            if found := words & WORDS:
                yield f"{name}:{node.lineno} decides by {', '.join(sorted(found))}"


def test_no_module_but_the_registry_names_a_runtime():
    found = [
        f"{name}:{line} names {NAMES.search(said)[0]}"
        for name in ASKING
        if name not in NAMING
        for said, line in literals(name)
        if NAMES.search(said)
    ]
    assert not found, found


def test_no_module_but_the_registry_branches_on_a_language():
    found = [each for name in ASKING if name not in BRANCHING for each in branches(name)]
    assert not found, found


def test_no_template_names_a_runtime():
    found = [name for name in files() if name.startswith("templates/") and NAMES.search(text(name))]
    assert not found


def test_every_exception_is_still_one():
    assert {name for name in ASKING if any(NAMES.search(said) for said, _ in literals(name))} == NAMING.keys()
    assert {name for name in ASKING if any(branches(name))} == BRANCHING.keys()


def test_the_expressions_above_see_what_the_registry_has():
    assert [identifier for identifier in IDENTIFIERS if NAMES.fullmatch(identifier)] == list(IDENTIFIERS)


def test_a_runtime_is_one_folder():
    folders = {name.split("/")[2] for name in files() if name.startswith(HOME) and name.count("/") > 2}
    assert folders == {re.sub(r"\W", "_", each.identifier) for each in RUNTIMES}
