"""From a place that held something to the lines of the user's code that declare, write and read it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import syntax
from sandbox_runner.handler_code.process_state import lines_about
from sandbox_runner.results.model import SourceLine
from sandbox_runner.runtimes.registry import language_of_file, language_of_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox_runner.events.records import StateLeaf
    from sandbox_runner.handler_code.syntax import Role

LINES_MAX: Final = 20
_INNER = re.compile(r"(?:\[\[closure\]\]\.|__closure__\['|__defaults__\['|__kwdefaults__\[')(#?[A-Za-z_$][\w$]*)")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_ATTRIBUTE = re.compile(r"\.(#?[A-Za-z_$][\w$]*)")
_VARIABLE = re.compile(r"(?:os\.environ\['|process\.env\.)([A-Za-z_]\w*)")
_GLOBAL = re.compile(r"(?:builtins|globalThis)\.([A-Za-z_$][\w$]*)\Z")
_WRITES = re.compile(
    r"write|append|dump|copy|save|touch|mkdir|rename|replace\(|createWriteStream|open(?:Sync)?\([^)]*,\s*[^)]*['\"][wax+]"
)
_READS = re.compile(r"read|load|exists|open|stat|import|listdir|glob|iterdir|access")


def constants(files: Mapping[str, str]) -> frozenset[str]:
    """Every text and number that stands in the code itself."""
    return frozenset(each for path, text in files.items() for each in syntax.constants(path, text))


def lines_of(files: Mapping[str, str], place: StateLeaf) -> tuple[SourceLine, ...]:
    """The lines that have to do with ``place``, in the order of the text; at most :data:`LINES_MAX`."""
    if place.root == "tmp-file":
        found = list(_file_lines(files, place.path))
    elif named := _VARIABLE.match(place.carrier) or _GLOBAL.match(place.carrier):
        found = list(_named_lines(files, named[1]))
    else:
        language = language_of_root(place.root)
        about = lines_about(files, place.carrier) if language and language.finds_process_places else ()
        found = [SourceLine(file=path, line=number, role=role) for path, number, role in about]
        found += _module_lines(files, place)
    return tuple(_one_role_per_line(found))[:LINES_MAX]


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


def _module_lines(files: Mapping[str, str], place: StateLeaf) -> Iterator[SourceLine]:
    home, name = home_of(files, place.carrier)
    if not home:
        return
    inner = _INNER.findall(place.path)
    for wanted in (name, *inner[-1:]):
        yield from _lines(home, syntax.uses(home, files[home], wanted))
    attributes = _ATTRIBUTE.findall(place.path.rpartition("]]")[2] if inner else place.path[len(place.carrier) :])
    for wanted in attributes[-1:]:
        for path, text in files.items():
            yield from _lines(path, syntax.attribute_uses(path, text, wanted))
    for path, text in files.items():
        if path != home and re.search(rf"\bimport\b[^\n]*\b{re.escape(name)}\b", text):
            yield from _lines(path, syntax.uses(path, text, name))
        elif path != home:
            yield from _lines(path, _through_module(path, text, name, module_of(home)))


def _through_module(path: str, text: str, name: str, module: str) -> Iterator[tuple[int, Role]]:
    """Uses as ``store.cache`` of another module's name."""
    short = re.split(r"[./]", module)[-1]
    lines = text.split("\n")
    for number, role in syntax.attribute_uses(path, text, name):
        if f"{short}.{name}" in lines[number - 1]:
            yield number, role


def home_of(files: Mapping[str, str], carrier: str) -> tuple[str, str]:
    """The file and the module's name that ``carrier`` is about; the longest module name that fits."""
    fitting = [path for path in files if language_of_file(path) and carrier.startswith(module_of(path) + ".")]
    path = max(fitting, key=lambda each: len(module_of(each)), default="")
    found = _NAME.match(carrier[len(module_of(path)) + 1 :]) if path else None
    return (path, found[0]) if found else ("", "")


def _lines(path: str, uses: Iterable[tuple[int, Role]]) -> Iterator[SourceLine]:
    return (SourceLine(file=path, line=number, role=role) for number, role in uses)


def _named_lines(files: Mapping[str, str], name: str) -> Iterator[SourceLine]:
    """Lines with an environment variable or a global of that name, told apart by what stands around it."""
    written = re.compile(
        rf"(?:environ\[['\"]|env\.|env\[['\"]|putenv\(['\"]|\.){re.escape(name)}\b['\"\]]*\s*(?:=(?!=)|,)"
    )
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), start=1):
            if re.search(rf"\b{re.escape(name)}\b", line):
                yield SourceLine(file=path, line=number, role="written" if written.search(line) else "read")


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
