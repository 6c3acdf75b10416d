"""From a file under /tmp to the lines of the user's code that name it, write it and read it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import aliases, syntax
from sandbox_runner.results.model import SourceLine
from sandbox_runner.runtimes.model import source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sandbox_runner.handler_code.syntax import Role

    # A name, and the first and the last of the lines that know it.
    _Name = tuple[str, tuple[int, int]]

# What puts data into a file, and what only makes one ready for it.
_PUTS: Final = re.compile(r"write|append\w*\(|dump|copy|save|rename|replace\(|createWriteStream")
_MAKES: Final = re.compile(r"touch|mkdir|open(?:Sync)?\([^)]*,\s*[^)]*['\"][wax+]")
# An object that writes to what was opened, and is given a name to be called by.
_WRITER: Final = re.compile(r"=\s*(?:await\s+)?(?:new\s+)?[\w.]*(?:[wW]riter|WriteStream)\([^()]*\)\s*;?\s*\Z")
_READS: Final = re.compile(r"read|load|exists|open|stat|import|listdir|glob|iterdir|access")
# A name that comes to stand for the file: the one that is assigned, and that of what was opened.
_NAMED: Final = re.compile(r"\s*(?:const\s+|let\s+|var\s+)?(\w+)\s*(?::[^=\n]+)?=(?!=)|.*?\bas\s+(\w+)\s*[:,)]")
_NAMES_MAX: Final = 20
_FOLDER: Final = "/tmp"  # noqa: S108 - the place that is looked for


def is_comment(line: str) -> bool:
    """Whether a line of code is nothing but a comment."""
    return line.lstrip().startswith(("#", "//", "*", '"""'))


def file_lines(files: Mapping[str, str], path: str) -> Iterator[tuple[SourceLine, int]]:
    """Lines that name a file, or a name that stands for it, each with what speaks for the data having come by it.

    Looked for by the file's own name first, then by its folders', the innermost first.
    """
    folder = path.rpartition("/")[0]
    wanted = [path.rpartition("/")[2]]
    while folder.startswith(_FOLDER):
        wanted.append(folder)
        folder = folder.rpartition("/")[0]
    for name in wanted:
        found = [each for file, text in files.items() for each in _about(file, text, name)]
        if found:
            yield from found
            return


def _about(path: str, text: str, wanted: str) -> Iterator[tuple[SourceLine, int]]:
    lines = text.split("\n")
    functions = _functions(path, text)
    direct = [n for n, line in enumerate(lines, start=1) if wanted in line and not is_comment(line)]
    found = dict.fromkeys(direct)
    names: dict[_Name, None] = {}
    waiting = direct
    while waiting and len(names) < _NAMES_MAX:
        new = [each for n in waiting for each in _named_in(lines[n - 1], n, functions) if each not in names]
        new += [each for each in _given_to(path, text, waiting, names) if each not in (*names, *new)]
        names.update(dict.fromkeys(new))
        waiting = [n for name, within in new for n in _with(lines, name, within) if n not in found]
        found.update(dict.fromkeys(waiting))
    for number in sorted(found):
        role, weight = _role(lines[number - 1])
        yield SourceLine(file=path, line=number, role=role), weight


def _named_in(line: str, number: int, functions: list[tuple[int, int]]) -> Iterator[_Name]:
    """The name that comes to stand for the file on a line, and the lines that know it by that."""
    named = _NAMED.match(line)
    if named is not None:
        fitting = [each for each in functions if each[0] <= number <= each[1]]
        yield named[1] or named[2], min(fitting, key=lambda each: each[1] - each[0], default=(1, number + 10**6))


def _given_to(path: str, text: str, waiting: Collection[int], names: Collection[_Name]) -> Iterator[_Name]:
    """The parameters that are given a name that stands for the file, each with the lines of their function."""
    known = {name for name, _ in names}
    for node in syntax.nodes(path, text):
        if node.type == "identifier" and syntax.line(node) in waiting and source(node) in known:
            for parameter, function in aliases.parameters_given({path: text}, path, node):
                yield parameter, (syntax.line(function), function.end_point[0] + 1)


def _with(lines: list[str], name: str, within: tuple[int, int]) -> Iterator[int]:
    word = re.compile(rf"\b{re.escape(name)}\b")
    for number, line in enumerate(lines, start=1):
        if within[0] <= number <= within[1] and word.search(line) and not is_comment(line):
            yield number


def _functions(path: str, text: str) -> list[tuple[int, int]]:
    """The first and the last line of every function."""
    grammar = syntax.grammar_of(path)
    return [
        (syntax.line(node), node.end_point[0] + 1)
        for node in (syntax.nodes(path, text) if grammar else ())
        if grammar and node.type in grammar.function
    ]


def _role(line: str) -> tuple[Role, int]:
    if _PUTS.search(line) and not _WRITER.search(line):
        return "written", 2
    if _MAKES.search(line) or _WRITER.search(line):
        return "written", 1
    if _READS.search(line) or not _NAMED.match(line):
        return "read", 0
    return "declared", 0
