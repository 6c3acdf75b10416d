"""The variable of a module that moves into the handler, where that is certain, and is left alone where it is not."""

from __future__ import annotations

import pytest

from playground.run_page.repairs.fixes import fix_of
from sandbox_runner.results.model import Location
from tests.playground.run_results import finding


def fixed(text, name="kept", file="app.py", handler="app.handler", **others):
    found = finding(location=Location(root="python-module", path=f"app.{name}"))
    return fix_of({file: text, **others}, handler, found)


PYTHON = '''\
import json

kept = []


def handler(event, context):
    """Answers."""
    kept.append(event["who"])
    return kept[0]
'''


def test_a_list_of_the_module_becomes_the_handlers():
    fix = fixed(PYTHON)
    assert fix.files["app.py"] == (
        'import json\n\n\n\ndef handler(event, context):\n    """Answers."""\n    kept = []\n'
        '    kept.append(event["who"])\n    return kept[0]\n'
    )
    assert (fix.file, fix.name, fix.line) == ("app.py", "kept", 7)


def test_what_is_no_global_any_more_is_not_declared_as_one():
    text = "kept = None\nother = 1\ndef handler(event, context):\n    global kept, other\n    kept = event\n"
    fix = fixed(text)
    assert fix.files["app.py"].splitlines()[1:] == [
        "def handler(event, context):",
        "    global other",
        "    kept = None",
        "    kept = event",
    ]


@pytest.mark.parametrize(
    "head",
    [
        "export const handler = async (event) => {",
        "export async function handler(event) {",
        "exports.handler = async (event) => {",
        "module.exports.handler = function (event) {",
    ],
)
def test_a_variable_of_a_node_module_becomes_the_handlers(head):
    text = f"let kept = null;\n{head}\n  kept ??= event.who;\n  return kept;\n}}\n"
    assert fixed(text, file="app.mjs").files["app.mjs"].splitlines() == [
        head,
        "  let kept = null;",
        "  kept ??= event.who;",
        "  return kept;",
        "}",
    ]


TYPED = """\
let kept: string | null = null;
export const handler = async (event: { who: string }): Promise<string> => {
  kept ??= event.who as string;
  return kept;
};
"""


@pytest.mark.parametrize(
    "declared", ["let kept: string | null = null;", "const kept: Map<string, User[]> = new Map<string, User[]>();"]
)
def test_a_variable_with_a_type_keeps_it(declared):
    text = TYPED.replace("let kept: string | null = null;", declared)
    assert fixed(text, file="app.ts").files["app.ts"].splitlines()[:3] == [
        "export const handler = async (event: { who: string }): Promise<string> => {",
        f"  {declared}",
        "  kept ??= event.who as string;",
    ]


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("a parameter of that name", TYPED.replace("return kept", "return ((kept: string) => kept)('a')")),
        ("a parameter that may be left out", TYPED.replace("return kept", "return ((kept?: string) => kept!)('a')")),
        ("a value that somebody computes", TYPED.replace("= null", "= load<string>()")),
    ],
)
def test_what_is_not_certain_in_typescript_is_left_alone(why, text):
    assert fixed(text, file="app.ts") is None, why


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("a value that somebody computes", PYTHON.replace("[]", "load()")),
        ("module code uses it", PYTHON + "\nkept.append(1)\n"),
        ("declared twice", PYTHON.replace("kept = []", "kept = []\nkept = [1]")),
        ("a value of several lines", PYTHON.replace("kept = []", "kept = [\n]")),
        ("reached by its text", PYTHON.replace("kept[0]", 'globals()["kept"][0]')),
        ("a parameter of that name", PYTHON.replace("return kept[0]", "return (lambda kept: kept)(1)")),
        ("no such handler", PYTHON.replace("def handler", "def handle")),
        ("code that does not parse", PYTHON + "def ("),
        ("a body on the line of its head", "kept = []\ndef handler(event, context): return kept\n"),
    ],
)
def test_what_is_not_certain_is_left_alone(why, text):
    assert fixed(text) is None, why


@pytest.mark.parametrize(
    ("file", "text", "first"),
    [
        ("app.py", PYTHON + "\ndef other():\n    return kept\n", ["    global kept", "    kept = []"]),
        ("app.py", PYTHON.replace("kept = []", "kept = []; x = 1"), ["    global kept", "    kept = []"]),
        ("app.ts", TYPED + "export const other = (): string | null => kept;\n", ["  kept = null;"]),
        (
            "app.ts",
            TYPED.replace("let kept: string | null = null", "const kept = []") + "const f = () => kept;\n",
            ["  kept.length = 0;"],
        ),
        (
            "app.ts",
            TYPED.replace("let kept: string | null = null", "const kept = {}") + "const f = () => kept;\n",
            ["  for (const key of Object.keys(kept)) delete kept[key];"],
        ),
        (
            "app.ts",
            TYPED.replace("let kept: string | null = null", "const kept = new Map()") + "const f = () => kept;\n",
            ["  kept.clear();"],
        ),
    ],
)
def test_what_several_functions_change_is_reset_where_the_handler_begins(file, text, first):
    fix = fixed(text, file=file)
    lines = fix.files[file].splitlines()
    assert (fix.how, lines[fix.line - 1 : fix.line - 1 + len(first)]) == ("reset", first)
    assert len(lines) == len(text.splitlines()) + len(first)


def test_a_global_that_the_handler_declares_is_not_declared_twice():
    text = (
        "kept = None\ndef handler(event, context):\n    global kept\n    kept = event\ndef other():\n    return kept\n"
    )
    assert fixed(text).files["app.py"].splitlines()[2:4] == ["    global kept", "    kept = None"]


def test_a_name_that_another_file_uses_is_left_alone():
    assert fixed(PYTHON, **{"other.py": "from app import kept\n"}) is None


def test_what_is_no_variable_of_a_module_is_left_alone():
    assert fixed("class kept:\n    last = None\n\ndef handler(event, context):\n    kept.last = event\n") is None
    held = finding(location=Location(root="tmp-file", path="/tmp/kept"))
    assert fix_of({"app.py": PYTHON}, "app.handler", held) is None
    assert fix_of({"app.py": PYTHON}, "app.handler", finding(location=None)) is None


def test_an_exported_variable_is_left_alone():
    assert fixed("export let kept = 1;\nexport const handler = () => {\n  kept = 2;\n};\n", file="app.mjs") is None
