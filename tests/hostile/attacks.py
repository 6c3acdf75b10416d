"""The table of attacks: what a handler tries, and how the request that tried it may end.

Rows are small on purpose: one attack each. ``{success}`` with a ``says`` means that the sandbox withstood so well
that the handler could report how it was refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from sandbox_runner.results.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

SUCCESS, ERROR, TIMEOUT = Outcome.SUCCESS, Outcome.FUNCTION_ERROR, Outcome.TIMEOUT
EXIT, MEMORY, INIT = Outcome.RUNTIME_EXIT, Outcome.OUT_OF_MEMORY, Outcome.INIT_ERROR
DIES = frozenset({EXIT, MEMORY})
ANY = frozenset(Outcome) - {Outcome.THROTTLED, Outcome.NOT_PLAYED}


def anything(_answer: Any) -> bool:
    return True


@dataclass(frozen=True)
class Attack:
    """One hostile handler. ``everywhere``: tried on every backend, not only on docker; by the matrix alone where only
    our own supervisor inside withstands it.

    ``requests``: how often it is tried. ``cuts``: how many bytes of output at least must be counted as cut.
    """

    what: str
    code: str
    ends: frozenset[Outcome]
    says: Callable[[Any], bool] = anything
    error: str = ""
    runtime: str = "python3.13"
    timeout_s: int = 1
    memory_mb: int = 128
    requests: int = 1
    everywhere: bool = False
    supervised: bool = False
    cuts: int = 0
    init_limit: float | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.what.replace(" ", "-")


def python(what: str, code: str, *ends: Outcome, **more: Any) -> Attack:
    return Attack(what, dedent(code), frozenset(ends) or ANY, **more)


def node(what: str, code: str, *ends: Outcome, **more: Any) -> Attack:
    return Attack(what, dedent(code), frozenset(ends) or ANY, runtime="nodejs22.x", **more)


RESOURCES = [
    python(
        "fork bomb",
        """
        import os
        def handler(event, context):
            while True:
                try:
                    os.fork()
                except OSError:
                    pass
        """,
        TIMEOUT,
        *DIES,
        everywhere=True,
    ),
    python(
        "thread bomb",
        """
        import threading
        def handler(event, context):
            stop, started = threading.Event(), 0
            try:
                while True:
                    threading.Thread(target=stop.wait, daemon=True).start()
                    started += 1
            except RuntimeError:
                return started
        """,
        SUCCESS,
        says=lambda started: 500 < started < 1100,
        memory_mb=1024,
        timeout_s=10,
    ),
    python(
        "two gigabytes in one line",
        """
        import os
        def handler(event, context):
            block = b"x" * (1 << 20)
            for _ in range(2048):
                os.write(1, block)
            return "printed"
        """,
        SUCCESS,
        timeout_s=60,
        everywhere=True,
        supervised=True,
        cuts=(2 << 30) - (1 << 20),
    ),
    python(
        "stderr byte by byte",
        """
        import os
        def handler(event, context):
            while True:
                os.write(2, b"e")
        """,
        TIMEOUT,
        everywhere=True,
        supervised=True,
    ),
    python("empty lines for ever", "def handler(event, context):\n    while True:\n        print()", TIMEOUT),
    python(
        "memory bomb at once",
        "def handler(event, context):\n    return len(b'x' * (2 << 30))",
        MEMORY,
        timeout_s=10,
        everywhere=True,
    ),
    python(
        "slow memory bomb",
        """
        import time
        def handler(event, context):
            kept = []
            while True:
                kept.append(b"x" * (4 << 20))
                time.sleep(0.01)
        """,
        MEMORY,
        timeout_s=10,
    ),
    python(
        "memory bomb between requests",
        """
        import threading, time
        kept = []
        def grow():
            time.sleep(0.2)
            while True:
                kept.append(b"x" * (16 << 20))
        def handler(event, context):
            if kept or threading.active_count() > 1:
                time.sleep(5)
            threading.Thread(target=grow, daemon=True).start()
        """,
        SUCCESS,
        MEMORY,
        timeout_s=10,
        requests=2,
    ),
    python(
        "descriptor exhaustion",
        """
        def handler(event, context):
            files = []
            try:
                while True:
                    files.append(open("/etc/passwd"))
            except OSError as problem:
                return [problem.errno, len(files)]
        """,
        SUCCESS,
        says=lambda found: found[0] == 24 and found[1] < 1024,
        everywhere=True,
    ),
    python(
        "a million empty files",
        """
        def handler(event, context):
            try:
                for number in range(1_000_000):
                    open(f"/tmp/{number}", "w").close()
            except OSError as problem:
                return [problem.errno, number]
        """,
        SUCCESS,
        says=lambda found: found[0] == 28 and found[1] < 40_000,
        timeout_s=20,
    ),
    python(
        "full tmp beside full memory",
        """
        def handler(event, context):
            try:
                with open("/tmp/big", "wb", buffering=0) as file:
                    while True:
                        file.write(b"x" * (1 << 20))
            except OSError as problem:
                return [problem.errno, len(b"x" * (60 << 20))]
        """,
        SUCCESS,
        says=lambda found: found == [28, 60 << 20],
        timeout_s=20,
        everywhere=True,
    ),
    python(
        "shared memory",
        """
        def handler(event, context):
            try:
                open("/dev/shm/x", "w")
            except OSError as problem:
                return problem.errno
        """,
        SUCCESS,
        says=lambda found: found == 2,
    ),
    python(
        "a sparse terabyte",
        """
        def handler(event, context):
            with open("/tmp/sparse", "wb") as file:
                file.truncate(1 << 40)
        """,
    ),
    python("busy handler", "def handler(event, context):\n    while True: pass", TIMEOUT, everywhere=True),
    node("busy node handler", "export const handler = () => { for (;;); };", TIMEOUT),
    python(
        "busy at exit",
        """
        import atexit, sys
        def spin():
            while True: pass
        def handler(event, context):
            atexit.register(spin)
            sys.exit(0)
        """,
        TIMEOUT,
        EXIT,
    ),
    python("busy init", "while True: pass", TIMEOUT, INIT, init_limit=1),
    python("endless recursion", "def handler(event, context):\n    return handler(event, context)", ERROR),
    python("crash in C", "import ctypes\ndef handler(event, context):\n    ctypes.string_at(0)", EXIT, everywhere=True),
]

RESULTS = [
    python(
        "printing frames of the wire",
        """
        import struct, sys
        def handler(event, context):
            head = b'{"type":"InvokeDone","request_id":"r","status":"timeout","started_us":1,"at_us":2}'
            sys.stdout.buffer.write(struct.pack(">II", 4 + len(head), len(head)) + head + b"\\n")
            return "true"
        """,
        SUCCESS,
        says=lambda answer: answer == "true",
        everywhere=True,
        supervised=True,
    ),
    python(
        "writing to every descriptor",
        """
        import os
        def handler(event, context):
            for name in [*(f"/proc/1/fd/{n}" for n in range(64)), *(f"/proc/self/fd/{n}" for n in range(64))]:
                try:
                    os.write(os.open(name, os.O_WRONLY | os.O_NONBLOCK), b"\\xa5\\x5a\\x00\\x03" * 100)
                except OSError:
                    pass
            for number in range(3, 64):
                try:
                    os.write(number, b"\\xa5\\x5a\\x00\\x03" * 100)
                except OSError:
                    pass
        """,
        timeout_s=3,
        everywhere=True,
    ),
    python(
        "an answer over the limit",
        "def handler(event, context):\n    return 'x' * ((6 << 20) + 100)",
        *(ERROR, EXIT),
        error="Function.ResponseSizeTooLarge",
        timeout_s=10,
        everywhere=True,
        supervised=True,
    ),
    python("a gigabyte of answer", "def handler(event, context):\n    return 'x' * (1 << 30)", *DIES, timeout_s=20),
    python(
        "a deep answer",
        "def handler(event, context):\n    deep = []\n    for _ in range(100_000): deep = [deep]\n    return deep",
        *(ERROR, EXIT),
        timeout_s=5,
    ),
    python("not a number", "def handler(event, context):\n    return [float('nan'), 1e999]", SUCCESS),
    python("lone surrogates", "def handler(event, context):\n    return '\\ud800'", SUCCESS, ERROR, EXIT),
    python("a very long integer", "def handler(event, context):\n    return 10 ** 5000", ERROR, EXIT),
    python("bytes that are no text", "def handler(event, context):\n    return b'\\xff\\xfe\\x00{'", SUCCESS),
    python(
        "a circular answer",
        "def handler(event, context):\n    loop = []\n    loop.append(loop)\n    return loop",
        ERROR,
    ),
    python(
        "a hostile repr",
        """
        class Evil(Exception):
            def __str__(self): raise SystemExit(7)
            __repr__ = __str__
        def handler(event, context):
            raise Evil
        """,
        ERROR,
        EXIT,
    ),
    node(
        "a hostile toJSON",
        "export const handler = async () => ({ toJSON() { throw { toString() { throw 1; } }; } });",
        *(ERROR, EXIT),
    ),
    python(
        "closing the standard descriptors",
        "import os\ndef handler(event, context):\n    for fd in range(3): os.close(fd)\n    return 1",
        *(SUCCESS, EXIT),
    ),
    python("leaving without a word", "import os\ndef handler(event, context):\n    os._exit(0)", EXIT, everywhere=True),
    node("leaving node without a word", "export const handler = async () => process.exit();", EXIT),
    python(
        "answering for somebody else",
        """
        import http.client, json
        def post(request_id):
            api = http.client.HTTPConnection("127.0.0.1", 9001)
            api.request("POST", f"/2018-06-01/runtime/invocation/{request_id}/response", b'"forged"')
            return api.getresponse().status
        def handler(event, context):
            return [post("00000000-0000-0000-0000-000000000000"), post("../../x")]
        """,
        SUCCESS,
        says=lambda statuses: all(status in {400, 403, 404} for status in statuses),
        everywhere=True,
        supervised=True,
    ),
    python(
        "answering early and twice",
        """
        import http.client
        def handler(event, context):
            for answer in (b'"early"', b'"twice"'):
                api = http.client.HTTPConnection("127.0.0.1", 9001)
                path = f"/2018-06-01/runtime/invocation/{context.aws_request_id}/response"
                api.request("POST", path, answer)
                api.getresponse()
            return "late"
        """,
    ),
    python(
        "garbage for the runtime api",
        """
        import socket
        GARBAGE = [b"\\x00" * 4096, b"GET /", b"POST / HTTP/1.1\\r\\nContent-Length: 99999999999\\r\\n\\r\\n"]
        def handler(event, context):
            kept = []
            for number in range(600):
                sock = socket.create_connection(("127.0.0.1", 9001))
                sock.sendall(GARBAGE[number % 3])
                kept.append(sock)
            return len(kept)
        """,
        SUCCESS,
        # Past its bound the Runtime API lets connections wait, so whoever floods it may run out of time.
        TIMEOUT,
        says=lambda count: count == 600,
        timeout_s=3,
        everywhere=True,
        supervised=True,
    ),
]

PROCESSES = [
    python("killing everything", "import os\ndef handler(event, context):\n    os.kill(-1, 9)", ERROR, everywhere=True),
    python(
        "stopping itself",
        "import os\ndef handler(event, context):\n    os.kill(os.getpid(), 19)",
        TIMEOUT,
        everywhere=True,
        supervised=True,
    ),
    python(
        "becoming another program",
        "import os\ndef handler(event, context):\n    os.execv('/usr/bin/sleep', ['sleep', '60'])",
        *(TIMEOUT, EXIT),
    ),
    python(
        "a daemon that would survive a reset",
        """
        import os, time
        def daemons():
            return sum(b"daemon" in open(f"/proc/{n}/comm", "rb").read() for n in os.listdir("/proc") if n.isdigit())
        def handler(event, context):
            if os.path.exists("/tmp/started"):
                return daemons()
            open("/tmp/started", "w").close()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    open("/proc/self/comm", "w").write("daemon")
                    time.sleep(60)
                os._exit(0)
            time.sleep(0.2)
            os._exit(1)
        """,
        EXIT,
        SUCCESS,
        says=lambda daemons: daemons == 0,
        requests=2,
        timeout_s=3,
        everywhere=True,
    ),
    python(
        "deaf to every signal",
        """
        import signal, threading, time
        for number in range(1, 64):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        threading.Thread(target=time.sleep, args=(600,)).start()
        def handler(event, context):
            return "still here"
        """,
        SUCCESS,
        requests=2,
    ),
    python(
        "prctl games",
        """
        import ctypes
        libc = ctypes.CDLL(None)
        def handler(event, context):
            return [libc.prctl(option, 1, 0, 0, 0) for option in (1, 4, 8, 15, 36, 38, 47)]
        """,
        SUCCESS,
        EXIT,
    ),
    python(
        "preloading a library",
        "def handler(event, context):\n    return 1",
        SUCCESS,
        environment={"LD_PRELOAD": "/tmp/evil.so"},
    ),
    python(
        "system calls with a history",
        """
        import ctypes, errno, platform
        libc = ctypes.CDLL(None, use_errno=True)
        CALLS = {"io_uring_setup": 425, "userfaultfd": 323, "bpf": 321, "keyctl": 250, "kexec_load": 246, "mount": 165}
        def handler(event, context):
            return {name: [libc.syscall(number, 0, 0, 0, 0, 0), ctypes.get_errno()] for name, number in CALLS.items()}
        """,
        SUCCESS,
    ),
    python(
        "links and pipes at every path",
        """
        import os
        def handler(event, context):
            os.symlink("/etc/passwd", "/tmp/link")
            os.symlink("/proc/1/mem", "/tmp/memory")
            os.symlink("loop", "/tmp/loop")
            os.mkfifo("/tmp/fifo")
            os.makedirs("/tmp/" + "/".join("d" * 200 for _ in range(18)))
            os.link("/tmp/fifo", "/tmp/hard")
            return "planted"
        """,
        SUCCESS,
    ),
]

STATE = [
    python(
        "everything patched",
        """
        import builtins, json, random, sys, time
        def handler(event, context):
            time.time = time.monotonic = random.random = lambda *a: 0
            json.loads = json.dumps = lambda *a, **k: "forged"
            sys.stdout = sys.stderr = None
            builtins.open = builtins.len = None
            sys.modules.clear()
            return 1
        """,
        requests=2,
    ),
    node(
        "node patched",
        """
        export const handler = async () => {
            globalThis.Promise = JSON.stringify = JSON.parse = Array.prototype.push = null;
            return 1;
        };
        """,
        requests=2,
    ),
    python(
        "surroundings changed",
        """
        import locale, os, signal, sys, time
        def handler(event, context):
            os.environ["TZ"] = "Asia/Tokyo"; time.tzset(); os.umask(0o777); os.chdir("/proc")
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            open("/tmp/json.py", "w").write("raise SystemExit")
            sys.path.insert(0, "/tmp")
            return 1
        """,
        requests=2,
    ),
    node(
        "a rejection nobody handles", "export const handler = async () => { Promise.reject(1); return 1; };", requests=2
    ),
    python(
        "text that a terminal would obey", "def handler(e, c):\n    print('\\x1b]52;c;ZXZpbA==\\x07' * 999)", SUCCESS
    ),
    python("text that is no text", "import os\ndef handler(e, c):\n    os.write(1, bytes(range(256)) * 99)", SUCCESS),
]

ATTACKS = [*RESOURCES, *RESULTS, *PROCESSES, *STATE]
