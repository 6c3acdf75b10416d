"""From a place that held something to the lines of the code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.events.records import StateLeaf
from sandbox_runner.handler_code.source_lines import constants, lines_of


def place(carrier: str, path: str = "", root: str = "python-module") -> StateLeaf:
    return StateLeaf(root=root, carrier=carrier, path=path or carrier, kind="str", value="v")


def roles(files: dict[str, str], leaf: StateLeaf) -> list[str]:
    found = sorted(lines_of(files, leaf).all, key=lambda line: (line.file, line.line))
    return [f"{line.file}:{line.line} {line.role}" for line in found]


def likely(files: dict[str, str], leaf: StateLeaf, of: str = "") -> list[str]:
    found = lines_of(files, leaf, of)
    return [f"{line.file}:{line.line}" for line in found.all[: found.likely]]


PYTHON = """\
cache = {}
last = None

def handler(event, context):
    global last
    if event in cache:
        return cache[event]
    cache[event] = 1
    cache.update(a=1)
    del cache['a']
    last = event
    last += 'x'
    return last

def other(cache):
    cache['own'] = 1

def third():
    last = 1
    return last
"""

NODE = """\
let last = null;
const cache = new Map();
class S { #user = null; put(x) { this.#user = x; } }
const s = new S();
export const handler = async (event) => {
  if (cache.has(event)) return cache.get(event);
  cache.set(event, 1);
  last = event;
  last++;
  s.put(event);
  return last;
};
const other = (last) => { last = 1; };
"""


TYPED = """\
interface Cache { [key: string]: string }
let last: string | undefined;
const cache: Cache = {};
class Store {
  private user?: string;
  static count: number = 0;
  put(x: string): void { this.user = x; (Store as any).count++; }
}
export const handler = async (event: { user: string }) => {
  (cache as any)[event.user] = 1;
  cache!['a'] = 'b';
  last = event.user!;
  return last as string;
};
const other = (last: string) => { last = 'x'; };
"""


USER = """\
import { once } from './box.mjs';
class User { #name; constructor(e) { this.#name = e; } }
export const user = once((e) => new User(e));
"""


@pytest.mark.parametrize(
    ("description", "files", "leaf", "expected"),
    [
        (
            "a dict of a Python module",
            {"app.py": PYTHON},
            place("app.cache"),
            [
                "app.py:1 declared",
                "app.py:6 read",
                "app.py:7 read",
                "app.py:8 written",
                "app.py:9 written",
                "app.py:10 removed",
            ],
        ),
        (
            "a rebound name; a function's own variable is another",
            {"app.py": PYTHON},
            place("app.last"),
            ["app.py:2 declared", "app.py:11 written", "app.py:12 written", "app.py:13 read"],
        ),
        (
            "a variable of a Node module",
            {"app.mjs": NODE},
            place("app.last", root="node-module"),
            ["app.mjs:1 declared", "app.mjs:8 written", "app.mjs:9 written", "app.mjs:11 read"],
        ),
        (
            "a map",
            {"app.mjs": NODE},
            place("app.cache", root="node-module"),
            ["app.mjs:2 declared", "app.mjs:6 read", "app.mjs:7 written"],
        ),
        (
            "a private field, written in its class",
            {"app.mjs": NODE},
            place("app.s", "app.handler.[[module]].s.#user", root="node-module"),
            ["app.mjs:3 written", "app.mjs:4 declared", "app.mjs:10 read"],
        ),
        (
            "a variable of a TypeScript module",
            {"app.ts": TYPED},
            place("app.last", "app.handler.[[closure]].last", root="node-module"),
            ["app.ts:2 declared", "app.ts:12 written", "app.ts:13 read"],
        ),
        (
            "an object whose type is said",
            {"app.ts": TYPED},
            place("app.cache", root="node-module"),
            ["app.ts:3 declared", "app.ts:10 written", "app.ts:11 written"],
        ),
        (
            "a field of a class that is private by its type",
            {"app.ts": TYPED},
            place("app.store", "app.handler.[[closure]].store.user", root="node-module"),
            ["app.ts:5 declared", "app.ts:7 written", "app.ts:10 read", "app.ts:12 read"],
        ),
        (
            "a static field, in a file with elements",
            {"app.tsx": TYPED + "const element = <p>{last}</p>;\n"},
            place("app.Store", "app.Store.count", root="node-module"),
            ["app.tsx:4 declared", "app.tsx:6 declared", "app.tsx:7 written"],
        ),
        (
            "a module that another one writes through",
            {"app.py": "import store\ndef handler(e, c):\n    store.last = e\n", "store.py": "last = None\n"},
            place("store.last"),
            ["app.py:3 written", "store.py:1 declared"],
        ),
        (
            "a module in a folder",
            {"lib/store.mjs": "export let last;\nexport const put = (x) => { last = x; };\n"},
            place("lib/store.last", root="node-module"),
            ["lib/store.mjs:1 declared", "lib/store.mjs:2 written"],
        ),
        (
            "a variable of the environment",
            {"app.py": "import os\ndef handler(e, c):\n    os.environ['WHO'] = e\n    return os.environ['WHO']\n"},
            place("os.environ['WHO']"),
            ["app.py:3 written", "app.py:4 read"],
        ),
        (
            "a file by a name that stands for it",
            {"app.py": "P = Path('/tmp/kept.txt')\ndef handler(e, c):\n    P.exists()\n\n    P.write_text(e)\n"},
            place("/tmp/kept.txt", root="tmp-file"),
            ["app.py:1 declared", "app.py:3 read", "app.py:5 written"],
        ),
        (
            "a file by its path",
            {"app.py": "def handler(e, c):\n    open('/tmp/kept.txt', 'w').write(e)\n    open('/tmp/kept.txt')\n"},
            place("/tmp/kept.txt", root="tmp-file"),
            ["app.py:2 written", "app.py:3 read"],
        ),
        (
            "a filter of a logger",
            {"app.py": "log = getLogger()\n\ndef handler(e, c):\n    log.addFilter(e)\n    log.info('x')\n"},
            place("logging.getLogger()", "logging.getLogger().filters[0]"),
            ["app.py:4 written", "app.py:5 read"],
        ),
        (
            "the position of a descriptor",
            {"app.py": "d = os.open('/x', 0)\n# os.lseek(d)\ndef handler(e, c):\n    os.lseek(d, e, 0)\n"},
            place("descriptor 7, /x", "descriptor 7, /x.position"),
            ["app.py:1 read", "app.py:4 written"],
        ),
        (
            "a timer",
            {"app.mjs": "let t;\nconst f = async (e) => {\n  clearTimeout(t);\n  t = setTimeout(() => e, 9);\n};\n"},
            place("timers.setTimeout", "timers.setTimeout[0].[[closure]].e"),
            ["app.mjs:3 read", "app.mjs:4 written"],
        ),
        (
            "a listener of the process",
            {"app.mjs": "const f = async (e) => {\n  process.once('told', () => e);\n  process.emit('told');\n};\n"},
            place("process.on('told')", "process.on('told').[[closure]].e"),
            ["app.mjs:2 written", "app.mjs:3 read"],
        ),
        (
            "a private field of what a closure of another file holds",
            {
                "box.mjs": "export const once = (make) => { let it; return (x) => (it ??= make(x)); };\n",
                "app.mjs": USER,
            },
            place("app.user", "app.user.[[closure]].it.#name.first", root="node-module"),
            ["app.mjs:2 declared", "app.mjs:3 declared", "box.mjs:1 written"],
        ),
        ("a place of no file", {"app.py": "x = 1\n"}, place("nowhere.x"), []),
        ("code that does not parse", {"app.py": "cache = {}\ndef (((\n"}, place("app.cache"), ["app.py:1 declared"]),
    ],
)
def test_the_lines_that_declare_write_and_read_a_place(description, files, leaf, expected):
    assert roles(files, leaf) == expected, description


def test_constants_are_those_of_the_code_and_not_of_its_documentation():
    files = {
        "app.py": '"""about hoge"""\n# about fuga\nA = "plan-a"\nB = f"x{A}y-part"\nC = 4711\n',
        "b.mjs": "// piyo\nconst a = 'plan-b', t = `tem-plate ${a}`, n = 0.5;\n",
        "readme.txt": "plan-c",
    }
    assert constants(files) >= {"plan-a", "y-part", "4711", "plan-b", "tem-plate ", "0.5"}
    assert not constants(files) & {"about hoge", "about fuga", "piyo", "plan-c"}


@given(st.text(max_size=300), st.sampled_from(["app.py", "app.mjs", "app.cjs", "app.txt"]), st.text(max_size=20))
def test_any_code_and_any_place_give_lines_of_the_file(code, path, name):
    for root in ("python-module", "node-module", "tmp-file"):
        for line in lines_of({path: code}, place(f"app.{name}", root=root)).all:
            assert 1 <= line.line <= code.count("\n") + 1


def test_a_deeply_nested_expression_is_read_without_recursion():
    assert constants({"app.py": "x = " + "(" * 5_000 + "'deep-9'" + ")" * 5_000}) is not None
