"""Of several lines that write to a place, the one that a request can have run."""

from __future__ import annotations

import pytest

from sandbox_runner.events.records import StateLeaf
from sandbox_runner.handler_code.source_lines import lines_of

PYTHON = """\
class Words:
    def __init__(self):
        self.values = {}
    def default(self, name, value):
        self.values[name] = value
        return self
    def read(self, words):
        for word in words:
            self.values[word[0]] = word[1]
words = Words().default("day", "today")
def handler(event, context):
    words.read(event["words"])
"""
NODE = """\
class Words {
  values = {};
  default(name, value) { this.values[name] = value; return this; }
  read(given) {
    for (const [name, value] of given) this.values[name] = value;
  }
}
const words = new Words().default('day', 'today');
export const handler = async (event) => words.read(event.words);
"""
EMITTER = """\
class Port extends EventEmitter {
  write(line, done) { setImmediate(done); }
}
const port = new Port();
export const handler = async (event) => {
  port.write(event.line, () => {
    port.on('data', () => console.log(event.name));
  });
};
"""
STREAM = """\
class Port(Base):
    def send(self, line):
        schedule(line)
port = Port()
def handler(event, context):
    port.send(event["line"])
    port.names.append(event["name"])
"""
CLIENT = """\
class Client:
    def __init__(self):
        self.cookies = SimpleCookie()
    def send(self, path):
        received = upstream(path)
        self.cookies.load(received["set-cookie"])
class Proxy:
    def __init__(self, client):
        self.client = client
    def answer(self, event):
        return self.client.send(event["path"])
proxy = Proxy(Client())
"""
NODE_CLIENT = """\
class Client {
  cookies = new Jar();
  add(path) {
    this.cookies.load(upstream(path));
  }
}
class Proxy {
  constructor(client) { this.client = client; }
  answer(event) { return this.client.add(event.path); }
}
const proxy = new Proxy(new Client());
"""


@pytest.mark.parametrize(
    ("file", "code", "path", "expected"),
    [
        ("app.py", PYTHON, "app.words.values['who']", [9]),
        ("app.py", PYTHON + '    words.default("day", event["day"])\n', "app.words.values['who']", [5, 9]),
        ("app.py", PYTHON + "make = words.default\n", "app.words.values['who']", [5, 9]),
        ("app.mjs", NODE, "app.words.values.who", [5]),
        ("app.mjs", NODE.replace("words.read(", "words.default('a', event).read("), "app.words.values.who", [3, 5]),
    ],
)
def test_what_only_the_modules_own_code_calls_ran_before_any_request(file, code, path, expected):
    assert written(file, code, path) == expected


@pytest.mark.parametrize(
    ("file", "code", "path", "expected"),
    [
        ("app.mjs", EMITTER, "app.port._events.data.[[closure]].event.name", [7]),
        ("app.mjs", EMITTER.replace("port.on(", "other("), "app.port._events.data.[[closure]].event.name", [6]),
        ("app.py", STREAM, "app.port.names[0]", [7]),
        ("app.py", CLIENT, "app.proxy.client.cookies['sid']['path']", [6]),
        ("app.mjs", NODE_CLIENT, "app.proxy.client.cookies.sid.path", [4]),
    ],
)
def test_a_call_of_the_codes_own_method_says_less_than_what_writes_by_itself(file, code, path, expected):
    assert written(file, code, path) == expected


def written(file, code, path):
    root = "python-module" if file == "app.py" else "node-module"
    leaf = StateLeaf(root=root, carrier=".".join(path.split(".")[:2]), path=path, kind="str", value="ann-55")
    found = lines_of({file: code}, leaf)
    return [line.line for line in found.all[: found.likely]]
