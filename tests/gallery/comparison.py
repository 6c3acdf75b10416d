"""What a run came to, held against what its incident expects: every difference as a sentence."""

from __future__ import annotations

import re
from itertools import zip_longest

from sandbox_runner.events.records import LateWork, PeerEvent
from sandbox_runner.messages import render_all


def differences(expected, result):
    """Every way in which the result is not what was expected, as sentences; none at all is the aim."""
    return [
        *_verdict(expected, result),
        *_requests(expected, result),
        *_environments(expected, result),
        *_in_order("the log", expected.log, "\n".join(entry.line for entry in result.log)),
        *_counted(expected, result),
        *_peer(expected, result),
        *_late(expected, result),
    ]


def _verdict(expected, result):
    if result.verdict not in expected.verdict:
        said = render_all(result.verdict_messages)
        yield f"the verdict is {result.verdict}, not {' or '.join(expected.verdict)}: {said}"
    carriers = [finding.location.path for finding in result.findings if finding.location]
    if expected.carrier and not any(expected.carrier in path for path in carriers):
        yield f"no finding is carried by {expected.carrier}, only by {carriers}"


def _counted(expected, result):
    for pattern, (least, most) in expected.counted.items():
        lines = [entry.line for entry in result.log if re.search(pattern, entry.line)]
        if not least <= len(lines) <= most:
            yield f"{len(lines)} lines of the log have {pattern}, not {least} to {most}"


def _requests(expected, result):
    """Those of the scenario; of one that was tried again, the last attempt."""
    of_steps = {each.index: each for each in result.invocations if each.called_by is None and each.cause is None}
    for wanted, played in zip_longest(expected.requests, of_steps.values()):
        if wanted is None or played is None:
            yield f"{len(expected.requests)} requests are expected, {len(of_steps)} were played"
            return
        for problem in (*_request(wanted, played), *_figures(wanted, played)):
            yield f"request {played.index}: {problem}"


def _request(wanted, played):
    for name in ("outcome", "start", "environment"):
        if getattr(wanted, name) not in (None, getattr(played, name)):
            yield f"{name} is {getattr(played, name)}, not {getattr(wanted, name)}: {played.response[:300]}"
    if wanted.error_type and not re.fullmatch(wanted.error_type, played.error_type or ""):
        yield f"error type is {played.error_type}, not {wanted.error_type}"
    for pattern in wanted.answer:
        if not re.search(pattern, played.response):
            yield f"the answer has no {pattern}: {played.response[:300]}"
    lines = "\n".join(played.log)
    yield from _in_order("its log", wanted.log, lines)
    for pattern in wanted.silent_on:
        if re.search(pattern, lines):
            yield f"its log has {pattern}:\n{lines}"


def _figures(wanted, played):
    if wanted.duration_ms:
        least, most = wanted.duration_ms
        if played.duration_ms is None or not least <= played.duration_ms <= most:
            yield f"took {played.duration_ms} ms, not {least} to {most}"
    if wanted.init_reported not in (None, played.init_duration_ms is not None):
        yield f"Init Duration is {played.init_duration_ms}"


def _environments(expected, result):
    if expected.environments is None:
        return
    served = [
        tuple(each.index for each in result.invocations if each.environment == one.id) for one in result.environments
    ]
    wanted = [(each.created_by, each.initialization) for each in expected.environments]
    made = [(each.created_by, each.initialization) for each in result.environments]
    if wanted != made:
        yield f"the environments are {made}, not {wanted}"
        return
    for one, indexes in zip(expected.environments, served, strict=True):
        if one.serves is not None and one.serves != indexes:
            yield f"an environment made by {one.created_by} served {indexes}, not {one.serves}"


def _in_order(what, patterns, lines):
    at = 0
    for pattern in patterns:
        found = re.compile(pattern).search(lines, at)
        if not found:
            yield f"{what} has no {pattern} where it is expected:\n{lines}"
            return
        at = found.end()


def _peer(expected, result):
    if expected.peer is None:
        return
    seen = [f"{each.environment} {each.record.what}" for each in result.events if isinstance(each.record, PeerEvent)]
    rest = iter(seen)
    if not all(any(wanted == each for each in rest) for wanted in expected.peer):
        yield f"the peer saw {seen}, which has not {list(expected.peer)} in this order"


def _late(expected, result):
    if expected.late is None:
        return
    seen = {(each.record.started_by, each.record.ran_in) for each in result.events if isinstance(each.record, LateWork)}
    wanted = {(each.started_by, each.ran_in) for each in expected.late}
    if seen != wanted:
        yield f"late work is {sorted(seen)}, not {sorted(wanted)}, as (started by, ran in)"
