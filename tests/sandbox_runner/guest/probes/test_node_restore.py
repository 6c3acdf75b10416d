"""The same for Node, where a module's variable is reached through lines that the host puts behind the module's own."""

import json

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
    ("a prototype", "", "const before = ({}).u ?? 'x'; Object.prototype.u = who;", "Object.prototype.u"),
]


def answers(play_node, app, place):
    files = within_reach({"app.mjs": app}, [place])
    return play_node(files["app.mjs"], A, B, restore=json.dumps({"after": 1, "places": [place]})).answers


@pytest.mark.parametrize(("what", "module", "remember", "place"), PLACES, ids=[what for what, *_ in PLACES])
def test_a_place_that_is_put_back_is_what_it_was_after_init(play_node, what, module, remember, place):
    app = f"{module}\nexport const handler = async ({{ who }}) => {{ {remember} return before; }};"
    assert answers(play_node, app, place) == ["x", "x"]


def test_a_place_that_cannot_be_reached_changes_nothing(play_node):
    app = "let last = 'x';\nexport const handler = async ({ who }) => { const b = last; last = who; return b; };"
    assert answers(play_node, app, "app.nothing") == ["x", "alice-7Qx"]
