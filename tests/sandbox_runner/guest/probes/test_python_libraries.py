"""What installed packages hold is seen once it is other than it was after init, and named with package and version."""

import pytest

ALICE = {"who": "alice-7Qx"}
BOB = {"who": "bob-91Kz"}


def package(code, name="tinyclient", version="1.2.3"):
    """Files of a package that is installed beside the function."""
    info = f"{name}-{version}.dist-info"
    return {
        f"{name}/__init__.py": code,
        f"{info}/METADATA": f"Name: {name}\n",
        f"{info}/RECORD": f"{name}/__init__.py,,\n{info}/METADATA,,\n",
    }


def packages(played, number):
    return {path: (name, version) for path, name, version in played.frames[number]["packages"]}


def test_what_was_set_in_a_package_is_seen_with_its_package_and_version(play_python):
    app = "import tinyclient\ndef handler(e, c):\n    tinyclient.defaults['headers']['Authorization'] = e['who']\n"
    code = "defaults = {'timeout': 3, 'headers': {'Accept': '*/*'}}\nversion = '9'\n"
    played = play_python(app, ALICE, files=package(code))
    path = "tinyclient.defaults['headers']['Authorization']"
    assert played.leaves(1)[path] == "alice-7Qx"
    assert played.carriers(1)[path] == "tinyclient.defaults"
    assert packages(played, 1) == {"tinyclient": ("tinyclient", "1.2.3")}


def test_what_a_package_has_from_its_start_is_nobody_s_and_not_told(play_python):
    app = "import tinyclient\ndef handler(event, c):\n    tinyclient.last = event['who']\n"
    code = "table = {n: {'a': [n]} for n in range(20)}\nname = 'tiny'\nlast = None\n"
    played = play_python(app, ALICE, files=package(code))
    own = [path for path in (*played.leaves(0), *played.leaves(1)) if path.startswith("tinyclient")]
    assert own == ["tinyclient.last"]


def test_a_value_that_is_as_it_was_again_is_told_no_more(play_python):
    app = "import tinyclient\ndef handler(event, c):\n    tinyclient.last = event['who']\n"
    played = play_python(app, ALICE, {"who": None}, files=package("last = None\n"))
    assert "tinyclient.last" in played.leaves(1)
    assert "tinyclient.last" not in played.leaves(2)


def test_a_package_that_is_imported_later_is_followed_from_then_on(play_python):
    app = "def handler(event, c):\n    import tinyclient\n    tinyclient.seen.append(event['who'])\n"
    played = play_python(app, ALICE, BOB, files=package("seen = []\n"))
    assert played.leaves(2) == {"tinyclient.seen[1]": "bob-91Kz"}


def test_the_function_s_own_code_comes_first(play_python):
    app = "import tinyclient\nlast = 0\ndef handler(e, c):\n    global last\n    last = tinyclient.last = e['who']\n"
    played = play_python(app, ALICE, files=package("last = None\n"))
    assert list(played.leaves(1)) == ["app.last", "tinyclient.last"]


def test_an_object_of_a_package_in_a_variable_of_the_function_is_named_with_its_package(play_python):
    code = "class Client:\n    def __init__(self):\n        self.headers = {}\n"
    app = "import tinyclient\nclient = tinyclient.Client()\ndef handler(e, c):\n    client.headers['X'] = e['who']\n"
    played = play_python(app, ALICE, files=package(code))
    assert played.leaves(1)["app.client.headers['X']"] == "alice-7Qx"
    assert packages(played, 1) == {"app.client": ("tinyclient", "1.2.3")}


def test_a_formatter_of_a_logger_is_named_with_its_package(play_python):
    """A logging library keeps what was appended in the formatter of a handler of its own."""
    code = (
        "import logging, sys\n"
        "class Formatter(logging.Formatter):\n    keys = None\n"
        "def logger():\n"
        "    made, out = logging.getLogger('svc'), logging.StreamHandler(sys.stdout)\n"
        "    out.formatter = Formatter()\n    out.formatter.keys = {}\n    made.addHandler(out)\n    return made\n"
    )
    app = (
        "import tinylog\nlog = tinylog.logger()\n"
        "def handler(e, c):\n    log.handlers[0].formatter.keys['user'] = e['who']\n"
    )
    played = play_python(app, ALICE, files=package(code, "tinylog", "3.0.1"))
    path = next(path for path, value in played.leaves(1).items() if value == "alice-7Qx")
    assert path == "logging.getLogger('svc').handlers[0].formatter.keys['user']"
    assert any(path.startswith(at) and of == ("tinylog", "3.0.1") for at, of in packages(played, 1).items())


def test_a_module_beside_the_function_that_no_package_brought_is_the_function_s_own(play_python):
    app = "import helper\ndef handler(event, c):\n    helper.last = event['who']\n"
    played = play_python(app, ALICE, files={"helper.py": "last = None\n", **package("x = 1\n")})
    assert played.leaves(1)["helper.last"] == "alice-7Qx"
    assert packages(played, 1) == {}


@pytest.mark.parametrize("rows", [5_000, 50_000])
def test_a_package_with_very_much_is_not_followed_and_cuts_nothing_of_the_function_s(play_python, rows):
    app = "import tinyclient\nlast = None\ndef handler(event, c):\n    global last\n    last = event['who']\n"
    code = f"big = [[[n]] for n in range({rows})]\n"
    played = play_python(app, ALICE, files=package(code))
    assert played.leaves(1) == {"app.last": "alice-7Qx"}
    assert not played.frames[1]["truncated"]
    assert played.frames[1]["disturbed"] == []
