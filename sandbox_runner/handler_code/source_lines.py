"""From a place that held something to the lines of the user's code that declare, write and read it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import indirect, items, keys, runs, syntax, writes
from sandbox_runner.handler_code.file_lines import file_lines, is_comment
from sandbox_runner.handler_code.holders import holder_of, without_last_step
from sandbox_runner.handler_code.process_state import lines_about
from sandbox_runner.results.model import SourceLine
from sandbox_runner.runtimes.registry import language_of_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sandbox_runner.events.records import StateLeaf
    from sandbox_runner.handler_code.holders import Holder
    from sandbox_runner.handler_code.syntax import Use

LINES_MAX: Final = 20
_TEXTS: Final = ("str", "string")
_TEXT_CHARACTERS_MIN: Final = 4
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_VARIABLE = re.compile(r"(?:os\.environ\['|process\.env\.)([A-Za-z_]\w*)")
_LOADED = re.compile(r"(?:sys\.modules|require\.cache)\['(?:[^']*[/.])?([\w-]+)(?:\.[cm]?js)?'\]")
_NAME_WORKED_OUT = re.compile(
    r"\b(?:environ|process\.env)\[(?!\s*['\"])[^\]]+\]\s*=(?!=)|\b(?:environ\.setdefault|putenv)\((?!\s*['\"])"
    r"|\benviron\.update\(|\bObject\.assign\(\s*process\.env\b"
)
_PROTOTYPES: Final = ("Object.prototype.", "Array.prototype.", "Function.prototype.", "Object.prototype[")
_LOADS = re.compile(r"\bimport\b|import_module|__import__|exec_module|\brequire\s*\(")
_LOADS_WORKED_OUT = re.compile(r"\b(?:import_module|__import__|exec_module|require)\s*\(\s*(?![\s'\"`])")
# What leaves an expression at the end of what it found: https://tc39.es/ecma262/#sec-regexpbuiltinexec
_SEARCHES: Final = ("exec", "test")


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines about a place: first those so many ``likely`` ones by which the data got in, the others as in the text.

    Where several are likely, nothing tells which of them it was.
    """

    all: tuple[SourceLine, ...]
    likely: int


def constants(files: Mapping[str, str]) -> frozenset[str]:
    """Every text and number that stands in the code itself."""
    return frozenset(each for path, text in files.items() for each in syntax.constants(path, text))


def lines_of(files: Mapping[str, str], place: StateLeaf, leaf: str = "") -> Lines:
    """The lines that have to do with ``place``, at most :data:`LINES_MAX`.

    :param leaf: the path in a payload of what was found there, if it is known.
    """
    if place.root == "tmp-file":
        found = list(file_lines(files, place.path))
    elif loaded := _LOADED.match(place.carrier):
        found = [(each, 1) for each in _loading_lines(files, loaded[1])]
    elif named := _VARIABLE.match(place.carrier):
        found = [(each, 1) for each in _named_lines(files, named[1])]
    else:
        holder = holder_of(files, place)
        found = [
            (SourceLine(file=path, line=number, role=role), 1)
            for path, number, role in lines_about(files, holder.path, writes.variables_in(holder.rest))
            if holder.kind != "item" or role != "written"
        ]
        uses = [each for each in _uses(files, place, holder) if not _is_scoping(each[1])]
        uses = _with_searches(uses, holder)
        made = [writes.is_making(path, use) for path, use in uses if use.role == "written"]
        if made and all(made):
            uses += _putting(files, place, holder)
        if holder.within is not None:
            uses = _with_container(uses, list(_into(files, place, holder.within)))
        of_uses = _of_uses(uses, holder.rest, leaf)
        of_uses = runs.those_of_requests(files, uses, of_uses)
        if not any(line.role == "written" and weight >= writes.BRINGS for line, weight in (*found, *of_uses)):
            of_uses = [*_without_constants(uses, of_uses, place), *_ways_in(files, place, holder)]
        found += of_uses
        found += _of_uses(list(items.changes(files, holder.rest)), "", leaf, more=1)
    return _lines(found)


def _is_scoping(use: Use) -> bool:
    """Whether it is ``global name``, which says whose the name is and neither reads nor writes it."""
    return use.node.parent is not None and use.node.parent.type in ("global_statement", "nonlocal_statement")


def _ways_in(files: Mapping[str, str], place: StateLeaf, holder: Holder) -> list[tuple[SourceLine, int]]:
    """The lines by which data got into a place that no line writes to by its own name."""
    own = list(_of_name(files, place, holder) if holder.kind == "name" else _of_holder(files, holder))
    found = indirect.ways_in(files, own, holder.rest)
    return [(SourceLine(file=path, line=use.line, role="written"), writes.BRINGS) for path, use in found]


def _without_constants(
    uses: Sequence[tuple[str, Use]], found: Sequence[tuple[SourceLine, int]], place: StateLeaf
) -> list[tuple[SourceLine, int]]:
    """The lines about a place; what made it of constants only declares it where its text is none of them."""
    is_text = place.kind in _TEXTS and len(place.value) >= _TEXT_CHARACTERS_MIN
    return [
        (
            line.model_copy(update={"role": "declared"})
            if is_text and line.role == "written" and writes.is_made_without(use, place.value)
            else line,
            weight,
        )
        for (_, use), (line, weight) in zip(uses, found, strict=True)
    ]


def _of_uses(found: Sequence[tuple[str, Use]], rest: str, leaf: str, more: int = 0) -> list[tuple[SourceLine, int]]:
    """Lines with what speaks for each; one that only made what another wrote to is a declaration of it.

    :param rest: the path from the place that they use to what was found there.
    :param more: what speaks for all of them besides.
    """
    words = writes.words_of(rest, leaf)
    weights = [writes.weight(path, use, rest, words) + more for path, use in found]
    is_made = [writes.is_making(path, use) for path, use in found]
    is_written = any(weight >= writes.BRINGS and not made for weight, made in zip(weights, is_made, strict=True))
    return [
        (SourceLine(file=path, line=use.line, role="declared" if made and is_written else use.role), weight)
        for (path, use), weight, made in zip(found, weights, is_made, strict=True)
    ]


def _with_container(uses: Sequence[tuple[str, Use]], into: Sequence[tuple[str, Use]]) -> list[tuple[str, Use]]:
    """The uses of an entry, and what puts entries into the object that has it; then a call by the key only reads."""
    at = {(path, use.line) for path, use in into}
    return [
        *(
            (
                path,
                replace(use, role="read") if into and writes.is_call(path, use) and (path, use.line) not in at else use,
            )
            for path, use in uses
        ),
        *into,
    ]


def _with_searches(uses: Sequence[tuple[str, Use]], holder: Holder) -> list[tuple[str, Use]]:
    """The uses of an expression; where it goes on from is written by what searches with it."""
    if holder.rest != ".lastIndex":
        return list(uses)
    return [
        (path, replace(use, role="written") if use.role == "read" and writes.method_of(path, use) in _SEARCHES else use)
        for path, use in uses
    ]


def _putting(files: Mapping[str, str], place: StateLeaf, holder: Holder) -> list[tuple[str, Use]]:
    """Where the object was put that has the place, of what the code names the innermost that it is put into."""
    while holder.kind == "attribute" and holder.path.startswith(place.carrier):
        outer = without_last_step(holder.path)
        if outer == holder.path:
            return []
        holder = holder_of(files, place.model_copy(update={"path": outer}))
        uses = list(_uses(files, place, holder))
        own = indirect.defined(files)
        # What a method of the code's own does to an object, it does not put it there.
        writing = [each for each in uses if each[1].role == "written" and writes.method_of(*each) not in own]
        if found := [each for each in writing if not writes.is_making(*each)]:
            return found
    return []


def _into(files: Mapping[str, str], place: StateLeaf, container: Holder) -> Iterator[tuple[str, Use]]:
    """Where an entry is put into a container by a key that the code works out."""
    uses = _of_name(files, place, container) if container.kind == "name" else _of_holder(files, container)
    return ((path, use) for path, use in uses if use.role == "written" and writes.is_by_computed_key(path, use))


def _lines(found: Sequence[tuple[SourceLine, int]]) -> Lines:
    best = max((weight for line, weight in found if line.role == "written"), default=0)
    likely = {(line.file, line.line) for line, weight in found if line.role == "written" and weight == best}
    lines = _one_role_per_line(line for line, _ in found)
    first = [line for line in lines if (line.file, line.line) in likely]
    return Lines(tuple([*first, *(line for line in lines if line not in first)][:LINES_MAX]), len(first))


def _one_role_per_line(found: Iterable[SourceLine]) -> list[SourceLine]:
    """One role for each line: writing says more than declaring, declaring more than removing and reading."""
    rank = {"written": 0, "declared": 1, "removed": 2, "read": 3}
    best: dict[tuple[str, int], SourceLine] = {}
    for each in sorted(found, key=lambda line: rank[line.role]):
        best.setdefault((each.file, each.line), each)
    return sorted(best.values(), key=lambda line: (line.file, line.line))


def module_of(path: str) -> str:
    """How the probes name the module in ``path``."""
    language = language_of_file(path)
    return language.module_name(path) if language else path


def _uses(files: Mapping[str, str], place: StateLeaf, holder: Holder) -> Iterator[tuple[str, Use]]:
    """Every use of a place by its name in the code; of what it is reached by, where that is declared and read."""
    home, name = home_of(files, place.carrier)
    if home and holder.kind != "name":
        outer = [(home, use) for use in syntax.uses(home, files[home], name)]
        yield from ((path, use if use.role != "written" else replace(use, role="read")) for path, use in outer)
    elif holder.kind == "name":
        yield from _of_name(files, place, holder)
    yield from _of_holder(files, holder)


def _of_name(files: Mapping[str, str], place: StateLeaf, holder: Holder) -> Iterator[tuple[str, Use]]:
    """Every use of a module's variable, or of what any module reaches by that name."""
    home, name = home_of(files, place.carrier)
    if home:
        own = list(syntax.uses(home, files[home], name))
        # A probe takes the outermost function's variable for the module's where the module has none.
        yield from ((home, use) for use in own or syntax.closure_uses(home, files[home], name))
        yield from _from_elsewhere(files, home, name)
        return
    found = list(_of_all(files, syntax.attribute_uses, holder.name))
    yield from found
    if not any(use.role == "written" for _, use in found):
        yield from indirect.setters(files, holder.name)
    if place.carrier.startswith(_PROTOTYPES) and not any(use.role == "written" for _, use in found):
        yield from _merging(files)


def _of_holder(files: Mapping[str, str], holder: Holder) -> Iterator[tuple[str, Use]]:
    match holder.kind:
        case "attribute":
            yield from _of_all(files, syntax.attribute_uses, holder.name)
        case "entry":
            yield from _of_all(files, syntax.entry_uses, holder.name)
        case "closure":
            yield from _of_all(files, syntax.closure_uses, holder.name)
        case "default":
            yield from (
                (path, use)
                for path in files
                for use in syntax.parameter_uses(path, files[path], holder.of, holder.name)
            )
        case "item":
            adds = "addFilter" if holder.name.startswith(".filters") else "addHandler"
            yield from (
                (path, replace(use, role="written")) for path, use in _of_all(files, syntax.attribute_uses, adds)
            )
        case _:
            pass


def _merging(files: Mapping[str, str]) -> Sequence[tuple[str, Use]]:
    """The one line that puts entries into an object that a function is given; nothing where there are several."""
    found = [(path, use) for path, text in files.items() for use in keys.given(path, text)]
    return found if len(found) == 1 else ()


def _of_all(
    files: Mapping[str, str], uses: Callable[[str, str, str], Iterable[Use]], name: str
) -> Iterator[tuple[str, Use]]:
    return ((path, use) for path, text in files.items() for use in uses(path, text, name))


def _from_elsewhere(files: Mapping[str, str], home: str, name: str) -> Iterator[tuple[str, Use]]:
    for path, text in files.items():
        if path != home and re.search(rf"\bimport\b[^\n]*\b{re.escape(name)}\b", text):
            yield from ((path, use) for use in syntax.uses(path, text, name))
        elif path != home:
            yield from ((path, use) for use in _through_module(path, text, name, module_of(home)))


def _through_module(path: str, text: str, name: str, module: str) -> Iterator[Use]:
    """Uses as ``store.cache`` of another module's name."""
    short = re.split(r"[./]", module)[-1]
    lines = text.split("\n")
    return (use for use in syntax.attribute_uses(path, text, name) if f"{short}.{name}" in lines[use.line - 1])


def home_of(files: Mapping[str, str], carrier: str) -> tuple[str, str]:
    """The file and the module's name that ``carrier`` is about; the longest module name that fits."""
    fitting = [path for path in files if language_of_file(path) and carrier.startswith(module_of(path) + ".")]
    path = max(fitting, key=lambda each: len(module_of(each)), default="")
    found = _NAME.match(carrier[len(module_of(path)) + 1 :]) if path else None
    return (path, found[0]) if found else ("", "")


def _named_lines(files: Mapping[str, str], name: str) -> Iterator[SourceLine]:
    """Lines with an environment variable of that name, told apart by what stands around it.

    Where none of them gives it a value, those that give one to a variable whose name they work out.
    """
    written = re.compile(
        rf"(?:environ\[['\"]|env\.|env\[['\"]|putenv\(['\"]|\.){re.escape(name)}\b['\"\]]*\s*(?:=(?!=)|,)"
    )
    named = re.compile(rf"\b{re.escape(name)}\b")
    lines = [(path, number, line) for path, text in files.items() for number, line in _numbered(text)]
    is_written = any(named.search(line) and written.search(line) for _, _, line in lines)
    for path, number, line in lines:
        if named.search(line):
            yield SourceLine(file=path, line=number, role="written" if written.search(line) else "read")
        elif not is_written and _NAME_WORKED_OUT.search(line) and not is_comment(line):
            yield SourceLine(file=path, line=number, role="written")


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(text.split("\n"), start=1)


def _loading_lines(files: Mapping[str, str], name: str) -> Iterator[SourceLine]:
    """Lines with the name of a module that the function made, told apart by whether they load it.

    Where none of them does, those that load a module whose name they work out.
    """
    named = re.compile(rf"\b{re.escape(name)}\b")
    lines = [
        (path, number, line) for path, text in files.items() for number, line in _numbered(text) if not is_comment(line)
    ]
    is_loaded = any(named.search(line) and _LOADS.search(line) for _, _, line in lines)
    for path, number, line in lines:
        if not is_loaded and _LOADS_WORKED_OUT.search(line):
            yield SourceLine(file=path, line=number, role="written")
        elif named.search(line):
            yield SourceLine(file=path, line=number, role="written" if _LOADS.search(line) else "read")
