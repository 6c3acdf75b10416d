"""Converts results and events of version 1, which stored sentences, to the current version. Pure.

Their text does not change: each sentence becomes a message with the code ``legacy`` and is shown as it is in every
language. No other module handles old sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.messages import say

if TYPE_CHECKING:
    from collections.abc import Mapping

# Fields of event records that used to be sentences, by type of record.
_FIELDS: Final = {
    "step.started": "what",
    "proof.stopped": "why",
    "state.captured": "disturbed",
    "work.late": "evidence",
}


def result_of_today(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the JSON of a stored result of any version to the current version."""
    if stored.get("version") != 1:
        return dict(stored)
    proof = stored.get("proof")
    return {
        **{name: value for name, value in stored.items() if name != "verdict_sentence"},
        "version": 2,
        "verdict_messages": [_legacy(stored["verdict_sentence"])],
        "findings": [_finding(each) for each in stored["findings"]],
        "checks": [_legacy_message(each, "detail") for each in stored["checks"]],
        "left": _or_null(stored.get("left")),
        "proof": proof and {**proof, "stopped": _or_null(proof.get("stopped"))},
        "late_work": [{**each, "evidence": _legacy(each["evidence"])} for each in stored.get("late_work", ())],
        "events": [event_of_today(each) for each in stored["events"]],
    }


def event_of_today(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the JSON of a stored event of any version to the current version."""
    record = stored["record"]
    field = _FIELDS.get(record["type"])
    if field and isinstance(record.get(field), str):
        record = {**record, field: _or_null(record[field])}
    elif record["type"] == "run.finished":
        record = {**record, "left": [_legacy(each) if isinstance(each, str) else each for each in record["left"]]}
    return {**stored, "record": record}


def _finding(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {**_legacy_message(stored, "sentence"), "evidence": [_evidence(each) for each in stored["evidence"]]}


def _evidence(stored: Mapping[str, Any]) -> dict[str, Any]:
    seen = stored["values_by_condition"].items()
    observations = [{"condition": _legacy(name), "text": text} for name, text in seen]
    rest = {name: value for name, value in stored.items() if name != "values_by_condition"}
    return {**rest, "observations": observations}


def _legacy_message(stored: Mapping[str, Any], field: str) -> dict[str, Any]:
    return {**{name: value for name, value in stored.items() if name != field}, "messages": [_legacy(stored[field])]}


def _or_null(sentence: str | None) -> dict[str, Any] | None:
    return _legacy(sentence) if sentence else None


def _legacy(sentence: str) -> dict[str, Any]:
    return say("legacy", text=sentence).model_dump(mode="json")
