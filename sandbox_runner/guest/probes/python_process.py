"""State of a function's process outside its modules: settings, handlers, threads, tasks, children, descriptors.

A place is named by the expression that reads it (``signal.getsignal(SIGUSR1)``), or in words if there is none
(``descriptor 7, /tmp/log``). Only what differs from the state before user code is a place; the runtime client's own
state is not. Modules that are not loaded are not loaded for this: their state cannot have changed.

Sources: proc(5) and https://docs.python.org/3/library/ of each module that a place is named after.
"""

from __future__ import annotations

import _locale
import _signal  # type: ignore[import-not-found] # typeshed only knows the module that wraps it
import os
import stat
import sys
from types import CoroutineType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from . import python_children, python_text
from .python_text import is_a

if TYPE_CHECKING:
    from collections.abc import Iterator

# Carrier, the rest of the path, and the value.
Place = tuple[str, str, Any]

EACH_MAX = 100
_FRAMES_MAX = 20
_TEXT_BYTES = 4096
# Each takes some 20 µs, and lets others have the processor.
_LOADING_TRIES = 200
# The client's own handlers and sockets.
_CLIENT = "awslambdaric"
# decimal.Context() as the library defines it; flags are set by any calculation and mean nothing.
_DECIMAL = {"prec": 28, "rounding": "ROUND_HALF_EVEN", "Emin": -999999, "Emax": 999999, "capitals": 1, "clamp": 0}
_TRAPS = "DivisionByZero, InvalidOperation, Overflow"
_SIGNALS = {int(number): name for name, number in vars(_signal).items() if name[:3] == "SIG" and name[3:4].isalpha()}
_SIGNALS_MAX = 65
_getsignal, _setlocale, _LC_ALL = _signal.getsignal, _locale.setlocale, _locale.LC_ALL
_open, _read, _close, _listdir, _readlink = os.open, os.read, os.close, os.listdir, os.readlink
_fstat, _lseek, _getpid = os.fstat, os.lseek, os.getpid
_S_ISREG, _S_ISSOCK = stat.S_ISREG, stat.S_ISSOCK
_yield_processor = os.sched_yield
_frames = sys._current_frames  # noqa: SLF001 - there is no other name for it
_names_of: Any = vars(ModuleType)["__dict__"].__get__


class Process:
    """Created before user code runs, as the baseline."""

    def __init__(self) -> None:
        self._task_root = os.environ.get("LAMBDA_TASK_ROOT", "/var/task").rstrip("/") + "/"
        host, _, port = os.environ.get("AWS_LAMBDA_RUNTIME_API", "").partition(":")
        self._api = (host, int(port) if port.isdecimal() else 0)
        self._mask_before = _mask()
        self._locale_before = _setlocale(_LC_ALL, None)
        self._filters_before = list(_of("warnings", "filters") or ())
        self._signals_before = [_getsignal(number) for number in range(1, _SIGNALS_MAX)]
        self._level_before = _attributes(_of("logging", "root")).get("level", 0)
        self._descriptors_before = frozenset(filter(_is_open, _listdir("/proc/self/fd")))

    def places(self) -> Iterator[Place]:
        """All places; unreadable ones are skipped."""
        looks = (self._modes, self._decimal, self._random, self._warnings, self._signals, self._logging)
        for look in (*looks, self._opener, self._threads, self._tasks, self._children, self._descriptors):
            try:
                yield from list(look())
            except Exception:  # noqa: BLE001 - it changed under us, or somebody replaced what it is read by
                continue

    def _modes(self) -> Iterator[Place]:
        if (mask := _mask()) != self._mask_before:
            yield "os.umask()", "", mask
        if (named := _setlocale(_LC_ALL, None)) != self._locale_before:
            yield "locale.setlocale(LC_ALL)", "", named

    def _decimal(self) -> Iterator[Place]:
        current, kind = _of("_decimal", "getcontext"), _of("_decimal", "Context")
        if current is not None:
            context = current()
            for name, default in _DECIMAL.items():
                if (held := vars(kind)[name].__get__(context)) != default:
                    yield "decimal.getcontext()", f".{name}", held
            traps = kind.__getattribute__(context, "traps")
            if (on := ", ".join(sorted(each.__name__ for each in traps if traps[each]))) != _TRAPS:
                yield "decimal.getcontext()", ".traps", on

    def _random(self) -> Iterator[Place]:
        held = _of("random", "_inst")
        if held is not None:
            yield "random.getstate()", "", python_children.random_state(held)

    def _warnings(self) -> Iterator[Place]:
        for number, each in enumerate(list(_of("warnings", "filters"))[:EACH_MAX]):
            if type(each) is tuple and not any(each is before for before in self._filters_before):
                yield "warnings.filters", f"[{number}]", ":".join(map(_filter_part, each))

    def _signals(self) -> Iterator[Place]:
        for number, before in enumerate(self._signals_before, start=1):
            handler = _getsignal(number)
            if handler is not before:
                name = f"signal.getsignal({_SIGNALS.get(number, number)})"
                yield from _object(name, "", handler)

    def _logging(self) -> Iterator[Place]:
        root, manager = _of("logging", "root"), _attributes(_of("logging", "Logger")).get("manager")
        named = _attributes(manager).get("loggerDict")
        loggers = [("", root), *(list(dict.items(named))[:EACH_MAX] if is_a(named, dict) else ())]
        for name, logger in loggers:
            held = _attributes(logger)
            place = f"logging.getLogger({python_text.key(name) if name else ''})"
            for kind in ("filters", "handlers"):
                for number, each in enumerate(list(held.get(kind) or ())[:EACH_MAX]):
                    if not _is_clients(each):
                        yield from _object(place, f".{kind}[{number}]", each)
            if name == "" and held.get("level") != self._level_before:
                yield place, ".level", held.get("level")

    def _opener(self) -> Iterator[Place]:
        """What ``install_opener`` installed; not the one that ``urlopen`` makes for itself."""
        opener = _of("urllib.request", "_opener")
        held = _attributes(opener)
        kinds = {python_children.module_of(type(each)) for each in list(held.get("handlers") or ())}
        given = [name for name, _ in list(held.get("addheaders") or ())]
        if opener is not None and (kinds != {"urllib.request"} or given != ["User-agent"]):
            yield "urllib.request._opener", "", opener

    def _threads(self) -> Iterator[Place]:
        main, current = _of("threading", "_main_thread"), None
        for number, thread in list((_of("threading", "_active") or {}).items())[:EACH_MAX]:
            held = _attributes(thread)
            if thread is main or "_target" not in held:
                continue
            step = f"[{python_text.key(held.get('_name'))}]"
            yield "threading.enumerate()", step, _called(held.get("_target") or held.get("function") or thread)
            for part in ("_target", "_args", "_kwargs", "function", "args", "kwargs"):
                if held.get(part):
                    yield "threading.enumerate()", f"{step}.{part}", held[part]
            current = current or _frames()
            yield from self._locals(step, current.get(number))

    def _locals(self, step: str, frame: Any) -> Iterator[Place]:
        """The local variables of the function's own code in a thread, innermost first."""
        for _ in range(_FRAMES_MAX):
            if frame is None:
                return
            if frame.f_code.co_filename.startswith(self._task_root):
                for key, held in list(dict(frame.f_locals).items())[:EACH_MAX]:
                    yield "threading.enumerate()", f"{step}.frame.f_locals[{key!r}]", held
            frame = frame.f_back

    def _tasks(self) -> Iterator[Place]:
        kind = _of("_asyncio", "Task")
        held = _attributes(_of("asyncio.tasks", "_scheduled_tasks") or _of("asyncio.tasks", "_all_tasks")).get("data")
        for task in [each() for each in list(held or ())[:EACH_MAX]]:
            if kind is None or not is_a(task, kind) or kind.done(task):
                continue
            step, work = f"[{python_text.key(kind.get_name(task))}]", kind.get_coro(task)
            yield "asyncio.all_tasks()", step, _called(work)
            if type(work) is CoroutineType:
                yield "asyncio.all_tasks()", f"{step}.get_coro()", work

    def _children(self) -> Iterator[Place]:
        for number in children():
            command = _command(number)
            counted = dict(line.split(": ") for line in _text(f"/proc/{number}/io").splitlines())
            place = f"child process {command[:80] or 'that ended'}"
            yield place, "", "there"
            if counted:
                yield place, ".bytes read", int(counted["rchar"])

    def _descriptors(self) -> Iterator[Place]:
        for name in _listdir("/proc/self/fd"):
            if name not in self._descriptors_before and _is_open(name):
                yield from self._descriptor(int(name))

    def _descriptor(self, number: int) -> Iterator[Place]:
        mode = _fstat(number).st_mode
        if _S_ISREG(mode):
            yield f"descriptor {number}, {_readlink(f'/proc/self/fd/{number}')}", ".position", _lseek(number, 0, 1)
        elif _S_ISSOCK(mode) and (kind := _of("_socket", "socket")) is not None:
            peer = _peer(kind, number)
            if peer and peer != self._api:
                yield f"descriptor {number}, socket to {peer[0]}:{peer[1]}", "", "connected"


def _command(number: str) -> str:
    """What a process was started with; nothing where it has ended.

    While a program is being loaded, the system has the words of neither this one nor the one before.
    """
    for _ in range(_LOADING_TRIES):
        words = " ".join(_text(f"/proc/{number}/cmdline").split("\0")).strip()
        if words or _text(f"/proc/{number}/stat").rpartition(")")[2].split()[:1] in ([], ["Z"], ["X"]):
            break
        _yield_processor()
    return words


def children() -> list[str]:
    """The child processes that have not been waited for."""
    threads = _listdir("/proc/self/task")
    return [number for thread in threads for number in _text(f"/proc/self/task/{thread}/children").split()][:EACH_MAX]


def _of(module: str, name: str) -> Any:
    """The attribute of a loaded module."""
    found = sys.modules.get(module)
    return _names_of(found).get(name) if is_a(found, ModuleType) else None


def _attributes(value: Any) -> Any:
    """The attributes set on a value itself, or on a class."""
    if value is None:
        return {}
    return type.__dict__["__dict__"].__get__(value) if is_a(value, type) else python_children.instance_dict(value)


def _object(carrier: str, step: str, value: Any) -> Iterator[Place]:
    """Its name, and the value to examine."""
    yield carrier, step, _called(value)
    if not is_a(value, int) and value is not None:
        yield carrier, step, value


def _called(value: Any) -> str:
    """Its name in code."""
    kind = type(value)
    if kind is MethodType:
        return f"{_called(value.__func__)} of {python_text.kind_name(value.__self__)}"
    if kind is FunctionType:
        return f"{value.__module__}.{value.__qualname__}"
    if kind is CoroutineType:
        return str(value.cr_code.co_qualname)
    return str(int(value)) if is_a(value, int) else python_text.kind_name(value)


def _filter_part(part: Any) -> str:
    if is_a(part, type):
        return str(type.__dict__["__name__"].__get__(part))
    found = "" if part is None else part if is_a(part, (str, int)) else getattr(part, "pattern", "")
    return str(found)


def _is_clients(value: Any) -> bool:
    """Whether its class is the client's, or it is a handler that does nothing."""
    home = type.__dict__["__dict__"].__get__(type(value)).get("__module__")
    return str(home).startswith(_CLIENT) or python_text.kind_name(value) == "NullHandler"


def _is_open(number: str) -> bool:
    try:
        return bool(_fstat(int(number)))
    except OSError:
        return False  # it belonged to the listing


def _peer(kind: Any, number: int) -> Any:
    """A socket's network peer; the descriptor stays open and its owner's."""
    looked = kind(fileno=number)
    try:
        peer = kind.getpeername(looked)
    except OSError:
        return None
    finally:
        kind.detach(looked)
    return peer[:2] if type(peer) is tuple else None


def _mask() -> str:
    """The value of ``os.umask``, which cannot be read without changing it."""
    found = _text("/proc/self/status").partition("Umask:\t")[2]
    return f"0o{found[:4].lstrip('0') or '0'}"


def _text(path: str) -> str:
    try:
        descriptor = _open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return _read(descriptor, _TEXT_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        _close(descriptor)
