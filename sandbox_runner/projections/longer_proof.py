"""What a longer proof of a run would add, and what it would take. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.events.records import ProofStopped
from sandbox_runner.messages import say
from sandbox_runner.projections.replays_left import replays_left, seconds_for
from sandbox_runner.results.model import Verdict

if TYPE_CHECKING:
    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import RunResult


def longer_proof(result: RunResult) -> tuple[Message, ...]:
    """What a longer proof would look into and about how much that takes; nothing where none was cut short."""
    used, account = result.proof, result.scenario.account
    # An account's moments are gone with its run, so a replay could not meet what the request met.
    if used is None or used.stopped is None or (account and account.offered):
        return ()
    left = replays_left(result)
    replays = max(len(left), _left_over(result))
    # Of more that were asked for, nobody knows which they are: as long as the longest of them.
    left = (*left, *[max(left, default=_all(result), key=len)] * (replays - len(left)))
    would = _would(result) or (say("longer-would-finish"),)
    seconds = round(seconds_for(result, left, used.seconds), 1)
    return *would, say("longer-would-take", replays=replays, seconds=seconds)


def _would(result: RunResult) -> tuple[Message, ...]:
    leaks = [each for each in result.findings if each.grade == Verdict.LEAK]
    unproven = sum(each.confidence != "proven" for each in leaks)
    unplaced = sum(each.confidence == "proven" and not each.carrier_confirmed for each in leaks)
    messages = [each for check in result.checks if check.oracle == "history" for each in check.messages]
    not_compared = next((each.params["requests"] for each in messages if each.code == "not-compared"), [])
    return (
        *([say("longer-would-prove", findings=unproven)] if unproven else []),
        *([say("longer-would-place", findings=unplaced)] if unplaced else []),
        *([say("longer-would-compare", requests=not_compared)] if not_compared else []),
    )


def _left_over(result: RunResult) -> int:
    stopped = [each.record for each in result.events if isinstance(each.record, ProofStopped)]
    return max(1, stopped[-1].wanted - stopped[-1].played) if stopped else 1


def _all(result: RunResult) -> tuple[int, ...]:
    return tuple(index for index, _, _ in result.scenario.requests())
