"""Generates experiments by the hundred thousand, to measure search and lists. The same seed gives the same.

A few hundred variants of the cases are made in full (a scenario, a valid result, its words); an experiment is one of
them with its own title, description, tags and unique values. Nothing is run: the results are made up, and every title
says that it is generated.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from playground.experiments.stored_json import pack_messages
from playground.library.generated.cases import ADJECTIVES, CASES, OBJECTS, SERVICES, SYMPTOMS, TAGS
from playground.library.search.indexed_text import Heading, facet_tokens, indexed_text
from playground.library.search.tokens import parts, tokens
from sandbox_runner.messages import say
from sandbox_runner.results.model import RunResult

if TYPE_CHECKING:
    from playground.library.generated.cases import Case
    from playground.library.search.indexed_text import IndexedText
    from sandbox_runner.messages import Message, Who

VARIANTS: Final = 400
# One token, a placeholder for what differs in every experiment.
_UNIQUE: Final = "uniquevalue0"


@dataclass(frozen=True, slots=True)
class Variant:
    """A case under one name: its result as JSON and its search text, both with placeholders for unique values."""

    scenario: dict[str, Any]
    result: str
    verdict: str
    messages: str
    error: str
    word: str
    text: IndexedText


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated experiment, ready to store."""

    title: str
    description: str
    tags: tuple[str, ...]
    visibility: str
    variant: Variant
    unique: str

    @property
    def result(self) -> Any:
        """The run's result as JSON."""
        return json.loads(self.variant.result.replace(_UNIQUE, self.unique))

    @property
    def facets(self) -> tuple[tuple[str, str], ...]:
        """Its pairs of kind and value."""
        return (*self.variant.text.facets, *(("tag", tag) for tag in self.tags))

    @property
    def columns(self) -> dict[str, list[str]]:
        """The tokens for the search index."""
        own = self.variant.text.columns
        return own | {
            "title": tokens(self.title),
            "tags": tokens(" ".join(self.tags)),
            "description": tokens(self.description),
            "log": [self.unique if token == _UNIQUE else token for token in own["log"]],
            "parts": own["parts"] + parts(self.title),
            "facets": facet_tokens(self.facets),
        }

    @property
    def lines(self) -> list[list[str]]:
        """The lines to show as excerpts, without the run's id."""
        return [[one.kind, one.anchor, one.text.replace(_UNIQUE, self.unique)] for one in self.variant.text.lines]


class Generator:
    """A deterministic stream of experiments from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable is what it has to be
        self._variants = [self._variant() for _ in range(VARIANTS)]

    def next(self) -> Generated:
        """The next experiment."""
        chance = self._random
        variant = chance.choice(self._variants)
        symptom = chance.choice(SYMPTOMS).format(word=variant.word, error=variant.error or "the wrong answer")
        service = chance.choice(SERVICES)
        unique = f"{chance.getrandbits(64):016x}"
        doubt = chance.choice(SYMPTOMS)
        return Generated(
            title=f"{service} {symptom} (generated)",
            description=f"Seen in **{service}** with `{variant.word}`.\n\nMarker `{unique}`; {doubt}.",
            tags=tuple(sorted(set(chance.choices(TAGS, k=chance.randrange(4))))),
            visibility=chance.choices(("public", "unlisted", "team", "private"), (50, 40, 5, 5))[0],
            variant=variant,
            unique=unique,
        )

    def _variant(self) -> Variant:
        chance = self._random
        case, word, adjective = chance.choice(CASES), chance.choice(OBJECTS), chance.choice(ADJECTIVES)
        names = {"camel": f"{adjective}{word.title()}", "snake": f"{adjective}_{word}", "word": word}
        result = RunResult.model_validate(_result(case, names | {"unique": _UNIQUE}, chance.getrandbits(64)))
        return Variant(
            scenario=result.scenario.to_json(),
            result=json.dumps(result.to_json()),
            verdict=result.verdict.value,
            messages=pack_messages(result.verdict_messages),
            error=case.error,
            word=word,
            text=indexed_text(Heading(), [("", result)]),
        )


def _result(case: Case, names: dict[str, str], shape: int) -> dict[str, Any]:
    path = case.path.format(**names)
    said = _messages(names["word"], path) if path else [say("answers-match", answers=1)]
    log = [line.format(**names) for line in case.log]
    return {
        "scenario": _scenario(case, names),
        "backend": {
            "name": "generated",
            "isolation": {"code": "isolated-by-nothing", "params": {}},
            "image_digest": "none",
            "fidelity": {},
        },
        "verdict": case.verdict,
        "verdict_messages": said,
        "findings": [_finding(case, path, said, shape)] if path else [],
        "invocations": [_invocation(case, names, index) for index in (1, 2)],
        "environments": [
            {
                "id": "env-1",
                "initialization": "on-demand",
                "created_by": "request",
                "ended_by": "run-ended",
                "log_stream": "2026/03/01/[$LATEST]generated",
                "created_us": 0,
                "ended_us": 90_000,
                "spans": [{"phase": "invoke", "start_us": 40_000, "end_us": 44_000}],
            }
        ],
        "log": [{"environment": "env-1", "at_us": 41_000 + at, "line": line} for at, line in enumerate(log)],
        "events": [],
    }


def _scenario(case: Case, names: dict[str, str]) -> dict[str, Any]:
    word = names["word"]
    module = case.file.rsplit(".", 1)[0]
    return {
        "version": 1,
        "function": {
            "runtime": case.runtime,
            "handler": f"{module}.handler",
            "files": {case.file: case.code.format(**names)},
        },
        "steps": [
            {"invoke": {"payload": {"queryStringParameters": {word: names["unique"]}}, "as": "tenant-a"}},
            {"invoke": {"payload": {"queryStringParameters": {word: "fuga"}}, "as": "tenant-b"}},
        ],
    }


def _messages(word: str, path: str) -> list[Message]:
    reader, writer = _who(2, "tenant-b"), _who(1, "tenant-a")
    received = say("value-received", reader=reader, writer=writer, leaf=word, value=_UNIQUE, form="", part=False)
    return [received, say("carried-by", place=path, file="", line=0, role="")]


def _who(request: int, principal: str) -> Who:
    return {"request": request, "as": principal, "repeated": False}


def _finding(case: Case, path: str, said: list[Message], shape: int) -> dict[str, Any]:
    leaks = case.verdict == "leak"
    return {
        "kind": {"leak": "answer-leak", "history-dependent": "history-dependent"}.get(case.verdict, "retained"),
        "grade": case.verdict,
        "runtime": case.runtime,
        "location": {"root": case.root, "path": path},
        "writer": {"invocation": 1, "as": "tenant-a"},
        "reader": {"invocation": 2, "as": "tenant-b", "output_path": "body"} if leaks else None,
        "severity": "high" if leaks else "low",
        "confidence": "strong",
        "messages": said,
        "fingerprint": f"{shape:016x}",
    }


def _invocation(case: Case, names: dict[str, str], index: int) -> dict[str, Any]:
    return {
        "index": index,
        "as": "tenant-a" if index == 1 else "tenant-b",
        "request_id": None,
        "environment": "env-1",
        "start": "cold" if index == 1 else "warm",
        "outcome": "function-error" if case.error else "success",
        "error_type": case.error or None,
        "payload": json.dumps({"queryStringParameters": {names["word"]: names["unique"] if index == 1 else "fuga"}}),
        "status_code": 200,
        "response": json.dumps({"body": names["unique"]}),
        "arrived_us": 1_000 * index,
    }
