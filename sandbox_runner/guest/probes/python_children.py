"""The children of a value, by kind: containers, instances, classes, functions, caches. Never runs user code."""

from __future__ import annotations

import _thread
import contextvars
import functools
import gc
import io
import itertools
import sys
import types
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from . import python_digests, python_text, python_thread_locals
from .python_text import is_a

# The first and the last entries: what was there from the start, and what was added last.
CHILDREN_MAX = 400
_HALF = CHILDREN_MAX // 2
DATABASE_BYTES_MAX = 4 * 1024 * 1024
_OPAQUE = (
    types.ModuleType,
    types.CodeType,
    types.FrameType,
    types.TracebackType,
    types.BuiltinFunctionType,
    property,
)
# Their contents belong to the interpreter, and lead from any logger or lock to everything else.
_OPAQUE_MODULES = frozenset(
    (
        *(
            "_frozen_importlib",
            "_frozen_importlib_external",
            "importlib",
            "zipimport",
            "weakref",
            "_weakref",
            "abc",
            "enum",
        ),
        *(
            "ssl",
            "_ssl",
            "socket",
            "selectors",
            "re",
            "typing",
            "concurrent",
            "multiprocessing",
            "subprocess",
            "unittest",
        ),
    )
)
# What AWS's SDK reads from files of its own: thousands of values of every client, and nobody's.
_DESCRIPTIONS = frozenset(("botocore.model", "botocore.loaders", "botocore.endpoint_provider", "boto3.resources.model"))
_BUILT_IN = ("", "builtins")
_LIBRARY = functools.__file__.removesuffix("functools.py")
_SKIPPED_ATTRIBUTES = frozenset(("manager", "parent", "root", "handlers", "_lock", "lock"))
# One of each kind whose iterators are safe; none of them takes a callable.
ITERABLES: tuple[Any, ...] = (
    [],
    (),
    "",
    "é",
    range(0),
    {},
    {}.values(),
    {}.items(),
    set(),
    reversed([]),
    reversed({}),
)
_UNSET: Any = contextvars.Token.MISSING
SLOT = types.MemberDescriptorType
_referents = gc.get_referents


# The text after the value's name in code, and the value.
Steps = list[tuple[str, Any]]
IsUsers = Callable[[Any], bool]
Children = tuple[Steps, bool]


class Look:
    """Examines values during one walk: what it learns about a class is valid only while the class exists."""

    def __init__(self, is_users: IsUsers) -> None:
        self._is_users = is_users
        self._kinds: dict[int, tuple[Steps, frozenset[str]] | None] = {}

    def children(self, value: Any) -> Children:
        """The places inside ``value``, and whether some were left out."""
        kind = type(value)
        special = _SPECIAL.get(id(kind))
        if special is not None:
            return special(value)
        for base, look in _BASES:
            if issubclass(kind, base):
                return look(value)
        if issubclass(kind, type):
            return _class(value, self._is_users)
        if is_database(value):
            return _database(value)
        if python_digests.is_digest(value):
            return [(".hexdigest()", python_digests.text(value))], False
        return self._instance(value)

    def _instance(self, value: Any) -> Children:
        kind = type(value)
        if id(kind) not in self._kinds:
            self._kinds[id(kind)] = self._learnt(kind)
        learnt = self._kinds[id(kind)]
        if learnt is None:
            return [], False
        slots, hidden = learnt
        held = instance_dict(value)
        found: Steps = [(".getstate()", random_state(value))] if _is_random(kind) else []
        found += [
            (f".{key}", part) for key, part in list(held.items())[:CHILDREN_MAX] if is_a(key, str) and key not in hidden
        ]
        found += [(step, part) for step, slot in slots for part in _slot(slot, value)]
        return found, len(held) > CHILDREN_MAX

    def _learnt(self, kind: type) -> tuple[Steps, frozenset[str]] | None:
        """The slots of a class and its bases as steps, and the names that are passed over; ``None`` for all of it."""
        homes = [module_of(each) for each in type.__dict__["__mro__"].__get__(kind)]
        if homes[0].partition(".")[0] in _OPAQUE_MODULES or homes[0] in _DESCRIPTIONS:
            return None
        is_users = all(home in _BUILT_IN or self._is_users(home) for home in homes)
        return _slots(kind), frozenset() if is_users else _SKIPPED_ATTRIBUTES


def _opaque(_: Any) -> Children:
    return [], False


def instance_dict(value: Any) -> dict[Any, Any]:
    """``value.__dict__`` as the interpreter has it, past any property of that name; empty if there is none."""
    if is_a(value, _thread._local):  # noqa: SLF001 - keeps its dict by thread, out of any descriptor's sight
        return python_thread_locals.merged(value)
    for kind in type.__dict__["__mro__"].__get__(type(value)):
        found = type.__dict__["__dict__"].__get__(kind).get("__dict__")
        if is_a(found, (types.GetSetDescriptorType, SLOT)):
            held = found.__get__(value)
            return held if is_a(held, dict) else {}
    return {}


def module_of(kind: type) -> str:
    """The name of the module that a class says it is of."""
    named = type.__dict__["__dict__"].__get__(kind).get("__module__")
    return named if is_a(named, str) else ""


def _dict(value: Any) -> Children:
    pairs, was_cut = _ends(dict.items(value), dict.__len__(value), lambda: reversed(dict.items(value)))
    found = [(f"[{python_text.key(key)}]", held) for key, held in pairs]
    # A key can be user data as well; a short one is shown whole in the path.
    found += [(f"<key {number}>", key) for number, (key, _) in enumerate(pairs) if not _shows_in_path(key)]
    return found, was_cut


def _shows_in_path(key: Any) -> bool:
    if is_a(key, str):
        return str.__len__(key) <= python_text.KEY_CHARACTERS_MAX
    return python_text.scalar(key) is not None


def _ends(items: Iterable[Any], count: int, backwards: Callable[[], Iterable[Any]]) -> tuple[list[Any], bool]:
    if count <= CHILDREN_MAX:
        return list(itertools.islice(items, CHILDREN_MAX)), False
    return [*itertools.islice(items, _HALF), *reversed(list(itertools.islice(backwards(), _HALF)))], True


def _sequence(value: Any) -> Children:
    base: Any = list if is_a(value, list) else tuple if is_a(value, tuple) else deque
    count = base.__len__(value)
    if count <= CHILDREN_MAX:
        numbered = list(enumerate(list(base.__iter__(value))))
    else:
        last = [base.__getitem__(value, number) for number in range(count - _HALF, count)]
        first = [base.__getitem__(value, number) for number in range(_HALF)]
        numbered = [*enumerate(first), *enumerate(last, start=count - _HALF)]
    return [(f"[{number}]", held) for number, held in numbered], count > CHILDREN_MAX


def _set(value: Any) -> Children:
    base: Any = set if is_a(value, set) else frozenset
    held = list(itertools.islice(base.__iter__(value), CHILDREN_MAX))
    return [("{…}", part) for part in held], base.__len__(value) > CHILDREN_MAX


def _slots(kind: type) -> Steps:
    return [
        (f".{key}", slot)
        for each in type.__dict__["__mro__"].__get__(kind)
        if _is_heap(each)
        for key, slot in list(type.__dict__["__dict__"].__get__(each).items())
        if is_a(slot, SLOT) and not key.startswith("__")
    ]


def _is_heap(kind: type) -> bool:
    return bool(type.__dict__["__flags__"].__get__(kind) & (1 << 9))


def _slot(slot: Any, value: Any) -> list[Any]:
    try:
        return [slot.__get__(value)]
    except AttributeError:
        return []


def _class(value: type, is_users: IsUsers) -> Children:
    if not is_users(module_of(value)):
        return [], False
    held = list(type.__dict__["__dict__"].__get__(value).items())
    kept = [(key, part) for key, part in held if not (key.startswith("__") and key.endswith("__"))]
    return [
        (f".{key}", _unwrapped(part))
        for key, part in kept[:CHILDREN_MAX]
        if not is_a(part, (SLOT, types.GetSetDescriptorType))
    ], len(kept) > CHILDREN_MAX


def _unwrapped(part: Any) -> Any:
    if is_a(part, (staticmethod, classmethod)):
        return part.__func__
    return part


def _function(value: Any) -> Children:
    code = value.__code__
    names = code.co_varnames[: code.co_argcount]
    defaults = value.__defaults__ or ()
    named = zip(names[len(names) - len(defaults) :], defaults, strict=False)
    found = [(f".__defaults__[{name!r}]", held) for name, held in named]
    found += [(f".__kwdefaults__[{name!r}]", held) for name, held in (value.__kwdefaults__ or {}).items()]
    for name, cell in zip(code.co_freevars, value.__closure__ or (), strict=False):
        try:
            found.append((f".__closure__[{name!r}]", cell.cell_contents))
        except ValueError:
            continue  # the cell is empty
    found += [(f".{key}", held) for key, held in list(value.__dict__.items())[:CHILDREN_MAX]]
    return found, False


def _method(value: Any) -> Children:
    return [(".__self__", value.__self__), (".__func__", value.__func__)], False


def _partial(value: Any) -> Children:
    return [(".func", value.func), (".args", value.args), (".keywords", value.keywords)], False


def _lru_cache(value: Any) -> Children:
    """A bounded cache keeps key, result and link type of each entry side by side; an unbounded one a dict.

    That of a function of Python's own, such as ``urllib.parse.urlsplit``, holds what is the same for every caller.
    """
    if _is_of_python(instance_dict(value).get("__wrapped__")):
        return [], False
    held = _referents(value)
    found = [(".__wrapped__", instance_dict(value).get("__wrapped__"))]
    entries, at = [], 1 if held[0] is type(value) else 0
    while at + 2 < len(held) and is_a(held[at + 2], type) and held[at + 2].__name__ == "_lru_list_elem":
        entries.append((held[at], held[at + 1]))
        at += 3
    if not entries:
        own = instance_dict(value)
        dicts = [part for part in held if type(part) is dict and part is not own]
        entries = [pair for part in dicts for pair in part.items()]
    for key, result in entries[-CHILDREN_MAX:]:
        found.append((f".cache[{python_text.key(key)}]", result))
        if not _shows_in_path(key):
            found.append((".cache<key>", key))
    return found, len(entries) > CHILDREN_MAX


def _is_of_python(function: Any) -> bool:
    """Whether a function is of the standard library."""
    file = function.__code__.co_filename if is_a(function, types.FunctionType) else ""
    return file.startswith(_LIBRARY) and "-packages/" not in file


def _context_variable(value: Any) -> Children:
    held = value.get(_UNSET)
    return ([] if held is _UNSET else [(".get()", held)]), False


def _buffer(value: Any) -> Children:
    return ([] if value.closed else [(".getvalue()", value.getvalue())]), False


def _file(value: Any) -> Children:
    """The position of an open file: the kernel stores it, shared by all who share the file."""
    try:
        return [(".tell()", type(value).tell(value))], False
    except (OSError, ValueError):
        return [], False


def _database(value: Any) -> Children:
    """The rows of an in-memory database, from a copy of it: neither the user's factories nor functions run."""
    kind = type(value)
    try:
        image = kind.serialize(value)
    except Exception:  # noqa: BLE001 - closed, of another thread, or empty
        return [], False
    if len(image) > DATABASE_BYTES_MAX:
        return [], True
    copy = kind(":memory:")
    try:
        kind.deserialize(copy, image)
        lines = list(itertools.islice(kind.iterdump(copy), CHILDREN_MAX + 1))
    finally:
        kind.close(copy)
    kept = [line for line in lines if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
    return [(".iterdump()", line) for line in kept[:CHILDREN_MAX]], len(lines) > CHILDREN_MAX


def is_database(value: Any) -> bool:
    """By name: importing the module would hide a file of that name in the function's folder."""
    kind = type(value)
    return type.__dict__["__name__"].__get__(kind) == "Connection" and module_of(kind) == "sqlite3"


def _suspended(frame: str) -> Callable[[Any], Children]:
    """Where a generator or a coroutine is suspended, and its variables."""

    def look(value: Any) -> Children:
        held = getattr(value, frame, None)
        if held is None:
            return [], False  # it has finished
        found: Steps = [(f".{frame}.f_lineno", held.f_lineno)]
        return [*found, *((f".{frame}.f_locals[{key!r}]", part) for key, part in dict(held.f_locals).items())], False

    return look


def _lock(value: Any) -> Children:
    return [(".locked()", repr(value).startswith("<locked"))], False


def _iterator(value: Any) -> Children:
    """How much of it is left: it cannot be inspected without advancing it."""
    return [(".__length_hint__()", type(value).__length_hint__(value))], False


def random_state(value: Any) -> str:
    """A random generator's state, so that changes are visible; the numbers themselves mean nothing."""
    return f"state {hash(_random_kind().getstate(value)) & 0xFFFFFFFF:08x}"


def _is_random(kind: type) -> bool:
    base = _random_kind()
    return base is not None and issubclass(kind, base)


def _random_kind() -> Any:
    """The class that has the state, if it is loaded: the function's folder may have a module of the same name."""
    found = sys.modules.get("_random")
    return instance_dict(found).get("Random") if is_a(found, types.ModuleType) else None


# By identity of the type: hashing a class calls its metaclass, which may be the user's.
_SPECIAL: dict[int, Callable[[Any], Children]] = {
    id(types.FunctionType): _function,
    id(types.MethodType): _method,
    id(types.GeneratorType): _suspended("gi_frame"),
    id(types.CoroutineType): _suspended("cr_frame"),
    id(types.AsyncGeneratorType): _suspended("ag_frame"),
    id(_thread.LockType): _lock,
    id(_thread.RLock): _lock,
    **{id(type(iter(each))): _iterator for each in ITERABLES},
    id(functools.partial): _partial,
    id(type(functools.lru_cache(len))): _lru_cache,
    id(contextvars.ContextVar): _context_variable,
    id(io.StringIO): _buffer,
    id(io.BytesIO): _buffer,
    **{
        id(kind): _file
        for kind in (io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO)
    },
}

# In the order they are tried; anything else is a class or an instance.
_BASES: tuple[tuple[type | tuple[type, ...], Callable[[Any], Children]], ...] = (
    (dict, _dict),
    ((list, tuple, deque), _sequence),
    ((set, frozenset), _set),
    (_OPAQUE, _opaque),
)
