"""From a place that held something to the lines of the user's code that declare, write and read it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import syntax, writes
from sandbox_runner.handler_code.holders import holder_of
from sandbox_runner.handler_code.process_state import lines_about
from sandbox_runner.results.model import SourceLine
from sandbox_runner.runtimes.registry import language_of_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sandbox_runner.events.records import StateLeaf
    from sandbox_runner.handler_code.holders import Holder
    from sandbox_runner.handler_code.syntax import Role, Use

LINES_MAX: Final = 20
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_VARIABLE = re.compile(r"(?:os\.environ\['|process\.env\.)([A-Za-z_]\w*)")
_LOADED = re.compile(r"(?:sys\.modules|require\.cache)\['(?:[^']*[/.])?([\w-]+)(?:\.[cm]?js)?'\]")
_LOADS = re.compile(r"\bimport\b|import_module|__import__|exec_module|\brequire\s*\(")
_WRITES = re.compile(
    r"write|append|dump|copy|save|touch|mkdir|rename|replace\(|createWriteStream|open(?:Sync)?\([^)]*,\s*[^)]*['\"][wax+]"
)
_READS = re.compile(r"read|load|exists|open|stat|import|listdir|glob|iterdir|access")


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
        found = [(each, 1) for each in _file_lines(files, place.path)]
    elif loaded := _LOADED.match(place.carrier):
        found = [(each, 1) for each in _loading_lines(files, loaded[1])]
    elif named := _VARIABLE.match(place.carrier):
        found = [(each, 1) for each in _named_lines(files, named[1])]
    else:
        holder = holder_of(files, place)
        found = [
            (SourceLine(file=path, line=number, role=role), 1)
            for path, number, role in lines_about(files, holder.path)
            if holder.kind != "item" or role != "written"
        ]
        words = writes.words_of(holder.rest, leaf)
        found += [
            (SourceLine(file=path, line=use.line, role=use.role), writes.weight(path, use, holder.rest, words))
            for path, use in _uses(files, place, holder)
        ]
    return _lines(found)


def _lines(found: Sequence[tuple[SourceLine, int]]) -> Lines:
    best = max((weight for line, weight in found if line.role == "written"), default=0)
    likely = {(line.file, line.line) for line, weight in found if line.role == "written" and weight == best}
    lines = _one_role_per_line(line for line, _ in found)
    first = [line for line in lines if (line.file, line.line) in likely]
    return Lines(tuple([*first, *(line for line in lines if line not in first)][:LINES_MAX]), len(first))


def _one_role_per_line(found: Iterable[SourceLine]) -> list[SourceLine]:
    """One role for each line: writing says more than declaring, declaring more than reading."""
    rank = {"written": 0, "declared": 1, "read": 2}
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
    elif home:
        yield from ((home, use) for use in syntax.uses(home, files[home], name))
        yield from _from_elsewhere(files, home, name)
    elif holder.kind == "name":
        yield from _of_all(files, syntax.attribute_uses, holder.name)
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
    """Lines with an environment variable or a global of that name, told apart by what stands around it."""
    written = re.compile(
        rf"(?:environ\[['\"]|env\.|env\[['\"]|putenv\(['\"]|\.){re.escape(name)}\b['\"\]]*\s*(?:=(?!=)|,)"
    )
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), start=1):
            if re.search(rf"\b{re.escape(name)}\b", line):
                yield SourceLine(file=path, line=number, role="written" if written.search(line) else "read")


def _loading_lines(files: Mapping[str, str], name: str) -> Iterator[SourceLine]:
    """Lines with the name of a module that the function made, told apart by whether they load it."""
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), start=1):
            if re.search(rf"\b{re.escape(name)}\b", line) and not _is_comment(line):
                yield SourceLine(file=path, line=number, role="written" if _LOADS.search(line) else "read")


def _file_lines(files: Mapping[str, str], path: str) -> Iterator[SourceLine]:
    """Lines that name the file, or a name that stands for it; by the file's name first, then by its folder's."""
    for wanted in (path.rpartition("/")[2], "/tmp"):  # noqa: S108 - the place that is looked for
        found = list(_lines_about(files, wanted))
        if found:
            yield from found
            return


def _lines_about(files: Mapping[str, str], wanted: str) -> Iterator[SourceLine]:
    for path, text in files.items():
        lines = text.split("\n")
        direct = [number for number, line in enumerate(lines, start=1) if wanted in line and not _is_comment(line)]
        names = {
            found[1]
            for number in direct
            if (found := re.match(r"\s*(?:const|let|var)?\s*(\w+)\s*=", lines[number - 1]))
        }
        for number, line in enumerate(lines, start=1):
            if number in direct or any(re.search(rf"\b{re.escape(name)}\b", line) for name in names):
                yield SourceLine(file=path, line=number, role=_file_role(line))


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(("#", "//", "*", '"""'))


def _file_role(line: str) -> Role:
    if _WRITES.search(line):
        return "written"
    return "read" if _READS.search(line) else "declared"
