"""A fix that puts a place back, where the handler begins, to what it was after init. Pure.

Only where the code shows what it was, and changes it in functions alone: then each request finds it as a cold start
does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from playground.run_page.repairs.edits import (
    BY_TEXT,
    declaration_of,
    first_statement,
    inside,
    is_plain,
    named_elsewhere,
    outside_of,
    value_of,
)
from sandbox_runner.handler_code import syntax
from sandbox_runner.handler_code.source_lines import home_of
from sandbox_runner.runtimes.model import source as text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tree_sitter import Node

    from playground.run_page.repairs.edits import Fix, HandlerCode

# Set by the service or by the operating system: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html.
_OF_THE_SERVICE: Final = re.compile(r"AWS_|_|LAMBDA_|PATH\Z|LANG\Z|TZ\Z|LD_|NODE_|PYTHON|HOME\Z|PWD\Z")
# LAMBDA_TASK_ROOT, in which every function begins.
_TASK_ROOT: Final = "/var/task"
# Events of the process itself (https://nodejs.org/api/process.html#process-events), which others listen to.
_OF_THE_PROCESS: Final = re.compile(
    r"SIG[A-Z]|beforeExit|exit|disconnect|message|multipleResolves|rejection|uncaught|unhandled|warning|worker"
)
# https://nodejs.org/api/globals.html and the built-in objects of JavaScript begin with a capital letter.
_BUILT_IN: Final = re.compile(
    r"[A-Z]|(?:atob|btoa|clearImmediate|clearInterval|clearTimeout|console|crypto|decodeURI|decodeURIComponent|encodeURI"
    r"|encodeURIComponent|escape|eval|exports|fetch|global|globalThis|isFinite|isNaN|module|navigator|parseFloat|parseInt"
    r"|performance|process|queueMicrotask|require|setImmediate|setInterval|setTimeout|structuredClone|unescape"
    r"|localStorage|sessionStorage|undefined)\Z"
)

# What makes a thing that keeps something for its context or its listeners, what changes it, and what empties it.
_MADE_BY: Final = (
    (r"(?:contextvars\.)?ContextVar\([\"'][^\"']*[\"'], *default=([\w.\"'{}\[\]-]+)\)", "set", "{name}.set({default})"),
    (r"new AsyncLocalStorage(?:<.*>)?\(\)", "enterWith", "{name}.enterWith(undefined);"),
    (
        r"new (?:\w+\.)?EventEmitter\(\)",
        "on|once|addListener|prependListener|prependOnceListener",
        "{name}.removeAllListeners();",
    ),
)
_EMPTIED: Final = {
    "[]": "{name}.length = 0;",
    "{}": "for (const key of Object.keys({name})) delete {name}[key];",
    "(": "{name}.clear();",
}


def reset_of(code: HandlerCode, place: str, configured: Collection[str]) -> Fix | None:
    """The fix for ``place``, where there is one that is certain.

    :param configured: the names of the function's environment variables.
    """
    for pattern, make in _PLACES:
        if found := re.fullmatch(pattern, place):
            return make(code, found, configured)
    return _variable(code, place)


def _environment(code: HandlerCode, found: re.Match[str], configured: Collection[str]) -> Fix | None:
    name = found[1]
    if name in configured or _OF_THE_SERVICE.match(name) or not code.only_in_functions(rf"\b{name}\b"):
        return None
    if code.is_braced:
        return code.begins_with([f"delete process.env.{name};"], found[0])
    return code.begins_with([f'os.environ.pop("{name}", None)'], found[0], _importing(code, "os"))


def _directory(code: HandlerCode, found: re.Match[str], _: Collection[str]) -> Fix | None:
    if not code.only_in_functions(r"\bchdir\b"):
        return None
    if code.is_braced:
        return code.begins_with([f'process.chdir("{_TASK_ROOT}");'], found[0])
    return code.begins_with([f'os.chdir("{_TASK_ROOT}")'], found[0], _importing(code, "os"))


def _global(code: HandlerCode, found: re.Match[str], _: Collection[str]) -> Fix | None:
    if _BUILT_IN.match(found[1]) or not code.only_in_functions(rf"\b{found[1]}\b"):
        return None
    return code.begins_with([f"delete globalThis.{found[1]};"], found[0])


def _random(code: HandlerCode, found: re.Match[str], _: Collection[str]) -> Fix | None:
    if not code.only_in_functions(r"\bseed\b|\bsetstate\b"):
        return None
    return code.begins_with(["random.seed()"], found[0], _importing(code, "random"))


def _loggers(code: HandlerCode, found: re.Match[str], _: Collection[str]) -> Fix | None:
    """The root logger's handlers are the service's own."""
    name, what = found[1] or "", found[2]
    adds = r"addFilter|\.filters\b" if what == "filters" else r"addHandler|\.handlers\b"
    if (what == "handlers" and not name) or not code.only_in_functions(rf"{adds}|\bdictConfig|\bfileConfig"):
        return None
    called = f'"{name}"' if name else ""
    return code.begins_with([f"logging.getLogger({called}).{what}.clear()"], found[0], _importing(code, "logging"))


def _listeners(code: HandlerCode, found: re.Match[str], _: Collection[str]) -> Fix | None:
    event = re.escape(found[1])
    if _OF_THE_PROCESS.match(found[1]) or not code.only_in_functions(rf"process\.\w+\(\s*[\"'`]{event}"):
        return None
    return code.begins_with([f'process.removeAllListeners("{found[1]}");'], found[0])


def _file(code: HandlerCode, found: re.Match[str], _: Collection[str]) -> Fix | None:
    """Where the path stands in the code and nothing makes the file while the code loads."""
    path = found[0]
    if path not in syntax.constants(code.file, code.text) or not code.only_in_functions(re.escape(path)):
        return None
    if not code.is_braced:
        lines = [f'if os.path.exists("{path}"):', f'    os.remove("{path}")']
        return code.begins_with(lines, path, _importing(code, "os"))
    if re.search(r"\brmSync\b", code.text):
        return None
    is_module = any(each.type in ("import_statement", "export_statement") for each in code.nodes[0].named_children)
    needs = 'import { rmSync } from "node:fs";' if is_module else 'const { rmSync } = require("node:fs");'
    return code.begins_with([f'rmSync("{path}", {{ force: true }});'], path, needs)


_PLACES: Final[tuple[tuple[str, Callable[[HandlerCode, re.Match[str], Collection[str]], Fix | None]], ...]] = (
    (r"(?:os\.environ\['|process\.env\.)(\w+)(?:'\])?", _environment),
    (r"os\.getcwd\(\)|process\.cwd\(\)", _directory),
    (r"globalThis\.(\w+)", _global),
    (r"random\.getstate\(\)", _random),
    (r"logging\.getLogger\((?:'([\w.]+)')?\)\.(handlers|filters)\[\d+\]", _loggers),
    (r"process\.on\('([\w.-]+)'\)", _listeners),
    (r"/tmp/[\w./-]+", _file),  # noqa: S108 - a place that the probe names
)


def _variable(code: HandlerCode, place: str) -> Fix | None:
    """A name of the handler's own module: a cache, a context's variable, listeners, a value that functions change."""
    file, name = home_of(code.files, place)
    if file != code.file or BY_TEXT.search(code.text):
        return None
    for each in code.nodes[0].named_children:
        if each.type == "decorated_definition" and _caches(each, name):
            return code.begins_with([f"{name}.cache_clear()"], name)
    declared = declaration_of(code.nodes[0], name)
    value = value_of(declared) if declared is not None else None
    if declared is None or value is None or declared.start_point[0] != declared.end_point[0]:
        return None
    for pattern, changes, statement in _MADE_BY:
        if found := re.fullmatch(pattern, text_of(value)):
            changed = rf"\b{name}\.(?:{changes})\b"
            line = statement.format(name=name, default=found[1] if found.groups() else "")
            return code.begins_with([line], name) if code.only_in_functions(changed) else None
    return _value(code, name, declared, value) if is_plain(value) else None


def _caches(definition: Node, name: str) -> bool:
    function = definition.child_by_field_name("definition")
    decorators = [text_of(each) for each in definition.named_children if each.type == "decorator"]
    is_cache = len(decorators) == 1 and bool(re.match(r"@(?:functools\.)?(?:lru_)?cache\b", decorators[0]))
    return is_cache and function is not None and text_of(function.child_by_field_name("name")) == name


def _value(code: HandlerCode, name: str, declared: Node, value: Node) -> Fix | None:
    """A plain value that only functions change, given anew."""
    grammar = syntax.grammar_of(code.file)
    functions = [each for each in code.nodes if grammar and each.type in grammar.function]
    if re.search(rf"\b{re.escape(name)}\b", outside_of(code.text, [*functions, declared])):
        return None
    used = [each for each in code.nodes if each.type == "identifier" and text_of(each) == name]
    shared = {use.node.id for use in syntax.uses(code.file, code.text, name)}
    if any(inside(each, code.body) and each.id not in shared for each in used) or named_elsewhere(code, name):
        return None
    if not code.is_braced:
        return _given_anew(code, name, text_of(value))
    if text_of(declared).startswith(("let ", "var ")):
        return code.begins_with([f"{name} = {text_of(value)};"], name)
    emptied = _EMPTIED.get("(" if text_of(value).startswith("new ") else text_of(value), "")
    return code.begins_with([emptied.format(name=name)], name) if emptied else None


def _given_anew(code: HandlerCode, name: str, value: str) -> Fix | None:
    said = [each for each in code.nodes if each.type == "global_statement" and inside(each, code.body)]
    said = [each for each in said if name in map(text_of, each.named_children)]
    first = first_statement(code.body)
    if first is None or any(each.start_byte > first.start_byte for each in said if each.parent == code.body):
        return None
    is_said = any(each.parent == code.body for each in said)
    return code.begins_with([*([] if is_said else [f"global {name}"]), f"{name} = {value}"], name)


def _importing(code: HandlerCode, module: str) -> str:
    """The line that makes ``module`` known, where none of the file does."""
    is_known = re.search(rf"(?m)^import (?:[\w., ]+, *)?{module}\b(?! as)", code.text)
    return "" if is_known else f"import {module}"
