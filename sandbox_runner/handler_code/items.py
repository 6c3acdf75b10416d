"""Where an object that is an item of a collection was changed after it was put there. Pure.

``self._idle.append(connection)`` puts a connection into the pool; what is in the connection's session came by what the
connection's own class did to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import syntax, writes
from sandbox_runner.runtimes.model import source as text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from sandbox_runner.handler_code.syntax import Use

# An item by its number, and the attributes from there on.
_ITEM: Final = re.compile(r".*?\[\d+\]((?:\.#?[A-Za-z_$][\w$]*(?!\())+)")
_ATTRIBUTE: Final = re.compile(r"\.(#?[A-Za-z_$][\w$]*)")
_OWN: Final = ("this", "self")
_CLASSES: Final = ("class_definition", "class_declaration", "class", "abstract_class_declaration")


def changes(files: Mapping[str, str], rest: str) -> Iterator[tuple[str, Use]]:
    """Writes, by a class to its own, of the innermost attribute on the way from an item to a value.

    Nothing where other code writes to an attribute of that name too, or makes plain objects with it.

    :param rest: the path from what the code has a name for.
    """
    item = _ITEM.match(rest)
    for name in reversed(_ATTRIBUTE.findall(item[1]) if item else ()):
        uses = [(path, use) for path, source in files.items() for use in syntax.attribute_uses(path, source, name)]
        changing = [(path, use) for path, use in uses if _is_change(path, use)]
        if not changing:
            continue
        homes = {(path, _class_of(use.node)) for path, use in changing}
        is_own = len(homes) == 1 and all(home is not None for _, home in homes)
        if is_own and all(_is_own(use.node) for _, use in changing) and not _is_key(files, name):
            yield from changing
        return


def _is_change(path: str, use: Use) -> bool:
    brings = use.role == "written" and writes.weight(path, use, "", ()) >= writes.BRINGS
    return brings and not writes.is_making(path, use)


def _is_own(member: Node) -> bool:
    return text(member.child_by_field_name("object")) in _OWN


def _class_of(node: Node) -> int | None:
    at = node.parent
    while at is not None and at.type not in _CLASSES:
        at = at.parent
    return at.id if at is not None else None


def _is_key(files: Mapping[str, str], name: str) -> bool:
    """Whether an object or a dict of the code has an entry of that name."""
    for path, source in files.items():
        for node in syntax.nodes(path, source):
            key = node.child_by_field_name("key") if node.type == "pair" else None
            if node.type == "shorthand_property_identifier" and text(node) == name:
                return True
            if key is not None and name in (text(key), syntax.literal(key)):
                return True
    return False
