"""A result as it is served and printed: with the sentences of its messages. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox_runner.messages import Language, Message, render_all
from sandbox_runner.results.version_1 import result_of_today

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def told(stored: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """A stored result of any version as JSON with sentences, as it is served and printed."""
    result = result_of_today(stored)
    return {
        **result,
        "verdict_sentence": _sentence(result["verdict_messages"], language),
        "findings": [_finding_told(each, language) for each in result["findings"]],
        "checks": [_told(each, language) for each in result["checks"]],
    }


def _finding_told(finding: Mapping[str, Any], language: Language) -> dict[str, Any]:
    pairs = {"pairs": [_told(each, language) for each in finding["pairs"]]} if "pairs" in finding else {}
    return {**_told(finding, language), **pairs}


def _told(part: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {**part, "sentence": _sentence(part["messages"], language)}


def _sentence(messages: Sequence[Mapping[str, Any]], language: Language) -> str:
    return render_all(map(Message.model_validate, messages), language)
