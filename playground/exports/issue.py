"""A run as Markdown for an issue tracker: what happened, with which versions, how to reproduce it. Pure.

It stays below the limit of trackers (65,536 characters) and says what was left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.exports.markdown import code, fenced, prose, sentence, table
from playground.exports.origin import one_line
from playground.i18n.marking import told
from playground.run_page.backend import backend_view
from playground.text import labels
from playground.text.display_text import readable, uncoloured
from sandbox_runner.events.account_calls import place_of
from sandbox_runner.events.records import AccountCalled
from sandbox_runner.runtimes.stand_ins import said_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playground.exports.origin import Origin
    from sandbox_runner.events.records import AccountChange, HeldThing, HeldValue, ServedAttempt
    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import Finding, InvocationResult, LogEntry, Passage, RunResult
    from sandbox_runner.scenario.model import Function

REQUESTS_MAX: Final = 30
CALLS_MAX: Final = 30
CHANGES_MAX: Final = 30
FINDINGS_MAX: Final = 5
SOURCES_MAX: Final = 4
LOG_LINES_MAX: Final = 60
LOG_CHARACTERS_MAX: Final = 8_000
LINE_CHARACTERS_MAX: Final = 400
CELL_CHARACTERS_MAX: Final = 80
SENTENCE_CHARACTERS_MAX: Final = 400

_HEAD: Final = ("#:", "who", "start", "outcome", "answer", "duration ms:", "billed ms:", "init ms:")


def issue_markdown(result: RunResult, origin: Origin) -> str:
    """The whole document."""
    _, word, _ = labels.verdict_word(result.verdict)
    parts = [
        f"**{word}**: {sentence(_said(result.verdict_messages))}",
        f"Run: <{origin.url}>",
        _versions(result, origin),
        *origin.left_out.sentences_with_log,
        *_findings(result),
        *_passages(result.passages),
        "### Requests",
        _requests(result.invocations),
        *_left_out(len(result.invocations) - REQUESTS_MAX, "request"),
        *_calls(result),
        *_account(result),
        "### Log",
        *_log(result),
        "### See it again",
        f"The scenario file is at <{origin.url}/scenario.yaml>; it is played by",
        fenced(f"python -m sandbox_runner run {origin.run_id}.yaml"),
    ]
    return "\n\n".join(parts) + "\n"


def _versions(result: RunResult, origin: Origin) -> str:
    scenario, backend = result.scenario, backend_view(result.backend)
    rows = [
        *(
            (f"{name}: {said}" if scenario.has_names else said, value)
            for name, function in scenario.functions.items()
            for said, value in _function(function)
        ),
        *(("stand-in", prose(told(message))) for message in said_of(result.backend.played_on)),
        ("sandbox", prose(one_line(backend.title, CELL_CHARACTERS_MAX))),
        ("image", code(one_line(backend.image_digest, CELL_CHARACTERS_MAX))),
        ("Holdover", origin.version),
        ("played", origin.played),
    ]
    return table(("version", "of this run"), rows)


def _function(function: Function) -> tuple[tuple[str, str], ...]:
    return (
        ("runtime", code(function.runtime)),
        ("handler", code(one_line(function.handler, CELL_CHARACTERS_MAX))),
        ("memory, timeout", f"{function.memory_mb:,} MB, {function.timeout_s} s"),
    )


def _said(messages: Iterable[Message]) -> str:
    return one_line(told(*messages), SENTENCE_CHARACTERS_MAX)


def _findings(result: RunResult) -> Iterable[str]:
    if not result.findings:
        return
    headline = _said(result.verdict_messages)
    yield "### Findings"
    for finding in result.findings[:FINDINGS_MAX]:
        yield f"- {_finding(finding, headline)}"
    yield from _left_out(len(result.findings) - FINDINGS_MAX, "finding")


def _finding(finding: Finding, headline: str) -> str:
    """What it is, its sentence unless that is the document's headline, and what that sentence does not name."""
    _, word, _ = labels.verdict_word(finding.grade)
    said = _said(finding.messages)
    parts = [f"{word}, {labels.CONFIDENCES[finding.confidence]}:", *([] if said == headline else [sentence(said)])]
    if finding.location and f"`{finding.location.path}`" not in said:
        parts.append(f"Carried by {code(one_line(finding.location.path, CELL_CHARACTERS_MAX))}.")
    parts += [
        f"{source.role.capitalize()} at {code(one_line(source.file, CELL_CHARACTERS_MAX))}, line {source.line}."
        for source in finding.sources[:SOURCES_MAX]
    ]
    return " ".join(parts)


def _passages(passages: Sequence[Passage]) -> Iterable[str]:
    if not passages:
        return
    yield "### By way of AWS's services"
    for one in passages[:FINDINGS_MAX]:
        yield f"- {labels.CONFIDENCES[one.confidence]}: {sentence(_said(one.messages))}"
    yield from _left_out(len(passages) - FINDINGS_MAX, "value")


def _requests(invocations: Sequence[InvocationResult]) -> str:
    return table(_HEAD, (_row(one) for one in invocations[:REQUESTS_MAX]))


def _row(one: InvocationResult) -> tuple[str, ...]:
    number = f"{one.index}" if one.attempt == 1 else f"{one.index}, attempt {one.attempt}"
    return (
        number,
        code(one_line(one.principal, CELL_CHARACTERS_MAX)),
        labels.STARTS[one.start],
        labels.OUTCOMES[one.outcome],
        code(one_line(one.response, CELL_CHARACTERS_MAX)),
        labels.milliseconds(one.duration_ms),
        labels.milliseconds(one.billed_duration_ms),
        labels.milliseconds(one.init_duration_ms),
    )


def _calls(result: RunResult) -> Iterable[str]:
    """What was called of AWS's services, without parameters and answers."""
    called = [(event, event.record) for event in result.events if isinstance(event.record, AccountCalled)]
    if not called:
        return
    numbers = {one.request_id: str(one.index) for one in result.invocations}
    yield "### Calls to AWS's services"
    rows = [
        _call(numbers.get(event.request_id, "init") if call.step is None else "outside", call)
        for event, call in called[:CALLS_MAX]
    ]
    yield table(("request:", "call", "where", "status:", "error", "ms:"), rows)
    yield from _left_out(len(called) - CALLS_MAX + sum(call.left_out for _event, call in called), "call")


def _call(whose: str, call: AccountCalled) -> tuple[str, ...]:
    place = place_of(call)
    where = " ".join(each for each in (place.name, place.key) if each)
    return (
        whose,
        code(one_line(f"{call.service} {call.operation}", CELL_CHARACTERS_MAX)),
        code(one_line(where, CELL_CHARACTERS_MAX)),
        str(call.status_code),
        code(one_line(call.error, CELL_CHARACTERS_MAX)) + (" (our stand-in failed)" if call.is_ours else ""),
        labels.milliseconds(call.took_us / 1000),
    )


def _account(result: RunResult) -> Iterable[str]:
    """What changed in the account, and how much lay in each resource in the end."""
    account = result.account
    if account is None:
        return
    yield "### Account"
    changed = [(look, change) for look in account.changes for change in look.changes]
    if changed:
        rows = [_change(look.during, change) for look, change in changed[:CHANGES_MAX]]
        yield table(("request:", "where", "key", "before", "after"), rows)
        yield from _left_out(len(changed) - CHANGES_MAX + sum(look.left_out for look in account.changes), "change")
    held = [(code(one_line(_where(each), CELL_CHARACTERS_MAX)), f"{each.count:,}") for each in account.things]
    yield table(("at the end", "entries:"), held[:CHANGES_MAX]) if held else "It held nothing at the end."
    yield from _left_out(account.things_in_all - min(len(held), CHANGES_MAX), "resource")


def _change(during: Sequence[ServedAttempt], change: AccountChange) -> tuple[str, ...]:
    texts = (_where(change), change.key, *(_held(each) for each in (change.before, change.after)))
    served = ", ".join(str(each.index) for each in during) or "none"
    return (served, *(code(one_line(each, CELL_CHARACTERS_MAX)) for each in texts))


def _held(value: HeldValue | None) -> str:
    if value is None:
        return ""
    return f"{value.text} ({value.state})" if value.state else value.text


def _where(thing: AccountChange | HeldThing) -> str:
    return f"{thing.service} {thing.thing} {thing.name}"


def _log(result: RunResult) -> Iterable[str]:
    """The log lines of a finding's requests, or the first lines if there is none."""
    concerned = {end.invocation for one in result.findings[:1] for end in (one.writer, one.reader) if end}
    ids = {one.request_id for one in result.invocations if one.index in concerned}
    chosen = [entry for entry in result.log if entry.request_id in ids] or list(result.log)
    if not chosen:
        yield "Nothing was logged."
        return
    lines = _lines(chosen)
    yield fenced("\n".join(lines))
    yield from _left_out(len(result.log) - len(lines), "log line")


def _lines(entries: Sequence[LogEntry]) -> list[str]:
    found: list[str] = []
    for entry in entries[:LOG_LINES_MAX]:
        line = readable(uncoloured(entry.line), limit=LINE_CHARACTERS_MAX)
        if sum(map(len, found)) + len(line) > LOG_CHARACTERS_MAX:
            break
        found.append(line)
    return found or [readable(entries[0].line, limit=LINE_CHARACTERS_MAX)]


def _left_out(number: int, what: str) -> Iterable[str]:
    if number > 0:
        yield f"{number:,} {what}{'' if number == 1 else 's'} more: the run's page has everything."
