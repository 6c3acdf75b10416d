"""The proof of one run: the replays that make its verdict firm, then those that say whose late work is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.events.records import LateWork, ProofStarted, ProofStopped
from sandbox_runner.events.times_alone import processors_busy
from sandbox_runner.messages import say
from sandbox_runner.projections.proof_budget import proof_result
from sandbox_runner.proof.late_work import find_late_work
from sandbox_runner.proof.prover import prove
from sandbox_runner.proof.replays import ProofBudget
from sandbox_runner.proof.time_limit import time_limit

if TYPE_CHECKING:
    from sandbox_runner.cancellation import Wish
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.proof.lanes import Lanes
    from sandbox_runner.proof.replays import Replayer
    from sandbox_runner.scenario.model import Scenario


async def prove_run(
    scenario: Scenario, log: EventLog, replayer: Replayer, budget: ProofBudget, *, lanes: Lanes, stop: Wish
) -> None:
    """Record in ``log`` what replays say about the run that it holds.

    :param lanes: what these replays share with those of other runs.
    :param stop: a request to play no more; what was proven stays.
    :raises OurFailure: a sandbox failed; what was recorded before stays.
    """
    log.append(ProofStarted(seconds=budget.seconds, replays=budget.replays))
    memory_mb = max(each.memory_mb for each in scenario.functions.values())
    with lanes.taken(memory_mb, processors_busy(log.events)) as pace:
        await prove(scenario, log, replayer, budget, pace, stop=stop)
    if not stop.requested and not any(isinstance(event.record, LateWork) for event in log.events):
        await _find_late_work(scenario, log, replayer, stop)


async def _find_late_work(scenario: Scenario, log: EventLog, replayer: Replayer, stop: Wish) -> None:
    late = ProofBudget(seconds=limits.LATE_WORK_S, replays=limits.LATE_WORK_REPLAYS)
    try:
        async with time_limit(None, stop) as clock:
            await find_late_work(scenario, log, replayer, late)
    except TimeoutError:
        if not clock.expired():
            raise
        if (used := proof_result(log.events)) and not used.stopped:
            log.append(ProofStopped(played=used.replays, wanted=used.replays + 1, why=say("stopped-on-request")))
