"""Places that the process has and no module: how they are named, and which lines of code have to do with them. Pure.

The probes name them; see ``guest/probes/python_process.py`` and ``node_process.mjs`` beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox_runner.handler_code import syntax
from sandbox_runner.runtimes.model import source as source_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sandbox_runner.handler_code.syntax import Role


class _Words(NamedTuple):
    """What stands in a line that writes or reads a place whose name begins with ``named``."""

    named: str
    writes: re.Pattern[str]
    reads: re.Pattern[str]


def _words(named: str, writes: str, reads: str) -> _Words:
    return _Words(named, re.compile(writes), re.compile(reads))


_PLACES: Final = (
    _words("os.umask()", r"\bumask\s*\(", r"\bopen\s*\(|\bmkdir\s*\("),
    _words("os.getcwd()", r"\bchdir\s*\(", r"\bgetcwd\s*\(|\bcwd\s*\(|\bopen\s*\("),
    _words("process.cwd()", r"\bchdir\s*\(", r"\bcwd\s*\(|\b(?:readFile|writeFile|open)\w*\s*\("),
    _words("locale.setlocale(", r"\bsetlocale\s*\(", r"\blocale\.|\bstrcoll\b|\bstrxfrm\b"),
    _words(
        "decimal.getcontext()",
        r"\bsetcontext\s*\(|\bgetcontext\(\)\.\w+\s*=(?!=)|\.(?:prec|rounding)\s*=(?!=)",
        r"\bDecimal\b",
    ),
    _words("random.getstate()", r"\bseed\s*\(|\bsetstate\s*\(", r"\brandom\.\w|\bshuffle\s*\(|\bchoices?\s*\("),
    _words("warnings.filters", r"\b(?:filterwarnings|simplefilter|resetwarnings)\s*\(", r"\bwarn\s*\("),
    _words(
        "xml.etree.ElementTree._namespace_map",
        r"\bregister_namespace\s*\(",
        r"\btostring(?:list)?\s*\(|\bElementTree\s*\(",
    ),
    _words(
        "urllib.request._opener",
        r"\binstall_opener\s*\(",
        r"\burlopen\s*\(|\burlretrieve\s*\(",
    ),
    _words("mimetypes.", r"\badd_type\s*\(", r"\bguess_(?:all_extensions|extension|type|file_type)\s*\("),
    _words("signal.getsignal(", r"\bsignal\.signal\s*\(", r"\bgetsignal\s*\(|\b(?:raise_signal|kill)\s*\("),
    _words(
        "logging.getLogger(",
        r"\b(?:add|remove)(?:Filter|Handler)\s*\(|\bsetLevel\s*\(|\bbasicConfig\s*\(|\bdictConfig\s*\(",
        r"\.(?:debug|info|warning|error|exception|critical|log)\s*\(",
    ),
    _words("threading.enumerate()", r"\b(?:Thread|Timer|ThreadPoolExecutor)\s*\(", r"\.join\s*\("),
    _words("asyncio.all_tasks()", r"\b(?:create_task|ensure_future)\s*\(", r"\bawait\b|\brun_until_complete\s*\("),
    _words(
        "child process ",
        r"\b(?:Popen|Process|spawn|exec|execFile)\s*\(|\bfork\s*\(|\.(?:write|send)\s*\(",
        r"\.(?:read|recv|poll|wait)\w*\s*\(",
    ),
    _words(
        "worker thread ",
        r"\.postMessage\s*\(",
        r"\bnew\s+Worker\s*\(|\b\w*[wW]orker\w*\.(?:on|once|off|terminate)\s*\(",
    ),
    _words("timers.setTimeout", r"\bsetTimeout\s*\(", r"\bclearTimeout\s*\("),
    _words("timers.setInterval", r"\bsetInterval\s*\(", r"\bclear(?:Interval|Timeout)\s*\("),
    _words("timers.setImmediate", r"\bsetImmediate\s*\(", r"\bclearImmediate\s*\("),
    _words(
        "process.on(",
        r"\bprocess\.(?:on|once|addListener|prepend(?:Once)?Listener)\s*\(",
        r"\bprocess\.(?:emit|off|removeListener|removeAllListeners|listeners)\s*\(",
    ),
    _words("net.Socket", r"\b(?:connect|createConnection|request|fetch)\s*\(", r"\.(?:write|end|on)\s*\("),
    _words("process.getActiveResourcesInfo()", r"\b(?:listen|watch|watchFile|connect|spawn)\s*\(", r"\.close\s*\("),
    _words(
        "descriptor ",
        # Going nowhere from where it is asks for the position.
        r"\bl?seek\s*\((?![^()]*\b0\s*,\s*(?:\w+\.SEEK_CUR|1)\s*\))|\bwrite\s*\(|\b(?:send|sendall)\s*\(",
        r"\bl?seek\s*\(|\btell\s*\(|\bopen\s*\(|\bread\s*\(|\bconnect\w*\s*\(|\brecv\s*\(",
    ),
)
# A timer's path goes on to what its function has in hand.
_TIMERS_THAT_END: Final = ("timers.setTimeout", "timers.setImmediate")
_STARTS: Final = re.compile(r"\bset(?:Timeout|Interval|Immediate)\Z")
# No probe can put these back: what runs in them goes on.
_STAYING: Final = (
    "threading.enumerate()",
    "asyncio.all_tasks()",
    "worker thread ",
    "net.Socket",
    "process.getActiveResourcesInfo()",
)
# What they hold no walk of the function's process sees.
_OUT_OF_SIGHT: Final = ("worker thread ", "child process ", "net.Socket")
_SOCKET: Final = re.compile(r"descriptor \d+, socket to ")
_WORDS: Final = re.compile(r"[A-Za-z_$][\w$]*")
_OTHERS: Final = ("os.environ", "process.env", "builtins.", "globalThis")


def is_of_process(carrier: str) -> bool:
    """Whether a place is the process's: of two that hold the same, a module's own says more."""
    return carrier.startswith((*_OTHERS, *(words.named for words in _PLACES)))


def ends_by_itself(carrier: str) -> bool:
    """Whether a place lets go of what it has without being told to, as a timer does that fires once."""
    return carrier in _TIMERS_THAT_END


def can_be_put_back(carrier: str) -> bool:
    """Whether a replay can make a place what it was after init."""
    return not carrier.startswith(_STAYING)


def is_out_of_sight(carrier: str) -> bool:
    """Whether a place may hold what no walk can see there."""
    return carrier.startswith(_OUT_OF_SIGHT) or _SOCKET.match(carrier) is not None


def lines_about(
    files: Mapping[str, str], carrier: str, variables: Collection[str] = ()
) -> Iterator[tuple[str, int, Role]]:
    """File, line and role of what may have written or read such a place; nothing for any other.

    :param variables: those that the function of a timer has in hand. Where a call that starts one has them, the
        others started another.
    """
    found = list(_lines_about(files, carrier))
    started = [
        each
        for each in found
        if each[2] == "written" and carrier.startswith("timers.") and _has_in_hand(files, each, variables)
    ]
    yield from (each for each in found if each[2] != "written" or not started or each in started)


def _has_in_hand(files: Mapping[str, str], at: tuple[str, int, Role], variables: Collection[str]) -> bool:
    path, number, _ = at
    calls = (node for node in syntax.nodes(path, files[path]) if syntax.line(node) == number)
    words = {word for node in calls if _STARTS.search(syntax.called(node)) for word in _WORDS.findall(source_of(node))}
    return any(name in words for name in variables)


def _lines_about(files: Mapping[str, str], carrier: str) -> Iterator[tuple[str, int, Role]]:
    words = next((each for each in _PLACES if carrier.startswith(each.named)), None)
    if words is None:
        return
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), start=1):
            if line.lstrip().startswith(("#", "//")):
                continue
            if words.writes.search(line):
                yield path, number, "written"
            elif words.reads.search(line):
                yield path, number, "read"
