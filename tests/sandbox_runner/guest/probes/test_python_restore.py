"""A place that is put back is what it was after init; everything else stays, and the function goes on."""

import json
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
        "the position of a file",
        "f = open(__file__)",
        "before = 'x' if f.tell() == 0 else 'moved'\nf.seek(len(who))",
        "app.f",
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
    path.unlink(missing_ok=True)


def test_a_file_of_tmp_is_removed_that_init_did_not_make(play_python, path):
    remember = f"import os\nbefore = os.path.exists({path!r})\nopen({path!r}, 'w').write(who)"
    assert answers(play_python, "", remember, path) == [False, False]
