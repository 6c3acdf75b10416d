"""A scenario without its files as comparable lines: one per setting, one per step. Pure.

A payload of megabytes is one truncated line, with the length and digest of the rest, so that no difference is missed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sandbox_runner.scenario.model import Scenario

VALUE_CHARACTERS_MAX: Final = 2_000


def scenario_lines(scenario: Scenario) -> list[str]:
    """Every setting as ``name: value``, then every step with its number."""
    written = scenario.to_json()
    function, functions, steps = written.pop("function", {}), written.pop("functions", {}), written.pop("steps")
    for each in (function, *functions.values()):
        each.pop("files", None)
        each.update({f"attached {path}": _attached(text) for path, text in each.pop("attached_files", {}).items()})
    named = {f"{name}.{field}": value for name, each in functions.items() for field, value in each.items()}
    settings = [f"{name}: {_value(value)}" for name, value in {**function, **named, **written}.items()]
    return [*settings, *(f"step {number}: {_value(step)}" for number, step in enumerate(steps, 1))]


def _attached(written: str) -> str:
    data = base64.b64decode(written)
    return f"{len(data):,} bytes, SHA-256 {hashlib.sha256(data).hexdigest()[:12]}"


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= VALUE_CHARACTERS_MAX:
        return text
    rest = text[VALUE_CHARACTERS_MAX:]
    digest = hashlib.sha256(rest.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{text[:VALUE_CHARACTERS_MAX]} … {len(rest):,} characters more, SHA-256 {digest}"
