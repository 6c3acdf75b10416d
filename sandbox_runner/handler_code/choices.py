"""The other values of a fixed set that a value belongs to: what code that checks for it accepts in its place. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import syntax
from sandbox_runner.runtimes.model import source as text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

_LISTS: Final = ("list", "set", "tuple", "array")
_NAMES: Final = ("property_identifier", "string")
CHOICES_MAX: Final = 4


def other_choices(files: Mapping[str, str], value: str) -> tuple[str, ...]:
    """Texts beside ``value`` in a list of texts, or among the keys of an object, that stands in the code."""
    found: dict[str, None] = {}
    for path, source in files.items():
        for node in syntax.nodes(path, source):
            if node.type in _NAMES and _said(node) == value:
                found |= dict.fromkeys(each for each in _beside(node) if each != value)
    return tuple(found)[:CHOICES_MAX]


def _said(node: Node) -> str | None:
    return text(node) if node.type == "property_identifier" else syntax.literal(node)


def _beside(node: Node) -> Iterator[str]:
    holder = node.parent
    if holder is None:
        return
    if holder.type in _LISTS and node.type == "string":
        yield from (said for each in holder.named_children if (said := syntax.literal(each)) is not None)
    elif holder.type == "pair" and holder.child_by_field_name("key") == node and holder.parent is not None:
        keys = (each.child_by_field_name("key") for each in holder.parent.named_children if each.type == "pair")
        yield from (said for each in keys if each is not None and (said := _said(each)) is not None)
