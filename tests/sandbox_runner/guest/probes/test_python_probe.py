"""The Python probe in AWS's own runtime client."""

import pytest

A, B = {"who": "alice-7Qx"}, {"who": "bob-91Kz"}


def after_first(play_python, module: str, remember: str) -> dict[str, str]:
    """What is held after the first of two requests to a handler whose body is ``remember``."""
    body = "\n".join(f"    {line}" for line in remember.splitlines())
    app = f"{module}\ndef handler(event, context):\n    who = event['who']\n{body}\n    return 1\n"
    played = play_python(app, A, B)
    assert played.answers == [1, 1], played.output + str(played.posts)
    return played.leaves(1)


HOLDERS = [
    ("a module's global", "last = None", "global last\nlast = who", "app.last"),
    ("a dict in a module", "cache = {}", "cache['k'] = who", "app.cache['k']"),
    ("a key of a dict", "seen = {}", "seen[who] = 1", "app.seen['alice-7Qx']"),
    ("a list of dicts", "rows = []", "rows.append({'w': who})", "app.rows[0]['w']"),
    ("a set", "seen = set()", "seen.add(who)", "app.seen{…}"),
    ("a deque", "from collections import deque\nd = deque(maxlen=3)", "d.append(who)", "app.d[0]"),
    ("an attribute of an instance", "class S: pass\ns = S()", "s.user = who", "app.s.user"),
    ("a slot", "class S:\n    __slots__ = ('user',)\ns = S()", "s.user = who", "app.s.user"),
    ("an attribute of a class", "class S:\n    user = None", "S.user = who", "app.S.user"),
    ("a mutable default", "def add(x, acc=[]):\n    acc.append(x)", "add(who)", "app.add.__defaults__['acc'][0]"),
    (
        "a closure",
        "def make(last=None):\n    def put(x):\n        nonlocal last\n        last = x\n    return put\nput = make()",
        "put(who)",
        "app.put.__closure__['last']",
    ),
    (
        "a bounded lru_cache",
        "import functools\n@functools.lru_cache(maxsize=8)\ndef f(x):\n    return x + '!'",
        "f(who)",
        "app.f.cache['alice-7Qx']",
    ),
    (
        "an unbounded cache",
        "import functools\n@functools.cache\ndef f(x):\n    return x",
        "f(who)",
        "app.f.cache['alice-7Qx']",
    ),
    ("the environment", "import os", "os.environ['WHO'] = who", "os.environ['WHO']"),
    ("a context variable", "import contextvars\nv = contextvars.ContextVar('v')", "v.set(who)", "app.v.get()"),
    ("a thread-local", "import threading\nt = threading.local()", "t.user = who", "app.t.user"),
    ("an in-memory text file", "import io\nb = io.StringIO()", "b.write(who)", "app.b.getvalue()"),
    (
        "a database in memory",
        "import sqlite3\nd = sqlite3.connect(':memory:')\nd.execute('create table t (w)')",
        "d.execute('insert into t values (?)', (who,))",
        "app.d.iterdump()",
    ),
    ("a constant default", "def f(): pass", "global f\ndef f(x=who): pass", "app.f.__defaults__['x']"),
    ("a new builtin", "import builtins", "builtins.user = who", "builtins.user"),
    (
        "a text in a dict of the standard library",
        "import xml.etree.ElementTree as ET",
        "ET.register_namespace(who, 'urn:x')",
        "xml.etree.ElementTree._namespace_map['urn:x']",
    ),
    ("a queue", "import queue\nq = queue.Queue()", "q.put(who)", "app.q.queue[0]"),
    ("an attribute of a function", "def f(): pass", "f.user = who", "app.f.user"),
    ("a partial", "import functools\nd = {}\np = functools.partial(print, d)", "d['k'] = who", "app.d['k']"),
    ("a dict's subclass", "class D(dict):\n    def items(self): 1/0\nd = D()", "d['k'] = who", "app.d['k']"),
    (
        "a bounded sequence in a dataclass",
        "import dataclasses\n@dataclasses.dataclass\nclass R:\n    names: list\nr = R([])",
        "r.names.append(who)",
        "app.r.names[0]",
    ),
]


def test_it_names_every_place_that_holds_the_first_request_s_value(play_python):
    """Each place has a module of its own, so that one function holds them all."""
    files = {}
    for number, (_, module, remember, _) in enumerate(HOLDERS):
        body = remember.replace("\n", "\n    ")
        files[f"holder_{number}.py"] = f"{module}\ndef remember(who):\n    {body}\n"
    names = [name.removesuffix(".py") for name in files]
    app = f"import {', '.join(names)}\ndef handler(event, context):\n"
    app += "".join(f"    {name}.remember(event['who'])\n" for name in names) + "    return 1\n"

    played = play_python(app, A, B, files=files)

    assert played.answers == [1, 1], played.output + str(played.posts)
    held = played.leaves(1)
    for name, (description, _, _, place) in zip(names, HOLDERS, strict=True):
        path = f"{name}.{place.removeprefix('app.')}" if place.startswith("app.") else place
        assert path in held, (description, held)
        assert "alice-7Qx" in held[path] + path, description


def test_a_cache_of_python_s_own_is_nobody_s_and_one_of_the_function_s_around_it_is(play_python):
    """``urlsplit`` keeps the addresses that it took apart, as any client of AWS's services asks it to."""
    module = (
        "import functools\nfrom urllib.parse import urlsplit\nsplit = functools.lru_cache(lambda x: urlsplit(x)[1])"
    )
    found = after_first(play_python, module, "split('https://' + who + '/')")

    assert [path for path in found if "alice" in path] == ["app.split.cache['https://alice-7Qx/']"]


def test_it_walks_once_after_init_and_once_after_each_answer(play_python):
    played = play_python("n = 0\ndef handler(e, c):\n    global n\n    n += 1\n    return n\n", 1, 2)
    assert [(f["after"], f["request_id"]) for f in played.frames] == [
        ("init", ""),
        ("invoke", "request-1"),
        ("invoke", "request-2"),
    ]
    assert [played.leaves(i)["app.n"] for i in range(3)] == ["0", "1", "2"]


def test_a_carrier_is_the_module_s_own_name_for_the_place(play_python):
    played = play_python("c = {}\ndef handler(e, _):\n    c.setdefault('a', []).append(e)\n", "value-1")
    assert played.carriers(1)["app.c['a'][0]"] == "app.c"


def test_a_module_that_the_handler_imports_is_walked_under_its_own_name(play_python):
    played = play_python(
        "from lib import store\ndef handler(e, c):\n    store.last = e\n",
        "value-1",
        files={"lib/store.py": "last = None\n"},
    )
    assert played.leaves(1)["lib.store.last"] == "value-1"


def test_a_failing_handler_is_followed_by_a_walk_as_well(play_python):
    played = play_python(
        "last = None\ndef handler(e, c):\n    global last\n    last = e\n    raise ValueError(e)\n", "v-1"
    )
    assert played.leaves(1)["app.last"] == "v-1"


def test_no_frame_of_ours_is_in_a_traceback_or_on_the_stack(play_python):
    app = (
        "import traceback\ndef handler(e, c):\n    if e == 'stack':\n"
        "        return [f.filename for f in traceback.extract_stack()]\n    raise KeyError('k')\n"
    )
    played = play_python(app, "stack", "raise")
    error = next(body for kind, body in played.posts if kind == "error")
    assert "probe" not in str(error["stackTrace"])
    above = played.answers[0][played.answers[0].index("<frozen runpy>") :]
    assert "probe" not in str(above)
    assert "python_capture" not in str(played.answers[0])


def test_argv_path_and_main_are_those_of_the_plain_start(play_python):
    app = (
        "import sys, os\ndef handler(e, c):\n    main = sys.modules['__main__']\n"
        "    return [sys.argv, sys.path[0], os.getcwd(), main.__spec__.name,\n"
        "            sorted(vars(main)), os.environ['_HANDLER'],\n"
        "            [m for m in sys.modules if 'probe' in m or m.startswith('python_')]]\n"
    )
    argv, first, folder, name, names, handler, modules = play_python(app, 1).answers[0]
    assert argv[0].endswith("awslambdaric/__main__.py")
    assert argv[1:] == ["app.handler"]
    assert (first, name, handler, modules) == (folder, "awslambdaric.__main__", "app.handler", [])
    clients = ["LambdaConfigProvider", "LambdaRuntimeClient", "bootstrap", "main", "sys"]
    assert [n for n in names if not n.startswith("__")] == clients


@pytest.mark.parametrize(
    ("app", "error_type"),
    [
        ("import nowhere_to_be_found\n", "Runtime.ImportModuleError"),
        ("def handler(:\n", "Runtime.UserCodeSyntaxError"),
        ("x = 1\n", "Runtime.HandlerNotFound"),
        ("1/0\n", "ZeroDivisionError"),
    ],
)
def test_what_cannot_be_loaded_is_reported_as_ever(play_python, app, error_type):
    played = play_python(app, 1)
    assert [kind for kind, _ in played.posts] == ["error"]
    assert played.posts[0][1]["errorType"] == error_type
    assert "probe" not in str(played.posts)
    assert played.frames == []


@pytest.mark.parametrize(
    ("description", "module"),
    [
        ("a property", "class S:\n    @property\n    def p(self): hit.append(1)\ns = S()"),
        ("__getattribute__", "class S:\n    def __getattribute__(self, n): hit.append(1)\ns = S()"),
        (
            "__repr__ and __str__",
            "class S(str):\n    def __repr__(self): hit.append(1)\n    __str__ = __repr__\ns = S('x')",
        ),
        (
            "__iter__ and __len__",
            "class S(list):\n    def __iter__(self): hit.append(1)\n    __len__ = __iter__\ns = S([1])",
        ),
        ("a __dict__ that is a property", "class S:\n    @property\n    def __dict__(self): hit.append(1)\ns = S()"),
        ("__class__", "class S:\n    @property\n    def __class__(self): hit.append(1)\ns = S()"),
        (
            "a metaclass",
            "class M(type):\n    def __getattribute__(c, n): hit.append(1)\nclass S(metaclass=M): pass\nhit.clear()",
        ),
        (
            "__hash__ and __eq__ of a key",
            "class K:\n    def __hash__(s): return len(hit) * 0 + (hit.append(1) or 1)\nd = {K(): 1}\nhit.clear()",
        ),
    ],
)
def test_user_code_is_not_run_by_looking(play_python, description, module):
    played = play_python(f"hit = []\n{module}\ndef handler(e, c):\n    return len(hit)\n", 1, 2)
    assert played.answers == [0, 0], description


def test_the_number_of_leaves_is_bounded_and_the_cut_is_said(play_python):
    app = "rows = [[i, str(i)] for i in range(300)]\ndef handler(e, c): return 1\n"
    played = play_python(app, 1, leaves=50)
    assert len(played.frames[1]["leaves"]) == 50
    assert played.frames[1]["truncated"]


def test_of_a_large_container_the_newest_entries_are_kept(play_python):
    app = "rows = {i: i for i in range(100_000)}\ndef handler(e, c):\n    rows['new'] = e\n"
    played = play_python(app, "value-1")
    assert played.leaves(1)["app.rows['new']"] == "value-1"
    assert played.frames[1]["truncated"]


def test_a_long_value_is_cut_and_marked(play_python):
    played = play_python("text = 'x' * 10_000\ndef handler(e, c): return 1\n", 1)
    leaf = next(leaf for leaf in played.frames[1]["leaves"] if leaf[2] == "app.text")
    assert len(leaf[4]) == 2048
    assert leaf[5]


def test_a_cycle_and_a_deep_structure_end(play_python):
    app = "a = []\na.append(a)\nd = x = {}\nfor _ in range(500):\n    x['n'] = x = {}\ndef handler(e, c): return 1\n"
    assert play_python(app, 1).frames[1]["truncated"]


def test_a_lone_surrogate_can_be_told(play_python):
    played = play_python("last = None\ndef handler(e, c):\n    global last\n    last = '\\ud800' + e\n", "x")
    assert played.leaves(1)["app.last"] == "\ud800x"


def test_closing_the_probe_s_descriptor_ends_the_frames_and_nothing_else(play_python):
    app = (
        "import os\ndef handler(e, c):\n    for fd in os.listdir('/proc/self/fd'):\n"
        "        if int(fd) > 2 and os.path.exists('/proc/self/fd/' + fd) "
        "and os.readlink('/proc/self/fd/' + fd).startswith('pipe'):\n            os.close(int(fd))\n    return e\n"
    )
    played = play_python(app, 1, 2)
    assert played.answers == [1, 2]
    assert len(played.frames) == 1


CHANGES = [
    ("an entry of a list", "rows = ['a', 'b']", "rows[1] = e", "app.rows[1]"),
    ("an entry of a dict", "rows = {'a': 'b'}", "rows['a'] = e", "app.rows['a']"),
    ("a key of a dict", "rows = {'a': 'b'}", "rows[e] = rows.pop('a', 'b')", "app.rows['two']"),
    ("a list in the place of an equal tuple", "rows = ('a',)", "global rows\n    rows = [*rows[:1], e]", "app.rows[1]"),
    ("a number in the place of an equal one", "rows = [1, 'one']", "rows[0], rows[1] = True, e", "app.rows[1]"),
]


@pytest.mark.parametrize(("what", "module", "change", "path"), CHANGES, ids=[row[0] for row in CHANGES])
def test_what_changed_in_a_container_that_was_seen_before_is_seen(play_python, what, module, change, path):
    played = play_python(f"{module}\ndef handler(e, c):\n    {change}\n", "one", "two")
    assert "two" in path + played.leaves(2)[path], what


def test_a_kind_that_changed_beside_an_equal_value_is_seen(play_python):
    payload = True
    played = play_python("rows = [1]\ndef handler(e, c):\n    rows[0] = e\n", payload)
    assert [frame["leaves"][0][3:5] for frame in played.frames] == [["int", "1"], ["bool", "True"]]


def test_nothing_that_the_function_let_go_of_lives_on_because_it_was_looked_at(play_python):
    app = (
        "import weakref\nclass S:\n    who = ''\nheld = [S()]\nweak = weakref.ref(held[0])\n"
        "def handler(e, c):\n    held.clear()\n    return weak() is None\n"
    )
    assert play_python(app, 1).answers == [True]


def test_a_million_values_end_at_the_bound_and_it_is_said(play_python):
    app = "rows = [[str(i * 1000 + j) for j in range(1000)] for i in range(1000)]\ndef handler(e, c): return 1\n"
    played = play_python(app, 1)
    assert [(len(frame["leaves"]), frame["truncated"]) for frame in played.frames] == [(5000, True)] * 2


def test_a_frame_is_within_its_size_however_its_text_is_written(play_python):
    app = "rows = ['é' * 1000 for _ in range(100)]\ndef handler(e, c): return 1\n"
    played = play_python(app, 1, size=100_000)
    assert 10 <= len(played.frames[1]["leaves"]) <= 16
    assert played.frames[1]["truncated"]


def test_the_function_s_own_in_the_place_of_the_library_s_is_seen_whenever_it_came(play_python):
    app = (
        "import json\ndef mine(last=[]): return last\n"
        "def handler(e, c):\n    mine().append(e)\n    json.mine = mine\n    json.detect_encoding = lambda x=e: x\n"
    )
    held = play_python(app, "v-1").leaves(1)
    assert held["app.mine.__defaults__['last'][0]"] == "v-1"
    assert held["json.detect_encoding.__defaults__['x']"] == "v-1"


@pytest.mark.parametrize(
    ("how", "path"),
    [
        ("import json.decoder\n    json.decoder.scanstring = mine", "json.decoder.scanstring"),
        ("import os\n    os.path.commonpath = mine", "os.path.commonpath"),
        ("import sys\n    sys.modules['json.encoder'].INFINITY = mine", "json.encoder.INFINITY"),
    ],
)
def test_what_is_put_into_a_library_by_a_later_request_is_seen(play_python, how, path):
    change = how.replace("    ", " " * 8)
    app = f"def handler(e, c):\n    def mine(x=e): return x\n    if e == 'later':\n        {change}\n"
    assert play_python(app, "first", "later").leaves(2)[f"{path}.__defaults__['x']"] == "later"


def test_what_a_package_s_objects_hold_comes_after_what_the_function_s_own_places_hold(play_python):
    """``simplejson`` is installed beside the client; an object of it is filled with more than a frame may have."""
    module = "import simplejson\nbig = simplejson.JSONEncoder()\nbig.rows = [[[n]] for n in range(300)]\n"
    deep = "kept = {'a': {'b': {'c': {'d': []}}}}\n"
    app = f"{module}{deep}def handler(event, context):\n    kept['a']['b']['c']['d'].append(event['who'])\n"
    played = play_python(app, A, B, leaves=60)
    assert played.leaves(1)["app.kept['a']['b']['c']['d'][0]"] == "alice-7Qx"
    assert played.frames[1]["truncated"]
    assert any(path.startswith("app.big.rows") for path in played.leaves(1))


def test_what_a_function_closes_over_is_named_where_that_has_a_place_of_its_own(play_python):
    app = (
        "BY = {'a': {'x': 1}, 'b': {'x': 2}}\npick = lambda: None\ndef handler(event, context):\n    global pick\n"
        "    held = BY[event]\n    pick = lambda: held\n"
    )
    played = play_python(app, "a", "b")
    seen = [played.leaves(number).get("app.pick.__closure__['held']") for number in range(3)]
    assert seen == [None, "app.BY['a']", "app.BY['b']"]


def test_nothing_is_walked_where_a_place_is_put_back(play_python):
    played = play_python("n = 0\ndef handler(e, c):\n    return n\n", 1, restore='{"after": 0, "places": []}')
    assert (played.answers, played.frames) == ([0], [])
