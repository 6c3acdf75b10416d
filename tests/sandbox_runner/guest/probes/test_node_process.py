"""The Node probe's places of the process: what is there beside the modules, and only what the function put there."""

import pytest

A, B = {"who": "alice-7Qx"}, {"who": "bob-91Kz"}

PLACES = [
    ("a timer", "", "setTimeout(() => console.log(who), 60_000);", "timers.setTimeout[0].[[closure]].who"),
    ("its arguments", "", "setTimeout(console.log, 60_000, who);", "timers.setTimeout[0].arguments[0]"),
    (
        "an interval",
        "",
        "setInterval(() => console.log(who), 60_000).unref();",
        "timers.setInterval[0].[[closure]].who",
    ),
    ("a listener of the process", "", "process.on('told', () => who);", "process.on('told').[[closure]].who"),
    ("one that waits once", "", "process.once('told', () => who);", "process.on('told').[[closure]].who"),
    (
        "a listener of a module's emitter",
        "import { EventEmitter } from 'node:events';\nconst bus = new EventEmitter();",
        "bus.on('told', () => who);",
        "app.handler.[[module]].bus._events.told.[[closure]].who",
    ),
    (
        "a generator",
        "function* talk() { let kept; for (;;) kept = yield kept; }\nconst told = talk();\ntold.next();",
        "told.next(who);",
        "app.handler.[[module]].told.[[Generator]].kept",
    ),
    (
        "a static private field",
        "class S { static #u = null; static put(x) { S.#u = x; } }",
        "S.put(who);",
        "app.handler.[[module]].S.#u",
    ),
    ("a weak set", "const k = {}; const w = new WeakSet();", "k.who = who; w.add(k);", "app.handler.[[module]].k.who"),
]


@pytest.mark.parametrize("place_of", PLACES, ids=[each[0] for each in PLACES])
def test_a_place_that_holds_the_first_request_s_value_is_named(play_node, place_of):
    description, module, remember, path = place_of
    app = f"{module}\nexport const handler = async (e) => {{ const who = e.who; {remember} return 1; }};\n"
    played = play_node(app, A)
    assert played.answers == [1], played.output
    held = played.leaves(1)
    assert held.get(path) == "alice-7Qx", (description, held)


def test_the_store_of_a_context_is_what_the_next_request_would_find(play_node):
    """With Node 22 it goes from one request to the next, with Node 24 it does not."""
    app = """
import { AsyncLocalStorage } from 'node:async_hooks';
const context = new AsyncLocalStorage();
export const handler = async (e) => {
  const before = context.getStore() ?? null;
  context.enterWith(e.who);
  return before;
};
"""
    played = play_node(app, A, B)
    shown = played.leaves(1)["app.handler.[[module]].context.getStore()"]
    assert shown == (played.answers[1] or "undefined")


def test_a_child_process_is_named_by_its_command(play_node):
    played = play_node(
        "import { spawn } from 'node:child_process';\n"
        "export const handler = async () => { spawn('sleep', ['7']).unref(); return 1; };\n",
        1,
    )
    assert played.leaves(1)["child process sleep 7"] == "runs"
    assert "child process sleep 7" not in played.leaves(0)


def test_a_connection_is_named_by_its_peer_and_a_server_is_counted(play_node):
    app = """
import net from 'node:net';
const server = net.createServer(() => {});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();
let socket;
export const handler = async () => {
  socket ??= await new Promise((resolve) => { const s = net.connect(port, '127.0.0.1', () => resolve(s)); });
  return port;
};
"""
    played = play_node(app, 1)
    assert played.leaves(1)[f"net.Socket to 127.0.0.1:{played.answers[0]}"] == "connected"
    assert played.leaves(1)["process.getActiveResourcesInfo().TCPServerWrap"] == "1"


def test_what_is_over_is_no_place_any_more(play_node):
    app = """
import { spawn } from 'node:child_process';
export const handler = async (e) => {
  const timer = setTimeout(() => e, 60_000);
  clearTimeout(timer);
  await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => spawn('true').on('close', resolve));
  const told = () => e;
  process.on('told', told);
  process.off('told', told);
  return 1;
};
"""
    played = play_node(app, A, B)
    named = [path for number in (0, 1, 2) for path in _of_process(played, number)]
    # A pipe of the child may still be closing.
    assert {path.partition(".")[0] for path in named if not path.endswith(".PipeWrap")} == set(), named


def test_the_runtime_s_own_timers_and_listeners_are_no_places(play_node):
    app = "let n = 0;\nexport const handler = async (e) => { console.log(e.who); return ++n; };\n"
    assert [_of_process(play_node(app, A, B), number) for number in (0, 1, 2)] == [[], [], []]


def test_a_thousand_timers_are_cut_and_it_is_said(play_node):
    app = (
        "export const handler = async () => {\n"
        "  for (let n = 0; n < 1000; n++) setTimeout(() => n, 60_000); return 1; };\n"
    )
    played = play_node(app, 1)
    assert len(_of_process(played, 1)) <= 200
    assert played.frames[1]["truncated"]


def _of_process(played, number):
    return [path for path in played.leaves(number) if not path.startswith("app.")]
