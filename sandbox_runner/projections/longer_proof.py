"""What a longer proof of a run would add, and what it would take. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import ProofStarted, ProofStopped
from sandbox_runner.messages import say
from sandbox_runner.results.model import Verdict

if TYPE_CHECKING:
    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import RunResult
    from sandbox_runner.results.parts import ProofResult

_US_PER_S: Final = 1_000_000


def longer_proof(result: RunResult) -> tuple[Message, ...]:
    """What a longer proof would look into and at least how much that takes; nothing where none was cut short."""
    used, account = result.proof, result.scenario.account
    # An account's moments are gone with its run, so a replay could not meet what the request met.
    if used is None or used.stopped is None or (account and account.offered):
        return ()
    left = max(1, _left_over(result))
    would = _would(result) or (say("longer-would-finish"),)
    return *would, say("longer-would-take", replays=left, seconds=round(_seconds(result, used, left), 1))


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
    return stopped[-1].wanted - stopped[-1].played if stopped else 0


def _seconds(result: RunResult, used: ProofResult, replays: int) -> float:
    """As long as that many took so far, and no less than the run did: a replay plays its requests again."""
    run_s = next(each.at_us for each in result.events if isinstance(each.record, ProofStarted)) / _US_PER_S
    return max(run_s, replays * used.seconds / used.replays if used.replays else 0.0)
