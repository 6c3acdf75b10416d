"""The ingredients of generated experiments: handlers as people paste them, their logs and failures. Pure data.

``{camel}``, ``{snake}`` and ``{word}`` are names made from the words below, ``{unique}`` differs in every experiment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


OBJECTS: Final = _words("""
    cart order session user token invoice tenant message profile basket payment address customer account booking ticket
    report query filter locale coupon voucher shipment refund ledger quota device sensor reading upload
""")
ADJECTIVES: Final = _words("""
    current last cached shared previous pending global default active some latest first stored open raw merged
""")
SERVICES: Final = _words("""
    checkout billing search login export webhook importer notifier gateway scheduler catalogue pricing reporting mailer
    thumbnailer indexer auth audit
""")
SYMPTOMS: Final = (
    "answers with another caller's {word}",
    "{word} of the first request comes back",
    "returns a stale {word} after a warm start",
    "logs the {word} of somebody else",
    "works cold, wrong {word} when warm",
    "前のリクエストの{word}が返る",
    "fails on the second request with {error}",
    "{word} differs between environments",
)
TAGS: Final = _words("""
    warm-start global-state tmp async timeout cold-start python node cache connection checkout billing regression
    support fixed needs-review init provisioned memory retry 再現 障害
""")


@dataclass(frozen=True, slots=True)
class Case:
    """A handler, its log and outcome; ``root`` and ``path`` name the carrier of its data, if any."""

    runtime: str
    file: str
    code: str
    verdict: str
    root: str = ""
    path: str = ""
    error: str = ""
    log: tuple[str, ...] = ()


CASES: Final = (
    Case(
        "nodejs22.x",
        "app.mjs",
        """\
let {camel} = null;

export const handler = async (event) => {{
  if ({camel}) {{
    return {{ statusCode: 200, body: `warmstart, {word}=${{{camel}}}` }};
  }}
  {camel} = event.queryStringParameters.{word};
  console.log("kept", {camel});
  return {{ statusCode: 200, body: "coldstart" }};
}};
""",
        "leak",
        "node-module",
        "app.{camel}",
        log=("2026-03-01T09:00:00.000Z\t{unique}\tINFO\tkept {unique}", "{word} served from module scope"),
    ),
    Case(
        "python3.13",
        "app.py",
        """\
import json

{snake} = {{}}


def handler(event, context):
    key = event["queryStringParameters"]["{word}"]
    {snake}.setdefault("{word}", key)
    print(json.dumps({{"level": "info", "{word}": {snake}["{word}"]}}))
    return {{"statusCode": 200, "body": {snake}["{word}"]}}
""",
        "leak",
        "python-module",
        "app.{snake}['{word}']",
        log=('{{"level": "info", "{word}": "{unique}"}}',),
    ),
    Case(
        "python3.13",
        "app.py",
        """\
from pathlib import Path

SEEN = Path("/tmp/{snake}.json")


def handler(event, context):
    if not SEEN.exists():
        SEEN.write_text(event["{word}"])
    return {{"body": SEEN.read_text()}}
""",
        "leak",
        "tmp-file",
        "/tmp/{snake}.json",  # noqa: S108 - a text; nothing is written there
        log=("[INFO] {unique} wrote /tmp/{snake}.json",),
    ),
    Case(
        "python3.13",
        "main.py",
        """\
import {snake}_client


def handler(event, context):
    return {snake}_client.fetch(event["{word}"])
""",
        "undetermined",
        error="Runtime.ImportModuleError",
        log=(
            "[ERROR] Runtime.ImportModuleError: Unable to import module 'main': No module named '{snake}_client'",
            "Traceback (most recent call last):",
        ),
    ),
    Case(
        "nodejs24.x",
        "index.mjs",
        """\
const {camel}Pool = new Map();

export async function handler(event) {{
  const {camel} = {camel}Pool.get(event.{word}.id) ?? {{ visits: 0 }};
  {camel}.visits += 1;
  {camel}Pool.set(event.{word}.id, {camel});
  return {{ visits: {camel}.visits }};
}}
""",
        "history-dependent",
        "node-module",
        "index.{camel}Pool",
        log=("2026-03-01T09:00:00.000Z\t{unique}\tWARN\t{word} visited before",),
    ),
    Case(
        "nodejs22.x",
        "handler.js",
        """\
exports.handler = async (event) => {{
  const {camel} = event.{word};
  setTimeout(() => console.log("late", {camel}.id), 50);
  return {camel}.name.toUpperCase();
}};
""",
        "retained",
        "node-timer",
        "handler.{camel}",
        error="TypeError",
        log=("2026-03-01T09:00:00.000Z\t{unique}\tERROR\tInvoke Error TypeError: Cannot read properties of undefined",),
    ),
    Case(
        "python3.13",
        "app.py",
        """\
import time


def handler(event, context):
    time.sleep(float(event.get("{word}_seconds", 30)))
    return "done"
""",
        "clean",
        error="Sandbox.Timedout",
        log=("2026-03-01T09:00:03.000Z {unique} Task timed out after 3.00 seconds",),
    ),
    Case(
        "python3.13",
        "service.py",
        """\
from functools import lru_cache


@lru_cache
def load_{snake}(stage):
    print("loading {word} configuration for", stage)
    return {{"stage": stage, "limit": 25}}


def handler(event, context):
    return load_{snake}("dev") | {{"{word}": event["{word}"]}}
""",
        "clean",
        log=("loading {word} configuration for dev", "{word} {unique} accepted"),
    ),
)
