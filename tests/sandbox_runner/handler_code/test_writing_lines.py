"""The line by which data got in, where the code does not name what it writes to."""

import pytest

from sandbox_runner.events.records import StateLeaf
from sandbox_runner.handler_code.source_lines import lines_of

ENVIRON = {
    "keys.py": """\
import os
NAMES = {"a": "KEY_A"}
def take(keys):
    for key, name in NAMES.items():
        os.environ[name] = keys[key]
""",
    "app.py": "import os\ndef handler(e, c):\n    return os.environ.get('KEY_A')\n",
}
NODE_ENVIRON = {
    "app.mjs": """\
export const handler = async (event) => {
  for (const name of Object.keys(event.settings)) {
    process.env[name] = event.settings[name];
  }
  return process.env.PLAN;
};
"""
}
MERGED = {
    "merge.js": """\
function merge(target, source) {
  for (const [key, value] of Object.entries(source)) {
    if (target[key]) merge(target[key], value);
    else {
      target[key] = value;
    }
  }
}
module.exports = merge;
""",
    "app.js": "exports.handler = async (event) => ({ said: merge({}, event).signature });\n",
}
MERGED_TWICE = {**MERGED, "copy.js": "const put = (to, key, value) => {\n  to[key] = value;\n};\n"}
PLUGIN = {
    "plugins/context.js": """\
module.exports = function context() {
  const data = {};
  return (req) => {
    req.set = (key, value) => {
      data[key] = value;
    };
    req.get = (key) => data[key];
  };
};
""",
    "server.js": "const chain = [require('./plugins/context')()];\n",
}
ENTERED = {
    "app.mjs": """\
const data = {};
const set = (key, value) => {
  data[key] = value;
};
export const handler = async (event) => {
  api.set("session", { id: event.id });
  return data.session;
};
"""
}
MANGLED = {
    "cookies.py": """\
class Controller:
    def __init__(self):
        self.__cookies = {}

    def set(self, name, value):
        self.__cookies[name] = value

controller = Controller()
""",
    "main.py": "from cookies import controller\ndef handler(e, c):\n    controller.set('token', e['token'])\n",
}
SCRATCH = {
    "app.py": """\
import os
SCRATCH = os.path.join("/tmp", "kept.csv")
def download(chunks):
    for chunk in chunks:
        with open(SCRATCH, "w") as scratch:
            scratch.write(chunk)
def read():
    with open(SCRATCH) as lines:
        return lines.read()
def other(scratch):
    scratch.write("no")
"""
}
TILES = {
    "job.py": """\
from pathlib import Path
FOLDER = Path("/tmp/tiles")
def cut(survey):
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{survey}.tif"
    path.write_bytes(bytes(9))
def manifest():
    return [path.name for path in FOLDER.glob("*")]
"""
}
TIMERS = {
    "jobs.mjs": "export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));\n",
    "app.mjs": """\
let last = null;
export const handler = async (event) => {
  const timer = setTimeout(() => {
    last = event.team;
  }, 9);
  await pause(1);
  clearTimeout(timer);
};
""",
}
FORWARDED = {
    "http.mjs": "export const client = { defaults: { headers: { common: { accept: 'json' } } } };\n",
    "forward.mjs": """\
import { client } from "./http.mjs";
export function forward(headers) {
  for (const name of ["cookie", "accept"]) {
    client.defaults.headers.common[name] = headers[name];
  }
}
""",
}
ALIASED = {
    "context.mjs": 'export const defaults = { profile: { roles: ["guest"] } };\n',
    "app.mjs": """\
import { current } from "./context.mjs";
export const handler = async (event) => {
  const profile = current("profile");
  profile.email = event.email;
};
""",
}


@pytest.mark.parametrize(
    ("files", "root", "carrier", "path", "expected"),
    [
        (ENVIRON, "python-module", "os.environ['KEY_A']", "", ["keys.py:5"]),
        (NODE_ENVIRON, "node-module", "process.env.PLAN", "", ["app.mjs:3"]),
        (MERGED, "node-module", "Object.prototype.signature", "", ["merge.js:5"]),
        (MERGED_TWICE, "node-module", "Object.prototype.signature", "", []),
        (
            PLUGIN,
            "node-module",
            "plugins/context.data",
            "server.chain[0].[[closure]].data.id",
            ["plugins/context.js:5"],
        ),
        (ENTERED, "node-module", "app.data", "app.data.session.id", ["app.mjs:3"]),
        (
            MANGLED,
            "python-module",
            "cookies.controller",
            "cookies.controller._Controller__cookies['token']",
            ["cookies.py:6"],
        ),
        (SCRATCH, "tmp-file", "/tmp/kept.csv", "", ["app.py:6"]),
        (TILES, "tmp-file", "/tmp/tiles/ann.tif", "", ["job.py:6"]),
        (TIMERS, "node-module", "timers.setTimeout", "timers.setTimeout[0].[[closure]].event.team", ["app.mjs:3"]),
        (FORWARDED, "node-module", "http.client", "http.client.defaults.headers.common.cookie", ["forward.mjs:4"]),
        (ALIASED, "node-module", "context.defaults", "context.defaults.profile.email", ["app.mjs:4"]),
    ],
    ids=[
        "a computed name of a variable of the environment in Python",
        "a computed name of a variable of the environment in Node",
        "a prototype that a merge reaches",
        "a prototype that two functions may have reached",
        "a variable of a function in a module in a folder",
        "an entry that a function puts in by a name it is given",
        "an entry in a field whose name the class keeps to itself",
        "a file that was opened before it is written",
        "a file whose name is put together",
        "a timer beside another module's",
        "an entry by a name out of a list",
        "a field of an object under another name",
    ],
)
def test_the_line_that_wrote_is_found_however_it_names_the_place(files, root, carrier, path, expected):
    leaf = StateLeaf(root=root, carrier=carrier, path=path or carrier, kind="string", value="ann")
    found = lines_of(files, leaf)
    assert [f"{line.file}:{line.line}" for line in found.all[: found.likely]] == expected


@pytest.mark.parametrize(
    ("made", "role"),
    [
        ("self.seen = []", "declared"),
        ("self.seen = SimpleCookie()", "declared"),
        ("self.seen = dict(constants)", "declared"),
        ("self.seen = constants[0]; self.seen += constants", "written"),
    ],
)
def test_what_only_makes_a_place_is_no_line_that_wrote_to_it(made, role):
    code = f"""\
class Jar:
    def __init__(self, constants):
        {made}
    def take(self, name, value):
        self.seen[name] = value
jar = Jar(())
"""
    leaf = StateLeaf(root="python-module", carrier="app.jar", path="app.jar.seen['a']", kind="str", value="v")
    roles = {line.line: line.role for line in lines_of({"app.py": code}, leaf).all}
    assert (roles[3], roles[5]) == (role, "written")


@pytest.mark.parametrize(
    "asks", ["os.lseek(number, 0, os.SEEK_CUR)", "os.lseek(number, 0, 1)", "file.seek(0, io.SEEK_CUR)"]
)
def test_asking_for_a_position_does_not_write_it(asks):
    code = f"def handler(e, c):\n    answer = {asks}\n    os.lseek(number, e['age'], os.SEEK_SET)\n    return answer\n"
    place = "descriptor 3, /var/task/app.py"
    leaf = StateLeaf(root="python-module", carrier=place, path=f"{place}.position", kind="int", value="41")
    found = lines_of({"app.py": code}, leaf)
    assert {line.line: line.role for line in found.all} == {2: "read", 3: "written"}


PYTHON_JAR = """\
jar = {}
def handler(e, c):
    jar[e["who"]] = e
    {removed}
    return len(jar)
"""
NODE_JAR = """\
const jar = new Map();
export const handler = (e) => {
  jar.set(e.who, e);
  {removed};
  return jar.size;
};
"""


@pytest.mark.parametrize(
    ("file", "code", "removed"),
    [
        *(
            ("app.py", PYTHON_JAR, each)
            for each in ("del jar[e['who']]", "jar.pop(e['who'])", "jar.pop('x', None)", "jar.popitem()", "jar.clear()")
        ),
        *(
            ("app.mjs", NODE_JAR, each)
            for each in ("jar.delete(e.who)", "jar.clear()", "delete jar[e.who]", "jar.shift()")
        ),
    ],
)
def test_what_takes_something_out_of_a_place_is_no_line_that_wrote_to_it(file, code, removed):
    root = "python-module" if file == "app.py" else "node-module"
    leaf = StateLeaf(root=root, carrier="app.jar", path="app.jar['ann']", kind="str", value="ann")
    found = lines_of({file: code.replace("{removed}", removed)}, leaf)
    assert {line.line: line.role for line in found.all} == {1: "declared", 3: "written", 4: "removed", 5: "read"}
    assert [line.line for line in found.all[: found.likely]] == [3]


def test_what_makes_a_place_of_what_it_is_given_wrote_to_it_where_nothing_else_did():
    code = """\
class Session:
    def __init__(self, account):
        self.account = account
session = None
def handler(e, c):
    return Session(e['account'])
"""
    leaf = StateLeaf(root="python-module", carrier="app.session", path="app.session.account", kind="str", value="v")
    assert {line.line: line.role for line in lines_of({"app.py": code}, leaf).all}[3] == "written"


PYTHON_PUT = """\
class Contact:
    def __init__(self, phone):
        self.phone = phone
class Schema:
    def load(self, instance=None):
        self.instance = instance or self.instance
schema = Schema()
"""
NODE_PUT = """\
class Segment {
  constructor(name) {
    this.name = name;
  }
}
let active = new Segment('facade');
exports.set = (segment) => {
  active = segment;
};
"""


@pytest.mark.parametrize(
    ("file", "code", "carrier", "path", "expected"),
    [
        ("app.py", PYTHON_PUT, "app.schema", "app.schema.instance.phone", {3: "declared", 6: "written"}),
        ("app.js", NODE_PUT, "app.active", "app.active.name", {3: "declared", 8: "written"}),
    ],
)
def test_an_object_got_in_where_it_was_put_and_not_where_it_was_made(file, code, carrier, path, expected):
    root = "python-module" if file == "app.py" else "node-module"
    found = lines_of({file: code}, StateLeaf(root=root, carrier=carrier, path=path, kind="str", value="v"))
    assert {line.line: line.role for line in found.all if line.line in expected} == expected
    assert found.all[0].role == "written"
    assert found.likely == 1


@pytest.mark.parametrize(
    "load",
    ["importlib.import_module(path.stem)", "__import__(path.stem)", "spec.loader.exec_module(module)"],
)
def test_a_module_that_the_code_names_nowhere_came_in_where_it_loads_one_whose_name_it_works_out(load):
    code = f"def load(path):\n    return {load}\ndef handler(e, c):\n    rules = load(e)\n    return rules.NOTE\n"
    place = "sys.modules['rules']"
    leaf = StateLeaf(root="python-module", carrier=place, path=f"{place}.NOTE", kind="str", value="v")
    found = lines_of({"app.py": code}, leaf)
    assert [line.line for line in found.all[: found.likely]] == [2]


@pytest.mark.parametrize("method", ["exec", "test"])
def test_an_expression_goes_on_from_the_search_that_left_it_where_it_is(method):
    code = f"const TAG = /#(\\w+)/g;\nexport const handler = (e) => TAG.{method}(e.text);\nconst all = TAG.source;\n"
    leaf = StateLeaf(
        root="node-module", carrier="app.TAG", path="app.handler.[[module]].TAG.lastIndex", kind="number", value="9"
    )
    found = lines_of({"app.mjs": code}, leaf)
    assert {line.line: line.role for line in found.all} == {1: "declared", 2: "written", 3: "read"}
    assert found.likely == 1
