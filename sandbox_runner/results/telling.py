"""A result as it is served and printed: with the sentences of its messages. Pure."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from sandbox_runner.events.secret_values import told_with_secrets_blanked
from sandbox_runner.messages import Language, Message, render_all
from sandbox_runner.results.pairs import OF_PLACE
from sandbox_runner.results.version_1 import result_of_today

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def told(stored: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """A stored result of any version as JSON with sentences, as it is served and printed.

    Behind a finding with pairs each of them is a finding of its own, so that a program finds every writer and reader in
    one list; ``same_carrier_as`` has the fingerprint of the finding that it is a pair of. Values of secrets in calls of
    AWS's services are blanked.
    """
    result = result_of_today(stored)
    passages = [_told(each, language) for each in result.get("passages", ())]
    return {
        **result,
        "verdict_sentence": _sentence(result["verdict_messages"], language),
        "findings": list(chain.from_iterable(_findings_told(each, language) for each in result["findings"])),
        **({"passages": passages} if passages else {}),
        "checks": [_told(each, language) for each in result["checks"]],
        "events": [{**each, "record": told_with_secrets_blanked(each["record"])} for each in result.get("events", ())],
    }


def _findings_told(finding: Mapping[str, Any], language: Language) -> Iterator[dict[str, Any]]:
    pairs = finding.get("pairs", ())
    told_pairs = {"pairs": [_told(each, language) for each in pairs]} if pairs else {}
    yield {**_told(finding, language), **told_pairs}
    held = [each for each in finding["messages"] if each["code"].startswith(OF_PLACE)]
    shared = {name: value for name, value in finding.items() if name != "pairs"}
    for pair in pairs:
        own = {**shared, **pair, "messages": [*pair["messages"], *held], "same_carrier_as": finding["fingerprint"]}
        yield _told(own, language)


def _told(part: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {**part, "sentence": _sentence(part["messages"], language)}


def _sentence(messages: Sequence[Mapping[str, Any]], language: Language) -> str:
    return render_all(map(Message.model_validate, messages), language)
