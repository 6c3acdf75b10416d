"""A regression test to commit: it plays the run's scenario on the current code by command line. Pure.

The scenario is ASCII JSON inside a literal of the language. JSON escapes each quote inside a text, and two texts never
touch, so three quotes never follow each other and a raw Python literal can hold it. JavaScript gets the lines as
strings, because an object literal would give the key ``__proto__`` a meaning.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from playground.exports.origin import one_line
from playground.i18n.marking import told
from sandbox_runner.results.model import Verdict
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.stand_ins import said_of

if TYPE_CHECKING:
    from playground.exports.origin import Origin
    from sandbox_runner.results.model import RunResult

SENTENCE_MAX: Final = 300
_FAILING: Final = (Verdict.LEAK, Verdict.HISTORY_DEPENDENT, Verdict.RETAINED)

_PYTHON: Final = '''\
"""Plays a scenario that Holdover kept, and fails while its verdict is {grade} or graver.

From {url}, which said:
{sentence}
"""

import json
import subprocess
import sys
from pathlib import Path

# Where the function's files are now; of several functions each in a folder of its name. One that is not there is
# played as it was in the run.
CODE = Path(__file__).parent

SCENARIO = json.loads(r"""{scenario}""")

# What says which packages are installed, by the file that it was made from. Where that has changed, a new one is made.
LOCKS = json.loads(r"""{locks}""")


def test_one_request_does_not_hold_over_to_another():
    current = []
    for folder, function in (SCENARIO.get("functions") or {{"": SCENARIO.get("function")}}).items():
        files, changed = function["files"], set()
        for name in files:
            file = CODE / folder / name
            if file.is_file():
                text = file.read_text("utf-8")
                changed |= {{name}} if text != files[name] else set()
                files[name] = text
                current.append(str(Path(folder, name)))
        for made_from, lock in LOCKS.items():
            if made_from in changed and lock not in changed:
                files.pop(lock, None)
    done = subprocess.run(
        [sys.executable, "-m", "sandbox_runner", "run", "-", "--fail-on", "{grade}"],
        input=json.dumps(SCENARIO),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    played = ", ".join(sorted(current)) or "only the files of the run"
    assert done.returncode in (0, 1), f"It could not be played: {{done.stderr}}"
    assert done.returncode == 0, f"Played from {{CODE}}: {{played}}\\n{{done.stdout}}"
'''

_NODE: Final = """\
// Plays a scenario that Holdover kept, and fails while its verdict is {grade} or graver.
// From {url}, which said:
// {sentence}
import assert from "node:assert/strict";
import {{ spawnSync }} from "node:child_process";
import {{ existsSync, readFileSync }} from "node:fs";
import {{ test }} from "node:test";

// Where the function's files are now; of several functions each in a folder of its name. One that is not there is
// played as it was in the run.
const CODE = new URL("./", import.meta.url);

const SCENARIO = JSON.parse([
{scenario}
].join("\\n"));

// What says which packages are installed, by the file that it was made from. Where that has changed, a new one is made.
const LOCKS = {locks};

test("one request does not hold over to another", () => {{
  const current = [];
  for (const [folder, {{ files }}] of Object.entries(SCENARIO.functions ?? {{ "": SCENARIO.function }})) {{
    const changed = new Set();
    for (const name of Object.keys(files)) {{
      const path = folder ? `${{folder}}/${{name}}` : name;
      const file = new URL(path.split("/").map(encodeURIComponent).join("/"), CODE);
      if (!existsSync(file)) continue;
      const text = readFileSync(file, "utf-8");
      if (text !== files[name]) changed.add(name);
      files[name] = text;
      current.push(path);
    }}
    for (const [madeFrom, lock] of Object.entries(LOCKS)) {{
      if (changed.has(madeFrom) && !changed.has(lock)) delete files[lock];
    }}
  }}
  const done = spawnSync(
    process.env.PYTHON ?? "python3",
    ["-m", "sandbox_runner", "run", "-", "--fail-on", "{grade}"],
    {{ input: JSON.stringify(SCENARIO), encoding: "utf-8" }},
  );
  assert.ok(done.status === 0 || done.status === 1, `It could not be played: ${{done.error ?? done.stderr}}`);
  const played = current.sort().join(", ") || "only the files of the run";
  assert.equal(done.status, 0, `Played from ${{CODE}}: ${{played}}\\n${{done.stdout}}`);
}});
"""


def pytest_file(result: RunResult, origin: Origin) -> str:
    """A file for pytest; ``sandbox_runner`` must be importable."""
    said = {"url": origin.url, "sentence": _sentence(result), "locks": _locks(result)}
    return _PYTHON.format(grade=_grade(result), scenario=_scenario(result, indent=1), **said)


def node_test_file(result: RunResult, origin: Origin) -> str:
    """A module for ``node --test``; ``PYTHON`` names the interpreter that has ``sandbox_runner``."""
    lines = ",\n".join(f"  {json.dumps(line)}" for line in _scenario(result, indent=1).split("\n"))
    said = {"url": origin.url, "sentence": _sentence(result), "locks": _locks(result)}
    return _NODE.format(grade=_grade(result), scenario=lines, **said)


def _grade(result: RunResult) -> str:
    """The run's own verdict if a test can fail on it; a leak always fails it."""
    return (result.verdict if result.verdict in _FAILING else Verdict.LEAK).value


def _sentence(result: RunResult) -> str:
    """Make text safe in a comment and in a docstring: one line, without anything that could end or escape either."""
    said = (*result.verdict_messages, *said_of(result.backend.played_on))
    return one_line(told(*said), SENTENCE_MAX).replace("\\", "/").replace('"', "'")


def _locks(result: RunResult) -> str:
    """The file names of locks by those of what they are made from; names of ours, which need no escape."""
    asked = [registry.runtime_of(each).language.packages for each in result.scenario.runtimes]
    return json.dumps({each.manifest: each.lock for each in asked if each and result.dependencies})


def _scenario(result: RunResult, indent: int) -> str:
    """The scenario with the locks that the run had among its files, so that the same packages are installed."""
    scenario = result.scenario
    for each in result.dependencies:
        name = scenario.name_of(each.function)
        scenario = scenario.with_files(name, {**scenario.functions[name].files, each.file: each.lock})
    return json.dumps(scenario.to_json(), indent=indent, ensure_ascii=True, allow_nan=False)
