"""Handlers whose proof is measured: each keeps the first caller's name in one variable, unless it says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from sandbox_runner.scenario.model import Scenario

_PYTHON: Final = """import time
{imports}
time.sleep({init})
kept = {{}}
def handler(event, context):
    {keeps}
    for number in range({lines}):
        print("line", number)
    end = time.process_time() + {computes}
    while time.process_time() < end:
        pass
    time.sleep({waits})
    return {{"user": {shown}}}
"""
_NODE: Final = """{imports}
let kept;
const until = Date.now() + {init} * 1000;
while (Date.now() < until) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
exports.handler = async (event) => {{
  {keeps};
  for (let number = 0; number < {lines}; number++) console.log("line", number);
  for (const end = performance.now() + {computes} * 1000; performance.now() < end;);
  if ({waits}) await new Promise((done) => setTimeout(done, {waits} * 1000));
  return {{ user: {shown} }};
}};
"""
_TIMES_OUT: Final = """import pathlib, time
FILE = pathlib.Path("/tmp/user")
def handler(event, context):
    if not FILE.exists():
        FILE.write_text(event["user"])
    if event["first"]:
        time.sleep(10)
    return {"user": FILE.read_text()}
"""
_LATE: Final = """import threading, time
def late(user):
    time.sleep(1.5)
    print("done for", user)
def handler(event, context):
    threading.Thread(target=late, args=(event["user"],)).start()
    time.sleep(1)
    return "ok"
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One handler, and how often it is asked, each time on somebody else's behalf.

    ``bound`` is what a verdict may take: ``waits`` 3 times the run and at least 1.5 s, ``computes`` 8 times, ``many``
    3 s. What ``leaks`` not has to be called clean. ``imports`` begins the code, and ``requirements`` are its packages.
    """

    name: str
    waits: float = 0.0
    computes: float = 0.0
    init: float = 0.0
    lines: int = 0
    requests: int = 2
    node: bool = False
    code: str = ""
    imports: str = ""
    requirements: str = ""
    timeout_s: int = 30
    leaks: bool = True
    bound: Literal["waits", "computes", "many"] = "waits"

    def scenario(self) -> Scenario:
        """What is played."""
        numbers = {"waits": self.waits, "computes": self.computes, "init": self.init, "lines": self.lines}
        template = _NODE if self.node else _PYTHON
        code = self.code or template.format(**numbers, **self._kept(), imports=self.imports)
        asked = {"requirements.txt": self.requirements} if self.requirements else {}
        function: dict[str, Any] = {
            "runtime": "nodejs22.x" if self.node else "python3.13",
            "handler": "index.handler" if self.node else "app.handler",
            "timeout_s": self.timeout_s,
            "files": {"index.js" if self.node else "app.py": code, **asked},
        }
        users = [f"tenant-{number}-{number * 7919:05x}" for number in range(1, self.requests + 1)]
        payloads = [{"user": user, "first": user == users[0]} for user in users]
        steps = [{"invoke": {"as": each["user"], "payload": each}} for each in payloads]
        return Scenario.model_validate({"version": 2, "function": function, "steps": steps})

    def _kept(self) -> dict[str, str]:
        """What the handler keeps, and what it shows."""
        if not self.leaks:
            return {"keeps": "", "shown": "event.user"} if self.node else {"keeps": "pass", "shown": 'event["user"]'}
        if self.node:
            return {"keeps": "kept ??= event.user", "shown": "kept"}
        return {"keeps": 'kept.setdefault("user", event["user"])', "shown": 'kept["user"]'}

    def most_s(self, run_s: float) -> float:
        """What the verdict may take, where the run took ``run_s``."""
        return {"waits": max(1.5, 3 * run_s), "computes": max(1.5, 8 * run_s), "many": 3.0}[self.bound]


ROWS: Final = (
    Row("at once"),
    Row("waits 0.5 s", waits=0.5),
    Row("waits 1 s", waits=1.0),
    Row("waits 2 s", waits=2.0),
    Row("waits 5 s", waits=5.0),
    Row("computes 0.4 s", computes=0.4, bound="computes"),
    Row("init 1 s", init=1.0),
    Row("init 3 s", init=3.0),
    Row("init 8 s", init=8.0),
    Row("Node, waits 0.3 s", waits=0.3, node=True),
    Row("Node, waits 1 s", waits=1.0, node=True),
    Row("Node, computes 0.3 s", computes=0.3, node=True, bound="computes"),
    Row("Node, init 1 s", init=1.0, node=True),
    Row("times out, keeps /tmp", code=_TIMES_OUT, timeout_s=3),
    Row("a thread writes later", code=_LATE),
    Row("20,000 log lines", lines=10_000, bound="computes"),
    Row("Node, 5,000 lines", lines=2_500, node=True, bound="computes"),
    Row("10 requests", requests=10, bound="many"),
    Row("50 requests", requests=50, bound="many"),
    Row("200 requests", requests=200, bound="many"),
    Row("boto3", imports="import boto3\nclient = boto3.client('dynamodb')", bound="computes"),
    Row(
        "AWS SDK v3",
        node=True,
        imports='const { S3Client } = require("@aws-sdk/client-s3");\nnew S3Client({});',
        bound="computes",
    ),
    Row("pandas", imports="import pandas", requirements="pandas\n", bound="computes"),
    Row("clean, waits 5 s", waits=5.0, leaks=False),
    Row("clean, init 8 s", init=8.0, leaks=False),
)
