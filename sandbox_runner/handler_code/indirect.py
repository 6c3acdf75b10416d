"""Where data got into a place that no line writes to by its own name. Pure.

By another name of it, by a method of a library's object, by code that is run with it for its variables, by a method of
what the platform keeps within it. Each says something only where one line of the code can have been it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import aliases, syntax, writes
from sandbox_runner.handler_code.syntax import Use
from sandbox_runner.runtimes.model import source as text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tree_sitter import Node

    from sandbox_runner.handler_code.aliases import Followed

    Uses = Sequence[tuple[str, Use]]

# Methods that give or look for something, whatever they are given.
_READING: Final = re.compile(
    r"(?:get|has|is|find|search|match|index|last|count|to|as|keys|values|items|entries|includes|contains"
    r"|join|split|map|filter|reduce|for|some|every|at|slice|concat|copy|flat|sort|reverse|with|fetch|peek|seek|tell|test"
    r"|exec|starts|ends|strip|lower|upper|replace|compare|equals|then|catch|finally|log|debug|info"
    r"|warn|warning|error|exception|critical|emit|dispatch|throw|raise|union|intersection|difference|isdisjoint)"
    r"(?![a-z])|(?:startswith|endswith|issubset|issuperset|read|query|localeCompare|indexOf)\Z"
)
_STATEMENT: Final = re.compile(
    r"\s*['\"`fr]*\s*(select|delete|pragma|drop|begin|commit|rollback|with|explain)\b", re.IGNORECASE
)
_RUNNING: Final = ("runInContext", "runInNewContext", "exec", "eval")
_RUNS: Final = ("eval", "exec", "Function", "vm.runInThisContext")
_ASSIGNS: Final = re.compile(r"(?<![=!<>])=(?!=)")
_SETTER: Final = re.compile(r"(?:set_?up|set|install|register|use)_?(\w+)\Z")
_INTERNAL: Final = re.compile(r"[A-Za-z]{4,}")


def ways_in(files: Mapping[str, str], own: Uses, rest: str) -> Iterator[tuple[str, Use]]:
    """The lines by which data got in, of all that the first way that has any finds.

    :param own: the uses of the place by its own name.
    :param rest: the path from it to the value.
    """
    names = aliases.followed(files, own, rest)
    is_open = names.escapes or _runs_anything(files)
    for found in (
        list(_by_another_name(names, rest)),
        _only(_by_running(own)),
        _only(_by_printing(files, own)),
        [] if is_open else _only(_by_method(files, own, names, rest)),
        _only(_in_internals(files, rest)),
    ):
        if found:
            yield from ((path, replace(use, role="written")) for path, use in found)
            return


def _runs_anything(files: Mapping[str, str]) -> bool:
    """Whether the code runs texts as code, which may do anything by any name."""
    return any(
        text(node.child_by_field_name("function") or node.child_by_field_name("constructor")) in _RUNS
        for path, source in files.items()
        for node in syntax.nodes(path, source)
        if node.type in ("call", "call_expression", "new_expression")
    )


def _only(found: Iterable[tuple[str, Use]]) -> list[tuple[str, Use]]:
    """Those of the one line that has any; nothing where there are several."""
    every = list(found)
    return every if len({(path, use.line) for path, use in every}) == 1 else []


def _by_another_name(names: Followed, rest: str) -> Iterator[tuple[str, Use]]:
    """Writes by a name that it has elsewhere; those to a shallow copy only where they go to what it shares."""
    steps = aliases.steps_in(rest)
    for each in names.aliases:
        grammar = syntax.grammar_of(each.path)
        chain = list(syntax.climbed(grammar, each.use.node)) if grammar else []
        if grammar is None or each.use.role != "written" or each.kind == "wrapper":
            continue
        # A function that changes what it is given changes what was reached, and all else what has the last step.
        top = chain[-1] if chain else each.use.node
        is_given = top.parent is not None and top.parent.type in syntax.ARGUMENTS
        if len(chain) + is_given <= (each.kind == "copy") or writes.weight(each.path, each.use, "", ()) < writes.BRINGS:
            continue
        reached = chain[:-1] if _call_of(grammar.call, top) is not None else chain
        if all(key in steps for key in aliases.keys_of(grammar, reached)):
            yield each.path, each.use


def _by_method(files: Mapping[str, str], own: Uses, names: Followed, rest: str) -> Iterator[tuple[str, Use]]:
    """Calls of a library's method on it, in a function, that are given something which does not stand in the code."""
    methods = defined(files)
    steps = aliases.steps_in(rest)
    others = [(each.path, each.use) for each in names.aliases if each.kind != "copy"]
    for path, use in (*own, *others):
        grammar = syntax.grammar_of(path)
        chain = list(syntax.climbed(grammar, use.node)) if grammar else []
        call = _call_of(grammar.call, chain[-1]) if grammar and chain else None
        if grammar is None or call is None or syntax.enclosing(grammar, call) is None:
            continue
        method = syntax.called(call).rpartition(".")[2]
        reached = all(key in steps for key in aliases.keys_of(grammar, chain[:-1]))
        if reached and method not in methods and not _READING.match(method) and _brings(call):
            yield path, use


def _by_running(own: Uses) -> list[tuple[str, Use]]:
    """Code that is run with it for its variables; if some of it assigns as it stands there, then that."""
    found: list[tuple[str, Use, bool]] = []
    for path, use in own:
        arguments = use.node.parent
        call = arguments.parent if arguments is not None and arguments.type in syntax.ARGUMENTS else None
        if call is not None and syntax.called(call).rpartition(".")[2] in _RUNNING:
            found.append((path, use, bool(_ASSIGNS.search(text(arguments)))))
    assigning = [(path, use) for path, use, assigns in found if assigns]
    return assigning or [(path, use) for path, use, _ in found]


def _by_printing(files: Mapping[str, str], own: Uses) -> Iterator[tuple[str, Use]]:
    """What prints something, where the place is put in place of standard output."""
    if not any(_is_output(use.node) for _, use in own):
        return
    for path, source in files.items():
        for node in syntax.nodes(path, source):
            if node.type == "call" and syntax.called(node) == "print" and _brings(node):
                yield path, Use(node, "written", syntax.line(node))


def _is_output(node: Node) -> bool:
    """``sys.stdout = place``, or ``redirect_stdout(place)``."""
    parent = node.parent
    if parent is not None and parent.type == "assignment":
        return parent.child_by_field_name("right") == node and text(parent.child_by_field_name("left")) == "sys.stdout"
    call = parent.parent if parent is not None and parent.type in syntax.ARGUMENTS else None
    return call is not None and syntax.called(call).rpartition(".")[2] == "redirect_stdout"


def setters(files: Mapping[str, str], name: str) -> Iterator[tuple[str, Use]]:
    """Calls of a library's function named after its variable: ``setLogRecordFactory`` of ``_logRecordFactory``."""
    wanted = _plainly(name)
    own = defined(files)
    for path, source in files.items():
        grammar = syntax.grammar_of(path)
        for node in syntax.nodes(path, source) if grammar else ():
            called = syntax.called(node).rpartition(".")[2] if grammar and node.type == grammar.call else ""
            setter = _SETTER.match(called)
            if setter and called not in own and _plainly(setter[1]) == wanted and _brings(node):
                yield path, Use(node, "written", syntax.line(node))


def _plainly(name: str) -> str:
    return name.replace("_", "").lower()


def _in_internals(files: Mapping[str, str], rest: str) -> Iterator[tuple[str, Use]]:
    """Writes to an attribute of a parameter, where what the platform keeps is named after that attribute."""
    if not rest.startswith("[Symbol("):
        return
    words = [word.lower() for word in _INTERNAL.findall(rest)]
    for path, source in files.items():
        grammar = syntax.grammar_of(path)
        for name, use in syntax.members(path, source) if grammar else ():
            if (
                grammar is None
                or use.role != "written"
                or len(name) < 4
                or not any(w.startswith(name.lower()) for w in words)
            ):
                continue
            inner = use.node.child_by_field_name("object")
            if inner is not None and _is_parameter(path, inner) and writes.weight(path, use, "", ()) >= writes.BRINGS:
                yield path, use


def _is_parameter(path: str, node: Node) -> bool:
    grammar = syntax.grammar_of(path)
    if grammar is None or node.type != "identifier":
        return False
    function = syntax.enclosing(grammar, node)
    lists = [each for each in function.named_children if each.type in grammar.parameters] if function else []
    return any(text(each) == text(node) for part in lists for each in part.named_children)


def _call_of(kind: str, member: Node) -> Node | None:
    call = member.parent
    is_called = call is not None and call.type == kind and call.child_by_field_name("function") == member
    return call if is_called else None


def _brings(call: Node) -> bool:
    """Whether a call is given what is no constant of the code, and no statement that only reads or removes."""
    arguments = call.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    if not given or all(map(writes.is_literal, given)):
        return False
    return _STATEMENT.match(text(given[0])) is None


def defined(files: Mapping[str, str]) -> frozenset[str]:
    """The names of all functions and methods of the code."""
    found = set()
    for path, source in files.items():
        grammar = syntax.grammar_of(path)
        for node in syntax.nodes(path, source) if grammar else ():
            if grammar and node.type in grammar.function:
                around = node.parent
                held = around.child_by_field_name("name") or around.child_by_field_name("key") if around else None
                found.add(text(node.child_by_field_name("name") or held))
    return frozenset(found - {""})
