"""The innermost place that the code has a name for, and the line by which data got into it."""

from __future__ import annotations

import pytest

from sandbox_runner.events.records import StateLeaf
from sandbox_runner.handler_code.holders import holder_of
from sandbox_runner.handler_code.source_lines import lines_of

SERVICE = """\
class Service:
    def __init__(self):
        self.user = None
        self.seen = []
        self.groups = set()

    def take(self, user, group):
        self.user = user
        self.seen.append(user)
        self.groups.add(group)

service = Service()

def handler(event, context):
    service.take(event["user"], event["group"])
    service.seen.clear()
"""
STORE = """\
import copy
state = {"user": None, "plan": "free"}
tags = {}

def handler(event, context):
    state["plan"] = "basic"
    state["user"] = event["user"]
    tags.update(route=event["route"])
    tags["promo"] = event["code"]
    tags.setdefault("first", event["user"])
    setattr(state, "x", event)
    tags.clear()
"""
HIDDEN = """\
def remembering():
    seen = []
    last = None
    def remember(user):
        nonlocal last
        last = user
        seen.append(user)
        return seen[:-1]
    return remember

remember = remembering()

def rows(user, kept=[], *, limit={}):
    kept.append(user)
    limit["n"] = user
    return kept
"""
LOGGED = """\
import logging
log = logging.getLogger("shop")
log.addHandler(logging.StreamHandler())

def handler(event, context):
    log.addFilter(Stamp(event["user"]))
    log.info("x")
"""
PATCHED = """\
import json
plain = json.dumps

def handler(event, context):
    kept = json.dumps
    json.dumps = lambda value: plain({**value, "of": event["user"]})
    json.dumps = kept
"""
NODE = """\
const tags = new Map();
const state = { user: null };
let last = {};
class Journal {
  #fixed; extra = {};
  constructor(fixed) { this.#fixed = fixed; }
  add(more) { Object.assign(this.extra, more); }
  fix(more) { this.#fixed = { ...this.#fixed, ...more }; }
  wipe() { this.extra = {}; }
}
const journal = new Journal({});
const remember = (() => {
  const seen = new Map();
  let first;
  return (user) => {
    first ??= user;
    seen.set(user, 1);
  };
})();
export const handler = async (event) => {
  tags.set('route', event.route);
  tags.set('promo', event.code);
  state.user = event.user;
  last = event;
  journal.add({ customer: event.customer });
  const original = globalThis.fetch;
  globalThis.fetch = (url) => original(url, event.token);
  globalThis.fetch = original;
  tags.clear();
};
"""
PYTHON_ROOT, NODE_ROOT = "python-module", "node-module"

# What holds it: the files, the root, carrier and path that a probe gives, the place that is named, its likely lines.
PLACES = [
    ("a field", SERVICE, "app.service", "app.service.user", "app.service.user", [8]),
    ("a list in a field", SERVICE, "app.service", "app.service.seen[0]", "app.service.seen", [9]),
    ("a set in a field", SERVICE, "app.service", "app.service.groups{…}", "app.service.groups", [10]),
    ("an entry", STORE, "app.state", "app.state['user']", "app.state['user']", [7]),
    ("an entry that was added", STORE, "app.tags", "app.tags['promo']", "app.tags['promo']", [9]),
    ("an entry that was set by default", STORE, "app.tags", "app.tags['first']", "app.tags['first']", [10]),
    ("a variable of a closure", HIDDEN, "app.remember", "app.remember.__closure__['last']", "=", [6]),
    (
        "a list in a closure",
        HIDDEN,
        "app.remember",
        "app.remember.__closure__['seen'][1]",
        "app.remember.__closure__['seen']",
        [7],
    ),
    ("a default", HIDDEN, "app.rows", "app.rows.__defaults__['kept'][0]", "app.rows.__defaults__['kept']", [14]),
    (
        "a filter",
        LOGGED,
        "logging.getLogger('shop')",
        "logging.getLogger('shop').filters[0].user",
        "logging.getLogger('shop').filters[0]",
        [6],
    ),
    ("a patched function", PATCHED, "json.dumps", "json.dumps.__closure__['event']['user']", "json.dumps", [6]),
    ("an entry of a map", NODE, "app.tags", "app.handler.[[module]].tags.get('promo')", "app.tags.get('promo')", [22]),
    ("a property", NODE, "app.state", "app.handler.[[module]].state.user", "app.state.user", [23]),
    ("a payload that is kept", NODE, "app.last", "app.handler.[[module]].last.code", "app.last", [24]),
    (
        "a field that is assigned into",
        NODE,
        "app.journal",
        "app.handler.[[module]].journal.extra.customer",
        "app.journal.extra",
        [7],
    ),
    ("a private field", NODE, "app.journal", "app.handler.[[module]].journal.#fixed.a", "app.journal.#fixed", [8]),
    (
        "a map in a closure",
        NODE,
        "app.remember",
        "app.handler.[[module]].remember.[[closure]].seen.get('ann')",
        "app.remember.[[closure]].seen",
        [17],
    ),
    (
        "a variable in a closure",
        NODE,
        "app.remember",
        "app.handler.[[module]].remember.[[closure]].first",
        "app.remember.[[closure]].first",
        [16],
    ),
    (
        "a patched global",
        NODE,
        "globalThis.fetch",
        "globalThis.fetch.[[closure]].event.token",
        "globalThis.fetch",
        [27],
    ),
]


@pytest.mark.parametrize("place", PLACES, ids=[what for what, *_ in PLACES])
def test_the_innermost_place_is_named_and_the_line_by_which_the_data_got_in(place):
    what, code, carrier, path, named, lines = place
    is_node = code is NODE
    files = {"app.mjs" if is_node else "app.py": code}
    leaf = StateLeaf(root=NODE_ROOT if is_node else PYTHON_ROOT, carrier=carrier, path=path, kind="string", value="ann")
    found = lines_of(files, leaf)
    assert holder_of(files, leaf).path == (path if named == "=" else named), what
    assert [line.line for line in found.all[: found.likely]] == lines, what


POOL = """\
class Client {
  #settings = new Map();
  #owner;
  constructor(owner) { this.#owner = owner; }
  query(name, value) {
    this.#settings.set(name, value);
  }
}
const pool = { idle: [] };
const chain = [(() => {
  const data = {};
  return (key, value) => {
    data[key] = value;
  };
})()];
const defaults = { profile: { roles: [] }, headers: {} };
const tags = (() => {
  const held = new Map();
  return { put(name, value) { held.set(name, value); } };
})();
export const handler = async (event) => {
  const profile = current();
  profile.email = event.email;
  for (const name of ["cookie"]) defaults.headers[name] = event[name];
  pool.idle.push(new Client(event.user));
};
"""


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("app.pool.idle[0].#settings.get('tenant')", "app.pool.idle[0].#settings"),
        ("app.pool.idle[0].#owner", "app.pool.idle"),
        ("app.chain[0].[[closure]].data.k3f9", "app.chain[0].[[closure]].data"),
        ("app.defaults.profile.email", "app.defaults.profile.email"),
        ("app.defaults.headers.cookie", "app.defaults.headers.cookie"),
        ("app.defaults.headers.k3f9", "app.defaults.headers"),
        ("app.tags.put.[[closure]].held.get('k3f9')", "app.tags.put.[[closure]].held"),
    ],
)
def test_a_place_is_followed_through_objects_lists_and_functions_of_the_code(path, named):
    carrier = ".".join(path.split(".")[:2]).partition("[")[0]
    leaf = StateLeaf(root=NODE_ROOT, carrier=carrier, path=path, kind="string", value="ann")
    assert holder_of({"app.mjs": POOL}, leaf).path == named


def test_what_a_function_was_called_with_is_not_a_place_of_its_own():
    code = """\
const hooks = [];
export const handler = async ({ token, say }) => {
  hooks.push((config) => {
    config.token = token;
  });
};
"""
    path = "app.hooks[0].[[closure]].token"
    leaf = StateLeaf(root=NODE_ROOT, carrier="app.hooks", path=path, kind="string", value="ann")
    assert holder_of({"app.mjs": code}, leaf).path == "app.hooks"
    found = lines_of({"app.mjs": code}, leaf)
    assert [line.line for line in found.all[: found.likely]] == [3]


def test_a_field_that_a_class_keeps_to_itself_is_named_as_the_process_has_it():
    code = "class Jar:\n    def put(self, v):\n        self.__seen = v\njar = Jar()\n"
    leaf = StateLeaf(root=PYTHON_ROOT, carrier="app.jar", path="app.jar._Jar__seen", kind="str", value="v")
    assert holder_of({"app.py": code}, leaf).path == "app.jar._Jar__seen"
    assert lines_of({"app.py": code}, leaf).all[0].line == 3


def test_a_key_of_somebody_s_is_not_named():
    code = (
        "carts = {}\ndef handler(e, c):\n    cart = carts.setdefault(e['user'], Cart())\n    cart.owner = e['user']\n"
    )
    leaf = StateLeaf(
        root=PYTHON_ROOT, carrier="app.carts", path="app.carts['ann-7Qx'].owner", kind="str", value="ann-7Qx"
    )
    assert holder_of({"app.py": code}, leaf).path == "app.carts"


def test_several_lines_that_may_have_written_it_are_all_likely():
    code = "last = []\ndef handler(e, c):\n    if e['a']:\n        last.append(e['a'])\n    last.append(e['b'])\n"
    leaf = StateLeaf(root=PYTHON_ROOT, carrier="app.last", path="app.last[0]", kind="str", value="v")
    unknown, known = lines_of({"app.py": code}, leaf), lines_of({"app.py": code}, leaf, "b")
    assert (unknown.likely, known.likely, known.all[0].line) == (2, 1, 5)


@pytest.mark.parametrize("made", ["function init(r) {", "const init = (r) => {"])
def test_a_place_is_followed_through_a_function_that_an_object_has_by_its_own_name(made):
    code = f"""\
module.exports = function configure() {{
  let locale = 'de';
  {made}
    locale = r.accepted;
  }};
  const text = (key) => key;
  return {{ init, text, size: 3 }};
}};
"""
    path = "app.handler.[[closure]].i18n.init.[[closure]].locale"
    leaf = StateLeaf(root=NODE_ROOT, carrier="app.i18n", path=path, kind="string", value="is")
    assert holder_of({"i18n.js": code}, leaf).path == "app.i18n.init.[[closure]].locale"
    assert lines_of({"i18n.js": code}, leaf).all[0].line == 4


@pytest.mark.parametrize(
    ("root", "file", "code", "path", "named"),
    [
        (
            NODE_ROOT,
            "app.mjs",
            "class Hooks { all = []; use(f) { this.all.push(f); } }\nclass Api { parts = { before: new Hooks() }; }\n",
            "app.api.parts.before.all[0].f.[[closure]].who",
            "app.api.parts.before.all",
        ),
        (
            PYTHON_ROOT,
            "app.py",
            "class Hooks:\n    def use(self, f):\n        self.all.append(f)\nparts = {'before': Hooks()}\n",
            "app.parts['before'].all[0].__closure__['who']",
            "app.parts['before'].all",
        ),
    ],
)
def test_a_place_is_followed_through_an_object_that_stands_in_the_code_as_a_part(root, file, code, path, named):
    leaf = StateLeaf(
        root=root, carrier=".".join(path.split(".")[:2]).partition("[")[0], path=path, kind="str", value="x"
    )
    assert holder_of({file: code}, leaf).path == named


@pytest.mark.parametrize(
    ("path", "named", "line"),
    [
        ("app.Page.prototype.banner.[[closure]].said", "app.Page.prototype.banner", 7),
        ("app.Page.prototype.full.[[closure]].kept", "app.Page.prototype.full.[[closure]].kept", 12),
    ],
)
def test_a_place_is_followed_through_the_methods_of_a_class(path, named, line):
    code = """\
class Page {
  banner() {}
  full() {}
}
export const handler = (event) => {
  const { said } = event;
  Page.prototype.banner = () => said;
};
const memoize = (method) => {
  let kept;
  return function () {
    kept ??= method.call(this);
    return kept;
  };
};
Page.prototype.full = memoize(Page.prototype.full);
"""
    leaf = StateLeaf(root=NODE_ROOT, carrier="app.Page", path=path, kind="string", value="ann")
    assert holder_of({"app.mjs": code}, leaf).path == named
    found = lines_of({"app.mjs": code}, leaf)
    assert [each.line for each in found.all[: found.likely]] == [line]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("app.client.stack.add.[[closure]].entries[0].f.[[closure]].who", "app.client.stack"),
        ("app.client.add.[[closure]].entries[0]", "app.client"),
        ("app.client.config.sign.[[closure]].key", "app.client"),
        ("app.client.stack.seen", "app.client"),
    ],
    ids=["what a part's method holds", "what its own method holds", "what the code does not name", "no function"],
)
def test_of_a_package_s_object_the_part_is_named_whose_method_the_code_calls(path, named):
    place = StateLeaf(
        root="node-module", carrier="app.client", path=path, kind="string", value="x", package="stack", version="1"
    )
    code = "const client = make();\nexports.handler = async ({ who }) => { client.stack.add(() => who); };\n"
    assert holder_of({"app.js": code}, place).path == named
    if named == "app.client.stack":
        lines = lines_of({"app.js": code}, place)
        assert [(line.line, line.role) for line in lines.all[: lines.likely]] == [(2, "written")]


@pytest.mark.parametrize(
    ("path", "more", "named"),
    [
        ("app.book.defaults['notes'][0]", "", "app.book.defaults"),
        ("app.book.values.notes[0]", "", "app.book.values.notes"),
        ("app.book.__notes__[0]", "", "app.book.__notes__"),
        ("app.book._private.kept", "", "app.book"),
        ("app.book.getvalue()", "", "app.book"),
        ("app.book.gi_frame.f_locals['who']", "", "app.book"),
        ("app.book.cache['ann'].name", "", "app.book"),
        ("app.book.monthly.cache['ann'].name", "", "app.book"),
        ("app.book.ann", "setattr(book, event['name'], 1)", "app.book"),
        ("app.book.ann", "book.__dict__.update(event)", "app.book"),
        ("app.book.ann", "vars(book).update(event)", "app.book"),
        ("app.book.ann", "setattr(book, event['name'], 1); book.ann", "app.book.ann"),
        ("app.book.reader", "class Card:\n        reader: str", "app.book"),
    ],
)
def test_of_a_librarys_object_the_public_attribute_is_named_that_no_code_sets_by_a_computed_name(path, more, named):
    code = f"book = Book()\ndef handler(event, context):\n    {more or 'pass'}\n"
    leaf = StateLeaf(root=PYTHON_ROOT, carrier="app.book", path=path, kind="str", value="ann-55")
    assert holder_of({"app.py": code}, leaf).path == named


def test_of_a_module_that_was_loaded_from_tmp_no_variable_is_named():
    place = "sys.modules['rules']"
    leaf = StateLeaf(root=PYTHON_ROOT, carrier=place, path=f"{place}.owner", kind="str", value="ann-55")
    assert holder_of({"app.py": "def handler(event, context):\n    load(event)\n"}, leaf).path == place


def test_another_variable_whose_name_begins_alike_is_no_step_of_the_path():
    code = "let page;\nconst pageOf = () => (page ??= make());\nexports.handler = (e) => pageOf().add(e);\n"
    path = "app.pageOf.[[module]].page[Symbol(state)].list[0]"
    leaf = StateLeaf(root=NODE_ROOT, carrier="app.page", path=path, kind="string", value="ann-55")
    assert holder_of({"app.js": code}, leaf).rest == "[Symbol(state)].list[0]"
