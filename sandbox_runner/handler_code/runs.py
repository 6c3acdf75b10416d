"""Which of several writes a request can have run: of two that are as likely otherwise, that one brought it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.handler_code import aliases, indirect, syntax, writes
from sandbox_runner.runtimes.model import source as text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

    from sandbox_runner.handler_code.syntax import Use
    from sandbox_runner.results.model import SourceLine

    Weighed = Sequence[tuple[SourceLine, int]]


def those_of_requests(
    files: Mapping[str, str], uses: Sequence[tuple[str, Use]], found: Weighed
) -> list[tuple[SourceLine, int]]:
    """What was ``found`` of ``uses``; a write has the less to say for itself the less a request can have run it.

    A function that only the module's own code calls ran before any request. A method of the code's own that is called
    on a place says that something may be done to it, and not what.
    """
    own = indirect.defined(files)
    is_likely = [
        line.role == "written" and weight >= writes.BRINGS and not _runs_at_start(files, path, use)
        for (path, use), (line, weight) in zip(uses, found, strict=True)
    ]
    plain = [likely and writes.method_of(*use) not in own for use, likely in zip(uses, is_likely, strict=True)]
    kept = plain if any(plain) else is_likely
    if not any(kept):
        return list(found)
    return [
        (line, weight if keeps or line.role != "written" else min(weight, writes.BRINGS - 1))
        for (line, weight), keeps in zip(found, kept, strict=True)
    ]


def _runs_at_start(files: Mapping[str, str], path: str, use: Use) -> bool:
    """Whether it stands in a function that is called, and by nothing but code outside of all functions."""
    grammar = syntax.grammar_of(path)
    function = syntax.enclosing(grammar, use.node) if grammar else None
    if function is None:
        return False
    named = text(aliases.name_of(function))
    is_method = aliases.class_of(function) is not None
    calls = list(_named(files, named, is_method=is_method)) if named else []
    return bool(calls) and not any(calls)


def _named(files: Mapping[str, str], name: str, *, is_method: bool) -> Iterator[bool]:
    """For each other place that has the name of a function, whether a request may call it by that."""
    for path, source in files.items():
        grammar = syntax.grammar_of(path)
        for node in syntax.nodes(path, source) if grammar else ():
            if grammar is None or text(node) != name or not _is_a_name(node) or _is_its_own(node):
                continue
            if is_method and not syntax.is_member_name(node):
                continue
            at = node.parent if syntax.is_member_name(node) else node
            is_called = at is not None and at.parent is not None and syntax.is_call_of(grammar, at.parent, at)
            yield not is_called or syntax.enclosing(grammar, node) is not None


def _is_a_name(node: Node) -> bool:
    return node.named_child_count == 0 and node.is_named


def _is_its_own(node: Node) -> bool:
    return node.parent is not None and node.parent.child_by_field_name("name") == node
