"""The module variables that functions write, found in the code alone."""

import pytest

from sandbox_runner.handler_code.kept_variables import kept_variables, named_files

PYTHON = """
import time
kept, CONFIG = {}, {"stage": "dev"}
cache = {}
last: str | None = None
def handler(event, context):
    global last
    cache.setdefault("user", event["user"])
    last = event["user"]
    local = []
    local.append(CONFIG["stage"])
    return time.time()
"""
NODE = """
let kept; const seen = new Map(); const config = { stage: "dev" };
export const handler = async (event) => {
  kept ??= event.user;
  seen.set(event.user, 1);
  const own = []; own.push(config.stage);
  return kept;
};
"""


@pytest.mark.parametrize(
    ("path", "code", "names"),
    [
        ("app.py", PYTHON, ("app.cache", "app.last")),
        ("lib/store.py", PYTHON, ("lib.store.cache", "lib.store.last")),
        ("index.mjs", NODE, ("index.kept", "index.seen")),
        ("src/index.ts", NODE.replace("let kept", "let kept: string"), ("src/index.kept", "src/index.seen")),
        ("data.json", "{}", ()),
        ("app.py", "def handler(:\n", ()),
    ],
)
def test_a_variable_that_a_function_writes_is_named_as_the_probes_do(path, code, names):
    assert kept_variables({path: code}) == names


def test_many_names_and_long_files_cost_no_more_than_a_glance():
    many = "".join(f"v{number} = []\n" for number in range(500)) + "def handler(e, c):\n    v499.append(e)\n"
    assert kept_variables({"app.py": many}) == ()
    assert kept_variables({"app.py": "kept = []\ndef f(e):\n    kept.append(e)\n" + "#" * 200_000}) == ()


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("FILE = pathlib.Path(\"/tmp/user\")\nopen('/tmp/a/b.json')\n", ("/tmp/user", "/tmp/a/b.json")),
        ("fs.writeFileSync(`/tmp/last`, user); fs.readFileSync('/tmp/last')", ("/tmp/last",)),
        ('f"/tmp/{user}"; "/tmp/"; "/tmpfile"; "/var/tmp/x"; "see /tmp/x"', ()),
        ("'/tmp/x'" + "#" * 200_000, ()),
    ],
    ids=["Python", "Node", "nothing that is a file's name", "too long to look at"],
)
def test_files_that_the_code_names_are_found(code, files):
    assert named_files({"app.py": code}) == files
