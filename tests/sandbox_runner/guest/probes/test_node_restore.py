"""The same for Node, where a module's variable is reached through lines that the host puts behind the module's own."""

import json
import shutil
import uuid
from pathlib import Path

import pytest

from sandbox_runner.proof.node_accessors import within_reach

A, B = {"who": "alice-7Qx"}, {"who": "bob-91Kz"}

PLACES = [
    ("a variable", "let last = 'x';", "const before = last; last = who;", "app.last"),
    ("a variable without a value", "let last;", "const before = last ?? 'x'; last = who;", "app.last"),
    ("a map", "const m = new Map([['k', 'x']]);", "const before = m.get('k'); m.set('k', who);", "app.m"),
    ("a set", "const s = new Set(['x']);", "const before = [...s].at(-1); s.add(who);", "app.s"),
    ("an array", "const a = ['x'];", "const before = a.at(-1); a.push(who);", "app.a"),
    ("an object in an object", "const o = { k: { n: 'x' } };", "const before = o.k.n; o.k.n = who;", "app.o"),
    ("a static field", "class S { static u = 'x'; }", "const before = S.u; S.u = who;", "app.S"),
    (
        "a map in a closure",
        "const f = (() => { const m = new Map(); return (w) => [m.get(1) ?? 'x', m.set(1, w)]; })();",
        "const [before] = f(who);",
        "app.f",
    ),
    ("a global", "", "const before = globalThis.u ?? 'x'; globalThis.u = who;", "globalThis.u"),
    ("the environment", "", "const before = process.env.W ?? 'x'; process.env.W = who;", "process.env.W"),
    (
        "a private field",
        "class S { #u = 'x'; swap(u) { const b = this.#u; this.#u = u; return b; } }\nconst s = new S();",
        "const before = s.swap(who);",
        "app.s",
    ),
    (
        "a private map of what came into a list later",
        (
            "class C { #m = new Map(); swap(w) { const b = this.#m.get(1) ?? 'x'; this.#m.set(1, w); return b; } }\n"
            "const l = [];"
        ),
        "l[0] ??= new C(); const before = l[0].swap(who);",
        "app.l[0].#m",
    ),
    (
        "a static private field",
        "class S { static #u = 'x'; static swap(u) { const b = S.#u; S.#u = u; return b; } }",
        "const before = S.swap(who);",
        "app.S",
    ),
    (
        "a weak map",
        "const k = {}; const w = new WeakMap([[k, 'x']]);",
        "const before = w.get(k); w.set(k, who);",
        "app.w",
    ),
    (
        "a weak set",
        "const k = {}; const w = new WeakSet();",
        "const before = w.has(k) ? 'told' : 'x'; w.add(k);",
        "app.w",
    ),
    (
        "a generator",
        (
            "function* talk() { let k = 'x'; let a; for (;;) { const said = yield a; a = k; k = said; } }\n"
            "const told = talk();\ntold.next();"
        ),
        "const before = told.next(who).value;",
        "app.told",
    ),
    (
        "the store of a context",
        "import { AsyncLocalStorage } from 'node:async_hooks';\nconst c = new AsyncLocalStorage();",
        "const before = c.getStore() ?? 'x'; c.enterWith(who);",
        "app.c",
    ),
    (
        "a timer",
        "const o = { u: 'x' };",
        "await new Promise((r) => setTimeout(r, 40)); const before = o.u; setTimeout(() => { o.u = who; }, 20);",
        "timers.setTimeout",
    ),
    (
        "an interval",
        "let count = 0;",
        (
            "const n = count; await new Promise((r) => setTimeout(r, 40)); const before = n === count ? 'x' : 'y';"
            " setInterval(() => { count += 1; }, 5);"
        ),
        "timers.setInterval",
    ),
    (
        "a listener of the process",
        "",
        "let before = 'x'; process.emit('told', (said) => { before = said; }); process.on('told', (f) => f(who));",
        "process.on('told')",
    ),
    (
        "a child process",
        "import { spawn } from 'node:child_process';\nlet child; let said = 'x';",
        (
            "const before = child && child.signalCode === null && child.exitCode === null ? 'runs' : 'x';"
            " child ??= spawn('sleep', ['5']);"
        ),
        "child process sleep 5",
    ),
    (
        "a method of a class",
        "class P { say() { return 'x'; } }",
        "const before = new P().say(); P.prototype.say = () => who;",
        "app.P",
    ),
    ("a prototype", "", "const before = ({}).u ?? 'x'; Object.prototype.u = who;", "Object.prototype.u"),
]


def answers(play_node, app, place):
    files = within_reach({"app.mjs": app}, [place])
    return play_node(files["app.mjs"], A, B, restore=json.dumps({"after": 1, "places": [place]})).answers


@pytest.mark.parametrize("place_of", PLACES, ids=[what for what, *_ in PLACES])
def test_a_place_that_is_put_back_is_what_it_was_after_init(play_node, place_of):
    _, module, remember, place = place_of
    app = f"{module}\nexport const handler = async ({{ who }}) => {{ {remember} return before; }};"
    assert answers(play_node, app, place) == ["x", "x"]


@pytest.mark.parametrize("is_there", [False, True])
def test_what_came_into_a_folder_of_tmp_is_taken_away_and_the_rest_stays(play_node, is_there):
    path = Path(f"/tmp/holdover-{uuid.uuid4()}")
    app = (
        "import fs from 'node:fs';\nexport const handler = async ({ who }) => {\n"
        f"  const before = fs.existsSync('{path}') ? fs.readdirSync('{path}') : [];\n"
        f"  fs.mkdirSync('{path}', {{ recursive: true }}); fs.writeFileSync('{path}/' + who, '');\n"
        "  return before;\n};"
    )
    if is_there:
        path.mkdir()
        path.joinpath("kept").touch()
    try:
        assert answers(play_node, app, str(path)) == ([["kept"], ["kept"]] if is_there else [[], []])
    finally:
        shutil.rmtree(path, ignore_errors=True)


def test_a_place_that_cannot_be_reached_changes_nothing(play_node):
    app = "let last = 'x';\nexport const handler = async ({ who }) => { const b = last; last = who; return b; };"
    assert answers(play_node, app, "app.nothing") == ["x", "alice-7Qx"]


# Several in one process: each is put back, and what stands beside it is not.
INNER = {
    "app.s.user": ("class S { user = 'x'; beside = 'x'; }\nconst s = new S();", "s.user", "s.beside"),
    "app.p.#user": (
        (
            "class P { #user = 'x'; beside = 'x'; get u() { return this.#user; } set u(v) { this.#user = v; } }\n"
            "const p = new P();"
        ),
        "p.u",
        "p.beside",
    ),
    "app.c['who is it']": ("const c = { 'who is it': 'x', beside: 'x' };", "c['who is it']", "c.beside"),
    "app.a[0].user": ("const a = [{ user: 'x' }, { user: 'x' }];", "a[0].user", "a[1].user"),
    "app.o.inner.user": ("const o = { inner: { user: 'x' }, beside: 'x' };", "o.inner.user", "o.beside"),
    "globalThis.state.user": ("globalThis.state = { user: 'x', beside: 'x' };", "state.user", "state.beside"),
    "console.debug": ("console.debug = 'x'; console.beside = 'x';", "console.debug", "console.beside"),
    "Math.random": ("Math.random = 'x'; Math.beside = 'x';", "Math.random", "Math.beside"),
    "Date.now": ("Date.now = 'x'; Date.beside = 'x';", "Date.now", "Date.beside"),
    "os.hostname": ("import os from 'node:os';\nos.hostname = 'x'; os.beside = 'x';", "os.hostname", "os.beside"),
    "app.f.[[closure]].kept.user": (
        "const f = (() => { const kept = { user: 'x' }; const other = { user: 'x' }; return () => [kept, other]; })();",
        "f()[0].user",
        "f()[1].user",
    ),
}


def test_of_an_inner_place_exactly_that_is_put_back(play_node):
    module = "\n".join(each for each, *_ in INNER.values())
    shown = ", ".join(f"[{inner}, {beside}]" for _, inner, beside in INNER.values())
    write = " ".join(f"{inner} = who; {beside} = who;" for _, inner, beside in INNER.values())
    app = (
        f"{module}\nconst m = new Map();\nexport const handler = async ({{ who }}) => {{\n"
        f"  const before = [{shown}, [m.get('k') ?? 'x', m.get('l') ?? 'x']];\n"
        f"  {write} m.set('k', who); m.set('l', who);\n  return before;\n}};\n"
    )
    places = [*INNER, "app.m.get('k')"]
    files = within_reach({"app.mjs": app}, places)
    first, second = play_node(files["app.mjs"], A, B, restore=json.dumps({"after": 1, "places": places})).answers
    assert first == [["x", "x"]] * len(places)
    assert [place for place, got in zip(places, second, strict=True) if got != ["x", "alice-7Qx"]] == []


STACK = {
    "../node_modules/stack/index.js": """
module.exports = () => {
  const entries = [];
  return { add: (f) => entries.push({ f }), run: (x) => entries.map(({ f }) => f(x)) };
};
""",
    "../node_modules/stack/package.json": '{"name": "stack", "version": "1.2.3"}',
}


@pytest.mark.parametrize("place", ["app.client", "app.client.stack"])
def test_what_a_function_of_a_package_beside_the_folder_closes_over_is_put_back(play_node, place):
    app = (
        "import makeStack from 'stack';\nclass Client { stack = makeStack(); }\nconst client = new Client();\n"
        "export const handler = async ({ who }) => {\n"
        "  const before = client.stack.run(0); client.stack.add(() => who); return before;\n};\n"
    )
    code = within_reach({"app.mjs": app}, [place])["app.mjs"]
    played = play_node(code, A, B, files=STACK, restore=json.dumps({"after": 1, "places": [place]}))
    assert played.answers == [[], []], played.output
