"""The innermost place that the code has a name for, of a value that was found at the end of a path. Pure.

A probe says ``app.service.user`` for what ``self.user = user`` keeps, and ``app.cache['alice'].name`` for what
``cache[who] = user`` does: the field ``user`` is the code's, the key ``'alice'`` and the field ``name`` are data. So a
path is followed as long as its steps are the same in every run, and the last one that the code writes to is the place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from sandbox_runner.handler_code import keys, syntax, writes
from sandbox_runner.handler_code.process_state import is_of_process
from sandbox_runner.runtimes.registry import language_of_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.events.records import StateLeaf

Kind = Literal["name", "attribute", "entry", "closure", "default", "item"]
_STEPS: Final = re.compile(
    r"\.\[\[closure\]\]\.(?P<variable>[A-Za-z_$][\w$]*)"
    r"|\.__closure__\['(?P<cell>\w+)'\]"
    r"|\.__(?:kw)?defaults__\['(?P<default>\w+)'\]"
    r"|\.get\('(?P<got>(?:[^'\\]|\\.)*)'\)"
    r"|\.(?P<attribute>#?[A-Za-z_$][\w$]*)(?![\w$(])"
    r"|\['(?P<entry>(?:[^'\\]|\\.)*)'\]"
    r"|(?P<item>\.(?:filters|handlers)\[\d+\])"
    # Of an item of a list only what no code from outside gives it: what its function closes over, a private field.
    r"|(?P<index>\[\d+\])(?=\.(?:\[\[closure\]\]|#))"
)
_LAST_NAME: Final = re.compile(r"(?:\.#?[A-Za-z_$][\w$]*|\[[^\[\]]*\])\Z")
# After a name: then it is another one, that only begins alike.
_GOES_ON: Final = re.compile(r"(?<=[\w$])[\w$]")
# Of a library's object, no frame of a generator nor cache of a function; an exception has the notes that it was given.
_PUBLIC: Final = re.compile(r"(?:\.(?!(?:gi|cr|ag)_frame\b|cache\[)(?:[A-Za-z]\w*|__notes__)(?![\w(]|\.cache\[))+")
_SETS_WORKED_OUT: Final = re.compile(r"\bsetattr\s*\(|\b__(?:dict|setattr)__\b|\bvars\s*\(")
_MANGLED: Final = re.compile(r"_[A-Za-z]\w*?(__\w*[A-Za-z0-9]_?)\Z")
# A package's object: what has the method that closes over something.
_OF_PACKAGE: Final = re.compile(
    r"(?:\.[A-Za-z_$][\w$]*)*\.(?P<name>[A-Za-z_$][\w$]*)(?=\.[A-Za-z_$][\w$]*\.\[\[closure\]\])"
)
_LOGGER: Final = re.compile(r"\.(?:filters|handlers)\[\d+\]")


@dataclass(frozen=True, slots=True)
class Holder:
    """A place by its ``path``: the ``name`` of its last step, what ``kind`` of name that is, and what follows it.

    ``of`` is the name of the function, where it is the default of one of its parameters. ``within`` is what has the
    entry, where it is one of something that has a name itself.
    """

    path: str
    kind: Kind
    name: str
    rest: str
    of: str = ""
    within: Holder | None = None


def holder_of(files: Mapping[str, str], place: StateLeaf) -> Holder:
    """See the module."""
    name = _name(place.carrier)
    inside = inside_of(place)
    whole = Holder(place.carrier, "name", name, inside)
    if place.package:
        return _of_package(files, place, inside) or whole
    if place.root == "tmp-file":
        return whole
    if place.carrier.startswith("logging.getLogger("):
        item = _LOGGER.match(inside)
        return Holder(place.carrier + item[0], "item", item[0], inside[item.end() :]) if item else whole
    written = _written(tuple(files.items()))
    found, at, before = whole, 0, name
    while step := _STEPS.match(inside, at):
        if step.lastgroup == "index":
            at = step.end()
            continue
        kind, called = _kind_of(step)
        called = _unmangled(called, written)
        if not _may_be_followed(place, kind, called, before, written):
            break
        if inside[:at].endswith("]") and called.startswith("#") and called not in written.changed:
            break
        within = found if found.path == place.carrier + inside[:at] else None
        at = step.end()
        if _is_named(files, kind, called, before, written):
            is_entry = kind == "entry" or called not in written.attributes
            found = Holder(place.carrier + inside[:at], kind, called, inside[at:], before, within if is_entry else None)
        before = called
    return _to_what_a_library_holds(files, place, found)


def _to_what_a_library_holds(files: Mapping[str, str], place: StateLeaf, found: Holder) -> Holder:
    """The same, with the public attributes of a library's object on the way to the value in its path.

    They are no data where attributes never are, and the code uses them by name or sets none by a computed one.
    """
    language = language_of_root(place.root)
    is_module = place.carrier.startswith("sys.modules[")
    if language is None or language.keyed_by_attributes or is_module or is_of_process(place.carrier):
        return found
    part = _PUBLIC.match(found.rest)
    if part is None:
        return found
    names = part[0].split(".")[1:]
    used = {name for path, text in files.items() for name, _ in syntax.members(path, text)}
    if not used.issuperset(names) and any(_SETS_WORKED_OUT.search(text) for text in files.values()):
        return found
    is_field = any(re.search(rf"^\s+{name}\s*:", text, re.MULTILINE) for name in names for text in files.values())
    return found if is_field else replace(found, path=found.path + part[0])


def _of_package(files: Mapping[str, str], place: StateLeaf, inside: str) -> Holder | None:
    """The part of a package's object that the code uses by its name, where a method of that part holds something."""
    part = _OF_PACKAGE.match(inside)
    uses = (
        (use for path, text in files.items() for use in syntax.attribute_uses(path, text, part["name"])) if part else ()
    )
    if part is None or next(iter(uses), None) is None:
        return None
    return Holder(place.carrier + part[0], "attribute", part["name"], inside[part.end() :])


def _unmangled(called: str, written: _Written) -> str:
    """The name as the class has it: https://docs.python.org/3/reference/expressions.html#private-name-mangling ."""
    private = _MANGLED.match(called)
    return private[1] if private and called not in written.attributes else called


def inside_of(place: StateLeaf) -> str:
    """What of a place's path comes after its carrier, however the carrier was reached."""
    if place.path.startswith(place.carrier) and not _GOES_ON.match(place.path, len(place.carrier)):
        return place.path[len(place.carrier) :]
    reached = re.search(rf"\]\]{re.escape(_step(place.carrier))}(?![\w$])", place.path)
    return place.path[reached.end() :] if reached else ""


def without_last_step(path: str) -> str:
    """The path of what has the place that ``path`` leads to."""
    return _LAST_NAME.sub("", path)


def _step(carrier: str) -> str:
    found = _LAST_NAME.search(carrier)
    return found[0] if found else carrier


def _name(carrier: str) -> str:
    return _step(carrier).strip(".[]'")


def _kind_of(step: re.Match[str]) -> tuple[Kind, str]:
    kinds: dict[str, Kind] = {"variable": "closure", "cell": "closure", "default": "default", "got": "entry"}
    group = str(step.lastgroup)
    return kinds.get(group, "attribute" if group == "attribute" else "entry"), step[group]


def _may_be_followed(place: StateLeaf, kind: Kind, called: str, before: str, written: _Written) -> bool:
    """Whether a step is the same in every run: what is not in the code may be somebody's key."""
    if kind in ("closure", "default"):
        return _is_of_the_function(place)
    if (before, called) in written.listed or called in written.parts or (kind, called) == ("attribute", "prototype"):
        return True
    if kind == "entry":
        return called in written.entries
    language = language_of_root(place.root)
    is_never_data = language is None or not language.keyed_by_attributes
    return is_never_data or called.startswith("#") or called in written.attributes or called in written.entries


def _is_named(files: Mapping[str, str], kind: Kind, called: str, before: str, written: _Written) -> bool:
    if kind in ("closure", "default"):
        of = before if kind == "default" else ""
        return any(_is_written_to(path, text, called, of) for path, text in files.items())
    if (before, called) in written.listed:
        return True
    return called in (written.entries if kind == "entry" else written.attributes) or (
        kind == "attribute" and called in written.entries
    )


def _is_of_the_function(place: StateLeaf) -> bool:
    """What replaced something of the language's or a library's is the place itself, and not what it closes over."""
    return not place.carrier.startswith(("globalThis.", "builtins.", "process.", "console.", "timers.", "threading."))


@dataclass(frozen=True, slots=True)
class _Written:
    """The names of attributes, and the keys, that the code writes to.

    ``listed`` are keys that it has in a list and writes by, with the name of what it writes to; ``parts`` are the
    keys at which objects that stand in it have other objects or functions. ``changed`` are attributes that it writes
    to after what has them was made.
    """

    attributes: frozenset[str]
    entries: frozenset[str]
    listed: frozenset[tuple[str, str]]
    parts: frozenset[str]
    changed: frozenset[str]


@lru_cache(maxsize=8)
def _written(files: tuple[tuple[str, str], ...]) -> _Written:
    found = [_written_in(path, text) for path, text in files]
    return _Written(
        frozenset(name for each in found for name in each.attributes),
        frozenset(key for each in found for key in each.entries),
        frozenset(pair for each in found for pair in each.listed),
        frozenset(key for each in found for key in each.parts),
        frozenset(name for each in found for name in each.changed),
    )


@lru_cache(maxsize=1024)
def _is_written_to(path: str, text: str, variable: str, of: str) -> bool:
    """Whether code changes a variable of a closure, or a parameter ``of`` a function; others are only given."""
    uses = syntax.parameter_uses(path, text, of, variable) if of else syntax.closure_uses(path, text, variable)
    return any(use.role == "written" for use in uses)


@lru_cache(maxsize=64)
def _written_in(path: str, text: str) -> _Written:
    members = [(name, use) for name, use in syntax.members(path, text) if use.role in ("declared", "written")]
    attributes = {name for name, _ in members}
    return _Written(
        frozenset(attributes),
        frozenset(key for key, use in syntax.entries(path, text) if use.role == "written"),
        frozenset(keys.from_the_code(path, text)),
        frozenset(keys.parts(path, text)),
        frozenset(name for name, use in members if use.role == "written" and not writes.is_making(path, use)),
    )
