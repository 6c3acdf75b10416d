"""The Node probe in AWS's own runtime clients, on both generations of them."""

import pytest

A, B = {"who": "alice-7Qx"}, {"who": "bob-91Kz"}

# Each has names of its own, so that one function holds them all.
HOLDERS = [
    ("a module's variable", "let last = null;", "last = who;", "app.handler.[[module]].last", "app.last"),
    ("an exported variable", "export let out = null;", "out = who;", "app.out", "app.out"),
    ("an object", "const cache = {};", "cache.k = who;", "app.handler.[[module]].cache.k", "app.cache"),
    ("a key", "const seen = {};", "seen[who] = 1;", "app.handler.[[module]].seen['alice-7Qx']", "app.seen"),
    ("an array", "const a = [];", "a.push({w: who});", "app.handler.[[module]].a[0].w", "app.a"),
    ("a map", "const m = new Map();", "m.set('k', who);", "app.handler.[[module]].m.get('k')", "app.m"),
    (
        "a map with keys that are none",
        "const n = new Map([[null, 1], [undefined, 2]]);",
        "n.set('k', who);",
        "app.handler.[[module]].n.get('k')",
        "app.n",
    ),
    ("a set", "const s = new Set();", "s.add(who);", "app.handler.[[module]].s{…}", "app.s"),
    (
        "a private field",
        "class Private { #u = null; put(x) { this.#u = x; } }\nconst own = new Private();",
        "own.put(who);",
        "app.handler.[[module]].own.#u",
        "app.own",
    ),
    ("a static field", "class S { static u = null; }", "S.u = who;", "app.handler.[[module]].S.u", "app.S"),
    (
        "a closure",
        "const put = (() => { let old; return (x) => { const was = old; old = x; return was; }; })();",
        "put(who);",
        "app.handler.[[module]].put.[[closure]].old",
        "app.put",
    ),
    ("a global", "", "globalThis.user = who;", "globalThis.user", "globalThis.user"),
    ("the environment", "", "process.env.WHO = who;", "process.env.WHO", "process.env.WHO"),
    ("a settled promise", "let p;", "p = Promise.resolve(who);", "app.handler.[[module]].p.[[PromiseResult]]", "app.p"),
    (
        "a proxy",
        "const proxy = new Proxy({}, {});",
        "proxy.u = who;",
        "app.handler.[[module]].proxy.[[Target]].u",
        "app.proxy",
    ),
    ("a buffer", "let b;", "b = Buffer.from(who);", "app.handler.[[module]].b", "app.b"),
    (
        "a weak map",
        "const k = {}; const w = new WeakMap();",
        "w.set(k, who);",
        "app.handler.[[module]].w.get(…0)",
        "app.w",
    ),
    ("an attribute of a function", "function f() {}", "f.user = who;", "app.handler.[[module]].f.user", "app.f"),
    ("a prototype", "class P {}", "P.prototype.user = who;", "app.handler.[[module]].P.prototype.user", "app.P"),
    (
        "a method's closure",
        "class M { say() {} }",
        "M.prototype.say = () => who;",
        "app.handler.[[module]].M.prototype.say.[[closure]].who",
        "app.M",
    ),
]


def test_every_place_that_holds_the_first_request_s_value_is_named(play_node):
    modules, remembering = ("\n".join(holder[part] for holder in HOLDERS) for part in (1, 2))
    app = f"{modules}\nexport const handler = async (e) => {{ const who = e.who;\n{remembering}\nreturn 1; }};\n"

    played = play_node(app, A, B)

    assert played.answers == [1, 1], played.output
    held, carriers = played.leaves(1), played.carriers(1)
    for description, _, _, path, carrier in HOLDERS:
        assert path in held, (description, held)
        assert held[path] == "alice-7Qx" or "alice-7Qx" in path, description
        assert carriers[path] == carrier, description


def test_it_walks_once_after_init_and_once_after_each_answer(play_node):
    played = play_node("let n = 0;\nexport const handler = async () => ++n;\n", 1, 2)
    assert [(f["after"], f["request_id"]) for f in played.frames] == [
        ("init", ""),
        ("invoke", "request-1"),
        ("invoke", "request-2"),
    ]
    assert [played.leaves(i)["app.handler.[[module]].n"] for i in range(3)] == ["0", "1", "2"]


def test_a_function_s_variable_is_not_taken_for_that_of_its_commonjs_module(play_node):
    context = "module.exports = function context() { const data = {}; return (k, v) => { data[k] = v; }; };\n"
    app = "const put = require('./context')();\nexports.handler = async (e) => { put('who', e); return 1; };\n"
    played = play_node(app, "v-1", name="app.js", files={"context.js": context})
    assert played.carriers(1)["app.handler.[[closure]].put.[[closure]].data.who"] == "app.put"


@pytest.mark.parametrize("name", ["app.js", "app.cjs"])
def test_a_commonjs_module_s_variable_is_named(play_node, name):
    played = play_node("let last = null;\nexports.handler = async (e) => { last = e; return 1; };\n", "v-1", name=name)
    assert played.leaves(1)["app.handler.[[closure]].last"] == "v-1"
    assert played.carriers(1)["app.handler.[[closure]].last"] == "app.last"


@pytest.mark.parametrize(
    ("name", "files"),
    [("store.mjs", {}), ("store.js", {"lib/package.json": '{"type": "module"}'}), ("store.js", {})],
    ids=["by its name", "by its package", "by its text"],
)
def test_an_imported_module_is_walked_under_its_own_name(play_node, name, files):
    played = play_node(
        f"import {{ put }} from './lib/{name}';\nexport const handler = async (e) => {{ put(e); return 1; }};\n",
        "v-1",
        files={
            f"lib/{name}": "let last = null;\nexport const put = (x) => { const o = last; last = x; return o; };\n",
            **files,
        },
    )
    assert "lib/store.last" in played.carriers(1).values()


def test_a_module_that_is_imported_late_is_walked_too(play_node):
    played = play_node(
        "export const handler = async (e) => { const s = await import('./store.mjs'); s.put(e); return 1; };\n",
        "v-1",
        files={"store.mjs": "let last = null;\nexport const put = (x) => { const o = last; last = x; return o; };\n"},
    )
    assert "store.last" in played.carriers(1).values()


def test_a_failing_handler_is_followed_by_a_walk_as_well(play_node):
    played = play_node("let last;\nexport const handler = async (e) => { last = e; throw new Error('x'); };\n", "v-1")
    assert played.leaves(1)["app.handler.[[module]].last"] == "v-1"
    error = next(body for kind, body in played.posts if kind == "error")
    assert "probe" not in str(error["trace"])


def test_getters_and_traps_are_not_run_by_looking(play_node):
    app = """
let hits = 0;
const getter = { get x() { hits++; return 1; } };
const trap = new Proxy({}, { get() { hits++; }, ownKeys() { hits++; return []; }, has() { hits++; return false; },
  getOwnPropertyDescriptor() { hits++; }, getPrototypeOf() { hits++; return null; } });
class S { get p() { hits++; return 1; } toString() { hits++; return ''; } [Symbol.iterator]() { hits++; } }
const s = new S();
export const handler = async () => { const n = hits; return [n, typeof getter, typeof trap, typeof s]; };
"""
    assert [answer[0] for answer in play_node(app, 1, 2, 3).answers] == [0, 0, 0]


def test_arguments_and_globals_show_nothing_of_the_probe(play_node):
    app = (
        "export const handler = async () => [process.execArgv, process.argv.slice(2), new Error('x').stack,\n"
        "  Object.getOwnPropertyNames(globalThis).filter((n) => n.includes('holdover'))];\n"
    )
    options, arguments, stack, names = play_node(app, 1, 2).answers[1]
    assert (options, arguments, names) == ([], ["app.handler"], [])
    assert "probe" not in stack


def test_an_unfinished_import_does_not_hold_up_the_function(play_node):
    played = play_node(
        "export const handler = async (e) => { import('./slow.mjs'); return e; };\n",
        1,
        2,
        files={"slow.mjs": "await new Promise((r) => setTimeout(r, 20_000));\n"},
    )
    assert played.answers == [1, 2]


@pytest.mark.parametrize(
    ("app", "error_type"),
    [
        ("import './nowhere.mjs';\n", "Error"),
        ("export const handler = (\n", "Runtime.UserCodeSyntaxError"),
        ("export const x = 1;\n", "Runtime.HandlerNotFound"),
    ],
)
def test_what_cannot_be_loaded_is_reported_as_ever(play_node, app, error_type):
    played = play_node(app, 1)
    assert [body["errorType"] for _, body in played.posts] == [error_type]
    assert "probe" not in str(played.posts)


def test_the_number_of_leaves_is_bounded_and_the_cut_is_said(play_node):
    app = "const r = [...Array(300).keys()].map((i) => [i, `${i}`]);\nexport const handler = async () => r.length;\n"
    played = play_node(app, 1, leaves=50)
    assert len(played.frames[1]["leaves"]) == 50
    assert played.frames[1]["truncated"]


def test_of_a_large_container_the_newest_entries_are_kept(play_node):
    app = (
        "const m = new Map([...Array(50_000).keys()].map((i) => [i, i]));\n"
        "export const handler = async (e) => { m.set('new', e); return 1; };\n"
    )
    played = play_node(app, "v-1")
    assert played.leaves(1)["app.handler.[[module]].m.get('new')"] == "v-1"
    assert played.frames[1]["truncated"]


def test_built_in_modules_are_not_walked(play_node):
    app = (
        "import fs from 'node:fs';\nimport * as path from 'node:path';\nlet n = 0;\n"
        "export const handler = async () => [fs.constants.F_OK, path.sep, ++n];\n"
    )
    played = play_node(app, 1)
    assert len(played.frames[1]["leaves"]) < 5, played.leaves(1)


def test_what_changes_from_request_to_request_is_seen_each_time(play_node):
    """What the probe remembers of functions and objects must not hide what becomes of them."""
    app = """
class Private { #u = null; static #s = null; put(x) { this.#u = x; } static put(x) { Private.#s = x; } }
const one = new Private();
const put = (() => { let last; return (x) => { const old = last; last = x; return old; }; })();
function* talk() { let kept = null; for (;;) { kept = yield kept; } }
const told = talk();
told.next();
const key = {};
const weak = new WeakMap();
let settle;
const promise = new Promise((resolve) => { settle = resolve; });
let plain = null;
export const handler = async (e) => {
  one.put(e); Private.put(e); put(e); told.next(e);
  weak.set(key, e); plain = e; settle(e); void promise;
  return 1;
};
"""
    module = "app.handler.[[module]]"
    places = [
        "one.#u",
        "Private.#s",
        "put.[[closure]].last",
        "told.[[Generator]].kept",
        "weak.get(…0)",
        "plain",
    ]
    played = play_node(app, "v-1", "v-2", "v-3")
    for number in (1, 2, 3):
        held = played.leaves(number)
        assert [held[f"{module}.{place}"] for place in places] == [f"v-{number}"] * len(places), held
        assert held[f"{module}.promise.[[PromiseResult]]"] == "v-1"


def test_a_module_that_is_required_again_is_walked_under_its_name(play_node):
    played = play_node(
        "exports.handler = async (e) => {\n"
        "  delete require.cache[require.resolve('./store')];\n"
        "  exports.put = require('./store').put; exports.put(e); return 1; };\n",
        "v-1",
        "v-2",
        name="app.cjs",
        files={"store.js": "let last = null;\nexports.put = (x) => { const o = last; last = x; return o; };\n"},
    )
    for number in (1, 2):
        assert f"v-{number}" in [leaf[4] for leaf in played.frames[number]["leaves"] if leaf[1] == "store.last"]


STACK = {
    "../node_modules/stack/index.js": """
const shared = Array.from({ length: 5000 }, (_, n) => ({ n }));
module.exports = () => {
  const entries = [];
  return { add: (f) => entries.push({ f }), run: (x) => entries.map(({ f }) => f(x)), shared: () => shared };
};
""",
    "../node_modules/stack/package.json": '{"name": "stack", "version": "1.2.3"}',
}


def test_what_functions_of_a_package_beside_the_folder_close_over_is_walked_and_nothing_else_of_it(play_node):
    app = (
        "import makeStack from 'stack';\nconst client = { stack: makeStack() };\n"
        "export const handler = async ({ who }) => { client.stack.add(() => who); return client.stack.run(0); };\n"
    )
    played = play_node(app, A, B, files=STACK)
    assert played.answers == [["alice-7Qx"], ["alice-7Qx", "bob-91Kz"]], played.output
    stack = "app.handler.[[module]].client.stack.add"
    found = {path: value for path, value in played.leaves(1).items() if "stack" in path}
    assert found == {f"{stack}.[[closure]].entries[0].f.[[closure]].who": "alice-7Qx"}
    assert played.frames[1]["packages"] == [[stack, "stack", "1.2.3"]]
    assert [frame["truncated"] for frame in played.frames] == [False] * 3


def test_a_worker_thread_is_a_place_of_the_process(play_node):
    app = (
        "import { Worker } from 'node:worker_threads';\n"
        'const code = \'require("node:worker_threads").parentPort.on("message", () => {})\';\n'
        "new Worker(code, { eval: true }).unref();\nexport const handler = async () => 1;\n"
    )
    held = play_node(app, 1).leaves(1)
    assert {path: value for path, value in held.items() if "thread" in path} == {"worker thread 1": "runs"}


def test_nothing_is_walked_where_a_place_is_put_back(play_node):
    played = play_node("export const handler = async () => 1;\n", 1, restore='{"after": 0, "places": []}')
    assert (played.answers, played.frames) == ([1], [])
