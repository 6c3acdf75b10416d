"""What the Python probe says of the process itself: a handler changes a place, and the X-ray has a row of its name."""

import pytest

# What is changed; module code; the handler's body; the row's carrier, path and text after the first of two requests.
PLACES = [
    ("the mode of new files", "import os", "os.umask(0o077)", "os.umask()", "", "0o77"),
    (
        "the locale",
        "import locale",
        "locale.setlocale(locale.LC_NUMERIC, 'C.UTF-8')",
        "locale.setlocale(LC_ALL)",
        "",
        "LC_NUMERIC=C.UTF-8",
    ),
    ("the decimal context", "import decimal", "decimal.getcontext().prec = e", "decimal.getcontext()", ".prec", "41"),
    (
        "the traps of the decimal context",
        "import decimal",
        "decimal.getcontext().traps[decimal.Inexact] = True",
        "decimal.getcontext()",
        ".traps",
        "DivisionByZero, Inexact, InvalidOperation, Overflow",
    ),
    ("the state of random", "import random", "random.seed(e)", "random.getstate()", "", "state "),
    ("a random generator", "import random\nr = random.Random(1)", "r.seed(e)", "app.r", ".getstate()", "state "),
    (
        "the filters of warnings",
        "import warnings",
        "warnings.filterwarnings('ignore', message=f'of {e}')",
        "warnings.filters",
        "[0]",
        "ignore:of 41:Warning::0",
    ),
    (
        "a signal's handler",
        "import signal\ndef told(*_, who=[]): pass",
        "told.__kwdefaults__['who'].append(e)\n    signal.signal(signal.SIGUSR1, told)",
        "signal.getsignal(SIGUSR1)",
        "",
        "app.told",
    ),
    (
        "what a signal's handler holds",
        "import signal",
        "signal.signal(signal.SIGUSR2, lambda *_, who=e: who)",
        "signal.getsignal(SIGUSR2)",
        ".__kwdefaults__['who']",
        "41",
    ),
    (
        "a filter of the root logger",
        "import logging",
        "logging.getLogger().addFilter(lambda record, who=e: True)",
        "logging.getLogger()",
        ".filters[0].__defaults__['who']",
        "41",
    ),
    (
        "a handler of the root logger",
        "import logging\nclass Mine(logging.Handler): pass",
        "logging.getLogger().addHandler(Mine())",
        "logging.getLogger()",
        ".handlers[1]",
        "Mine",
    ),
    (
        "a filter of a logger",
        "import logging",
        "logging.getLogger('shop').addFilter(lambda record, who=e: True)",
        "logging.getLogger('shop')",
        ".filters[0].__defaults__['who']",
        "41",
    ),
    (
        "the level of the root logger",
        "import logging",
        "logging.getLogger().setLevel(e)",
        "logging.getLogger()",
        ".level",
        "41",
    ),
    (
        "a thread's arguments",
        "import threading\nstop = threading.Event()",
        "threading.Thread(target=stop.wait, args=(e,), name='worker', daemon=True).start()",
        "threading.enumerate()",
        "['worker']._args[0]",
        "41",
    ),
    (
        "what a thread has in hand",
        (
            "import threading\nstop = threading.Event()\nbegun = threading.Event()\n"
            "def work(given):\n    mine = given + 1\n    begun.set()\n    stop.wait()"
        ),
        "threading.Thread(target=work, args=(e,), name='worker', daemon=True).start()\n    begun.wait()",
        "threading.enumerate()",
        "['worker'].frame.f_locals['mine']",
        "42",
    ),
    (
        "a task",
        "import asyncio\nloop = asyncio.new_event_loop()\nasync def work(who):\n    await asyncio.sleep(1000)",
        (
            "async def start():\n        asyncio.create_task(work(e), name='later')\n        await asyncio.sleep(0)\n"
            "    loop.run_until_complete(start())"
        ),
        "asyncio.all_tasks()",
        "['later'].get_coro().cr_frame.f_locals['who']",
        "41",
    ),
    (
        "a child process",
        "import subprocess",
        "global child\n    child = subprocess.Popen(['/bin/sleep', '30'], stdout=-3, stderr=-3)",
        "child process /bin/sleep 30",
        "",
        "there",
    ),
    (
        "the position of a descriptor that no object holds",
        "import os\nd = os.open(__file__, os.O_RDONLY)\nnumber = d",
        "os.lseek(d, e, os.SEEK_SET)",
        "descriptor {d}, {folder}/app.py",
        ".position",
        "41",
    ),
    (
        "a socket",
        "import socket\nlistening = socket.create_server(('127.0.0.1', 0))\nport = listening.getsockname()[1]",
        "global s\n    s = socket.create_connection(('127.0.0.1', port))\n    global number\n    number = s.fileno()",
        "descriptor {number}, socket to 127.0.0.1:{port}",
        "",
        "connected",
    ),
    ("a lock", "import threading\nlock = threading.Lock()", "lock.acquire()", "app.lock", ".locked()", "True"),
    (
        "a lock to be taken again",
        "import threading\nr = threading.RLock()",
        "r.acquire()",
        "app.r",
        ".locked()",
        "True",
    ),
    (
        "a lock of the function's own class",
        "import threading\nclass S:\n    def __init__(self): self.lock = threading.Lock()\ns = S()",
        "s.lock.acquire()",
        "app.s",
        ".lock.locked()",
        "True",
    ),
    (
        "where a generator waits",
        "def count():\n    yield 1\n    yield 2\n    yield 3\ng = count()\nnext(g)",
        "next(g)",
        "app.g",
        ".gi_frame.f_lineno",
        "3",
    ),
    (
        "what a generator holds",
        "def talk():\n    said = None\n    while True:\n        said = yield said\ng = talk()\nnext(g)",
        "g.send(e)",
        "app.g",
        ".gi_frame.f_locals['said']",
        "41",
    ),
    ("how far an iterator is", "i = iter([1, 2, 3])", "next(i)", "app.i", ".__length_hint__()", "2"),
    (
        "a digest",
        "import hashlib\nd = hashlib.sha256()",
        "d.update(b'41')",
        "app.d",
        ".hexdigest()",
        "3d914f9348c9cc0f",
    ),
    (
        "a database in memory",
        "import sqlite3\nd = sqlite3.connect(':memory:')\nd.execute('create table t (n)')",
        "d.execute('insert into t values (?)', (e,))",
        "app.d",
        ".iterdump()",
        "41",
    ),
]


@pytest.mark.parametrize("row", [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_a_place_that_a_handler_changes_has_a_row_of_its_name(play_python, tmp_path, row):
    module, change, carrier, step, text = row
    app = f"{module}\n\ndef handler(e, c):\n    {change}\n    return 1\n"
    played = play_python(app, 41)

    assert played.answers == [1], played.output + str(played.posts)
    names = {key: played.leaves(1).get(f"app.{key}", "") for key in ("d", "number", "port")}
    place = carrier.format(folder=tmp_path / "task", **names)
    before, after = (
        [row[4] for row in played.frames[number]["leaves"] if (row[1], row[2]) == (place, place + step)]
        for number in (0, 1)
    )
    assert any(text in said for said in after), played.leaves(1)
    assert before != after


QUIET = [
    ("nothing", "", "pass"),
    ("a request's own thread", "import threading", "t = threading.Thread(target=int)\n    t.start()\n    t.join()"),
    ("a request's own loop", "import asyncio", "asyncio.run(asyncio.sleep(0))"),
    ("a request's own child", "import subprocess", "subprocess.run(['/bin/true'], check=True)"),
    ("a request's own file", "", "open(__file__).close()"),
    ("a context that is left", "import decimal", "with decimal.localcontext(prec=5):\n        decimal.Decimal(1) / 3"),
    ("a calculation", "import decimal", "decimal.Decimal(1) / 3"),
    ("warnings that are caught", "import warnings", "with warnings.catch_warnings(action='ignore'):\n        pass"),
    ("a line of log", "import logging", "logging.getLogger('shop').warning('w')"),
]


@pytest.mark.parametrize(("module", "change"), [row[1:] for row in QUIET], ids=[row[0] for row in QUIET])
def test_a_handler_that_leaves_nothing_behind_has_no_place_in_the_process(play_python, module, change):
    played = play_python(f"{module}\n\ndef handler(e, c):\n    {change}\n    return 1\n", 1, 2)

    assert played.answers == [1, 1], played.output + str(played.posts)
    for number in range(3):
        assert not {place for place in played.carriers(number).values() if not place.startswith("app.")}


def test_the_opener_that_urllib_makes_for_itself_is_no_place(play_python):
    asks = "urllib.request.urlopen('file://' + __file__).close()"
    played = play_python(f"import urllib.request\n\ndef handler(e, c):\n    {asks}\n    return 1\n", 1)

    assert played.answers == [1], played.output + str(played.posts)
    assert "urllib.request._opener" not in played.carriers(1).values()
