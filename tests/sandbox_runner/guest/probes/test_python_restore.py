"""A place that is put back is what it was after init; everything else stays, and the function goes on."""

import json
import shutil
import uuid
from pathlib import Path

import pytest

A, B = {"who": "alice-7Qx"}, {"who": "bob-91Kz"}


def order(*places, after=1):
    return json.dumps({"after": after, "places": places})


def answers(play_python, module, remember, *places, after=1):
    """What a handler answers A and B that gives what ``remember`` left behind, with ``places`` put back in between."""
    lines = "\n".join(f"    {line}" for line in remember.splitlines())
    app = f"{module}\ndef handler(event, context):\n    who = event['who']\n{lines}\n    return before\n"
    return play_python(app, A, B, restore=order(*places, after=after)).answers


CLOSURE = """
def make(last):
    def f(new):
        nonlocal last
        before, last = last, new
        return before
    return f
f = make("x")
"""
DIGEST = """
import hashlib
def f(who, made=hashlib.md5(b"x")):
    before = made.copy()
    made.update(who.encode())
    return "x" if before.digest() == hashlib.md5(b"x").digest() else before.hexdigest()
"""
IN_A_POOL = """
import threading
from concurrent.futures import ThreadPoolExecutor
pool, t = ThreadPoolExecutor(1), threading.local()
def seat(who):
    before = getattr(t, "u", "x")
    t.u = who
    return before
"""
PLACES = [
    ("a global", "last = 'x'", "global last\nbefore, last = last, who", "app.last"),
    ("a global that init did not make", "", "before = globals().get('last', 'x')\nglobals()['last'] = who", "app.last"),
    ("a list", "rows = ['x']", "before = rows[-1]\nrows.append(who)", "app.rows"),
    ("a dict in a dict", "d = {'k': {'n': 'x'}}", "before = d['k']['n']\nd['k']['n'] = who", "app.d"),
    ("a set", "s = {'x'}", "before = max(s, key=len)\ns.add(who)", "app.s"),
    ("a class", "class S:\n    items = ['x']", "before = S.items[-1]\nS.items.append(who)", "app.S"),
    ("an instance", "class S:\n    user = 'x'\ns = S()", "before = s.user\ns.user = who", "app.s"),
    ("a slot", "class S:\n    __slots__ = ('u',)\ns = S()", "before = getattr(s, 'u', 'x')\ns.u = who", "app.s"),
    ("a default", "def f(w, a=['x']):\n    a.append(w)\n    return a[-2]", "before = f(who)", "app.f"),
    (
        "a closure",
        CLOSURE,
        "before = f(who)",
        "app.f",
    ),
    (
        "a cache",
        "import functools\n@functools.cache\ndef f():\n    return seen[0]\nseen = ['x']",
        "before = f()\nseen[0] = 'x'",
        "app.f",
    ),
    ("the environment", "import os", "before = os.environ.get('W', 'x')\nos.environ['W'] = who", "os.environ['W']"),
    (
        "a thread-local",
        "import threading\nt = threading.local()",
        "before = getattr(t, 'u', 'x')\nt.u = who",
        "app.t",
    ),
    (
        "a digest that is a default",
        DIGEST,
        "before = f(who)",
        "app.f.__defaults__['made']",
    ),
    (
        "a name of a thread-local in a thread of a pool",
        IN_A_POOL,
        "before = pool.submit(seat, who).result(5)",
        "app.t.u",
    ),
    (
        "the position of a file",
        "f = open(__file__)",
        "before = 'x' if f.tell() == 0 else 'moved'\nf.seek(len(who))",
        "app.f",
    ),
    (
        "an iterator",
        "i = iter(['x', 'y', 'z'])",
        "before = next(i)",
        "app.i",
    ),
    (
        "a generator that was not asked yet",
        "def g():\n    yield 'x'\n    yield 'y'\nheld = g()",
        "before = next(held)",
        "app.held",
    ),
    (
        "a generator that waits for what it is sent",
        (
            "def talk(first):\n    last = first\n    while True:\n        said = yield last\n        last = said\n"
            "held = talk('x')\nfirst = next(held)"
        ),
        "before = held.gi_frame.f_locals['last']\nheld.send(who)",
        "app.held",
    ),
    ("a lock", "import threading\nl = threading.Lock()", "before = 'xy'[l.locked()]\nl.acquire(False)", "app.l"),
    (
        "a random generator of its own",
        "import random\nr = random.Random(1)\nfirst = random.Random(1).random()",
        "before = 'xy'[r.random() != first]\nr.seed(who)",
        "app.r",
    ),
    (
        "the mode of new files",
        "import os\nos.umask(0o22)",
        "before = 'xy'[os.umask(0o77) != 0o22]",
        "os.umask()",
    ),
    (
        "the locale",
        "import locale\nn = locale.LC_NUMERIC",
        "before = 'xy'[locale.setlocale(n) != 'C']\nlocale.setlocale(n, 'C.UTF-8')",
        "locale.setlocale(LC_ALL)",
    ),
    (
        "the decimal context",
        "import decimal",
        "before = 'xy'[decimal.getcontext().prec != 28]\ndecimal.getcontext().prec = len(who)",
        "decimal.getcontext()",
    ),
    (
        "the state of random",
        "import random\nrandom.seed(1)\nfirst = random.Random(1).random()",
        "before = 'xy'[random.random() != first]\nrandom.seed(who)",
        "random.getstate()",
    ),
    (
        "the filters of warnings",
        "import warnings\ncount = len(warnings.filters)",
        "before = 'xy'[len(warnings.filters) != count]\nwarnings.filterwarnings('ignore', message=who)",
        "warnings.filters",
    ),
    (
        "a signal's handler",
        "import signal\nn = signal.SIGUSR1",
        (
            "before = 'xy'[callable(signal.getsignal(n)) and signal.getsignal(n) is not signal.SIG_DFL]\n"
            "signal.signal(n, lambda *_: who)"
        ),
        "signal.getsignal(SIGUSR1)",
    ),
    (
        "a filter of the root logger",
        "import logging\ncount = len(logging.getLogger().filters)",
        "before = 'xy'[len(logging.getLogger().filters) != count]\nlogging.getLogger().addFilter(lambda r: who)",
        "logging.getLogger()",
    ),
    (
        "a handler of a logger",
        "import logging\nlog = logging.getLogger('shop')",
        "before = 'xy'[len(log.handlers)]\nlog.addHandler(logging.NullHandler())",
        "logging.getLogger('shop')",
    ),
    (
        "the position of a descriptor",
        "import os\nd = os.open(__file__, os.O_RDONLY)\nos.dup2(d, 77)",
        "before = 'xy'[os.lseek(77, 0, 1) != 0]\nos.lseek(77, len(who), 0)",
        "descriptor 77, the file",
    ),
    (
        "a child process that was started since",
        "import subprocess\nchild = None",
        (
            "global child\nbefore = 'xy'[child is not None and child.wait() != -9]\n"
            "child = subprocess.Popen(['/bin/sleep', '5'], stdout=-3, stderr=-3)"
        ),
        "child process /bin/sleep 5",
    ),
    ("a builtin", "import builtins", "before = getattr(builtins, 'u', 'x')\nbuiltins.u = who", "builtins.u"),
]


@pytest.mark.parametrize(("what", "module", "remember", "place"), PLACES, ids=[what for what, *_ in PLACES])
def test_a_place_that_is_put_back_is_what_it_was_after_init(play_python, what, module, remember, place):
    assert answers(play_python, module, remember, place) == ["x", "x"]


def test_nothing_is_put_back_that_was_not_asked_for(play_python):
    module, remember = "last = 'x'\nother = 1", "global last\nbefore, last = last, who"
    assert answers(play_python, module, remember, "app.other") == ["x", "alice-7Qx"]


def test_nothing_is_put_back_before_its_request(play_python):
    assert answers(play_python, "n = 0", "global n\nn += 1\nbefore = n", "app.n", after=2) == [1, 2]


def test_a_place_that_does_not_exist_changes_nothing(play_python):
    module, remember = "last = 'x'", "global last\nbefore, last = last, who"
    assert answers(play_python, module, remember, "nowhere.at.all", "", "app.last") == ["x", "x"]


@pytest.fixture
def path():
    """A file of ``/tmp`` that is not there before, nor after."""
    path = Path(f"/tmp/holdover-{uuid.uuid4()}")
    yield str(path)
    shutil.rmtree(path, ignore_errors=True)
    path.unlink(missing_ok=True)


def test_a_file_of_tmp_is_removed_that_init_did_not_make(play_python, path):
    remember = f"import os\nbefore = os.path.exists({path!r})\nopen({path!r}, 'w').write(who)"
    assert answers(play_python, "", remember, path) == [False, False]


@pytest.mark.parametrize("is_there", [False, True])
def test_what_came_into_a_folder_of_tmp_is_taken_away_and_the_rest_stays(play_python, path, is_there):
    if is_there:
        Path(path).mkdir()
        Path(path, "kept").touch()
    remember = (
        f"import os\nbefore = os.listdir({path!r}) if os.path.exists({path!r}) else []\n"
        f"os.makedirs({path!r} + '/' + who)\nopen({path!r} + '/' + who + '/in', 'w').close()"
    )
    assert answers(play_python, "", remember, path) == ([["kept"], ["kept"]] if is_there else [[], []])


# Several in one process: each is put back, and what stands beside it is not.
INNER = {
    "app.s.user": ("class S:\n    user = beside = 'x'\ns = S()", "s.user", "s.beside"),
    "app.t.u": ("class T:\n    __slots__ = ('u', 'v')\nt = T(); t.u = t.v = 'x'", "t.u", "t.v"),
    "app.here.u": ("import threading\nhere = threading.local(); here.u = here.v = 'x'", "here.u", "here.v"),
    "app.C.user": ("class C:\n    user = beside = 'x'", "C.user", "C.beside"),
    "app.d['who is it']": ("d = {'who is it': 'x', 'beside': 'x'}", "d['who is it']", "d['beside']"),
    "app.o.inner.user": (
        "class O: pass\no = O(); o.inner = O(); o.inner.user = o.beside = 'x'",
        "o.inner.user",
        "o.beside",
    ),
    "app.made.user": ("class M: pass\nmade = M()", "made.user", "made.beside"),
}


def test_of_an_inner_place_exactly_that_is_put_back(play_python):
    module = "\n".join(each for each, *_ in INNER.values())
    module += (
        "\ndef make():\n    kept, other = ['x'], ['x']\n    return lambda: (kept, other)\nf = make()\n"
        "def g(rows=['x'], more=['x']):\n    return rows, more\n"
    )
    inner = [*((a, b) for _, a, b in INNER.values()), ("f()[0][0]", "f()[1][0]"), ("g()[0][0]", "g()[1][0]")]
    shown = "[" + ", ".join(f"[got(lambda: {a}), got(lambda: {b})]" for a, b in inner) + "]"
    write = "\n".join(f"{a} = {b} = who" for a, b in inner)
    module += "\ndef got(look):\n    try:\n        return look()\n    except AttributeError:\n        return 'x'\n"
    places = [*INNER, "app.f.__closure__['kept']", "app.g.__defaults__['rows']"]
    first, second = answers(play_python, module, f"before = {shown}\n{write}", *places)
    assert first == [["x", "x"]] * len(places)
    assert [place for place, got in zip(places, second, strict=True) if got != ["x", "alice-7Qx"]] == []


def test_the_filters_of_a_logger_are_put_back_without_its_handlers(play_python):
    module = "import logging\nlog = logging.getLogger('shop')"
    remember = (
        "before = [len(log.filters), len(log.handlers)]\n"
        "log.addFilter(lambda r: True)\nlog.addHandler(logging.NullHandler())"
    )
    place = "logging.getLogger('shop').filters[0]"
    assert answers(play_python, module, remember, place) == [[0, 0], [0, 1]]


def test_a_module_that_the_function_made_is_forgotten(play_python):
    module = "import sys, types"
    remember = "before = 'x' if 'made' not in sys.modules else 'there'\nsys.modules['made'] = types.ModuleType('made')"
    assert answers(play_python, module, remember, "sys.modules['made']") == ["x", "x"]
