"""Asks for the replays that the oracles want, in the order in which they make the verdict firmer.

The run itself carried no probe. A replay alone says what an answer is without history, one of an environment's
requests with the probe says where values sat, and those with one leaf changed say whose data an answer was made from.
Depth comes before breadth: the leading finding is proven and placed before the answers of other requests are compared.
All end when the budget does, and the log says so.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.account.moments import MomentNotKeptError
from sandbox_runner.cancellation import Wish
from sandbox_runner.handler_code.kept_variables import kept_variables, named_files
from sandbox_runner.messages import say
from sandbox_runner.proof.player import Player, ReplaysSpentError
from sandbox_runner.proof.time_limit import time_limit
from sandbox_runner.proof.trials import Experiments
from sandbox_runner.verdict.evidence.case import Case
from sandbox_runner.verdict.evidence.history import only_together
from sandbox_runner.verdict.evidence.planning import (
    BATCHES,
    FROZEN_ROUNDS,
    ROUNDS_ALONE,
    Wanted,
    first_plan,
    frozen_plan,
    lead_plan,
    second_plan,
    walks_again,
)
from sandbox_runner.verdict.evidence.reading import FactsReader
from sandbox_runner.verdict.evidence.senders import SENDERS_MAX
from sandbox_runner.verdict.evidence.suspects import (
    TARGETS_MAX,
    leaves_before,
    recognised,
    shared_leaves,
    sharing,
    to_shrink,
    unrecognised,
)
from sandbox_runner.verdict.findings.by_interference import all_leaks
from sandbox_runner.verdict.findings.by_marker import first_leak, leaks
from sandbox_runner.verdict.findings.by_state import dependent, readers_of
from sandbox_runner.verdict.findings.carriers import questions
from sandbox_runner.verdict.findings.reverse_order import turned, turned_plan, turned_walks
from sandbox_runner.verdict.findings.service_passages import account_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox_runner.events.log import EventLog
    from sandbox_runner.proof.lanes import Pace
    from sandbox_runner.proof.replays import ProofBudget, Replayer
    from sandbox_runner.results.model import Finding
    from sandbox_runner.scenario.model import Scenario


async def prove(
    scenario: Scenario,
    log: EventLog,
    replayer: Replayer,
    budget: ProofBudget,
    pace: Pace | None = None,
    *,
    stop: Wish | None = None,
) -> None:
    """Play what the oracles want, within ``budget``; little or nothing where no request followed another.

    :param pace: how many replays are played side by side; one after the other without.
    :param stop: a request to play no more.
    :raises OurFailure: a sandbox failed; what was recorded before stays.
    """
    player = Player(scenario, log, replayer, budget.replays, pace)
    stop = stop or Wish()
    try:
        async with time_limit(budget.seconds, stop) as clock:
            await _Proof(scenario, log, player).play()
    except MomentNotKeptError:
        player.stop(say("account-not-kept", moments=limits.ACCOUNT_MOMENTS_MAX))
    except ReplaysSpentError:
        player.stop(say("replays-used-up", replays=budget.replays))
    except TimeoutError:
        if not clock.expired():
            raise
        player.stop(say("stopped-on-request") if stop.requested else say("seconds-used-up", seconds=budget.seconds))


class _Proof:
    """The proof of one run, step by step."""

    def __init__(self, scenario: Scenario, log: EventLog, player: Player) -> None:
        self._scenario = scenario
        self._log = log
        self._player = player
        self._facts = FactsReader(scenario)
        self._seen: tuple[int, Case] | None = None
        self._leads = self._is_turned = False

    async def play(self) -> None:
        experiments = Experiments(self._player, self._case().facts)
        await self._prove_the_lead(experiments)
        first, left_out = first_plan(self._case().facts, self._player.left)
        if not first and not self._player.has_played:
            await self._put_the_account_back()
            return
        await self._player.play_all((*first, *self._other_order_beside(first)))
        await self._player.play_all(walks_again(self._case().facts)[: self._player.left])
        await self._notice_timing()
        await self._look_into(experiments, self._case)
        await self._tell_apart(experiments)
        for effect in to_shrink(self._case()):
            await experiments.shrink(self._case(), effect)
        await self._put_the_account_back()
        if left_out:
            self._player.wanted += left_out
            raise ReplaysSpentError
        if not all_leaks(self._case())[0]:
            await self._turn(experiments)

    async def _put_the_account_back(self) -> None:
        """What seems to have come by way of a service, asked for again as if it had not been stored there."""
        await self._player.play_all(await asyncio.to_thread(account_plan, self._case()))

    async def _prove_the_lead(self, experiments: Experiments) -> None:
        """One finding proven and placed, as long as the budget is whole: breadth can use up any."""
        case = self._case()
        first = await asyncio.to_thread(first_leak, case)
        self._player.judged([first] if first else [])
        if first is None or first.reader is None:
            return
        self._leads = True
        reader = first.reader.invocation
        plan = lead_plan(case.facts, reader)
        for target in recognised(case, [first]):
            files = case.function(case.facts.requests[reader].function).files
            # What ended the process took its variables with it, and the probe that would put a file back.
            is_new = case.facts.ended_the_process(target.writer) or case.facts.overlap(target.writer, reader)
            guessed = () if is_new else (*kept_variables(files), *named_files(files))
            await experiments.ahead(target, plan, guessed)
        await self._notice_timing()
        await self._confirm(experiments, self._case, reader, most=1)
        case = self._case()
        leaked, _ = await asyncio.to_thread(all_leaks, case, case.facts.requests[reader])
        self._player.judged(leaked)
        for question in questions(case, leaked):
            await experiments.put_back(case, question)

    async def _notice_timing(self) -> None:
        """Whether an answer depends on how much is played beside it; then nothing is any more."""
        facts = self._case().facts
        for index, together in facts.alone.items():
            if self._player.at_once((index,)) > 1 and only_together(together, together[:1], facts.at_epoch_ms):
                wanted = [Wanted("history", (index,), ROUNDS_ALONE + number) for number in range(1, ROUNDS_ALONE + 1)]
                for each in wanted:
                    await self._player.play(each)
                one_by_one = self._case().facts.alone[index][len(together) :]
                if only_together(together, one_by_one, facts.at_epoch_ms):
                    self._player.slow_down()
                return

    async def _tell_apart(self, experiments: Experiments) -> None:
        """Other values in the place of those that several principals sent, where nothing has come out otherwise."""
        case = self._case()
        leaked, _ = await asyncio.to_thread(all_leaks, case)
        reader = None if leaked else sharing(case)
        if reader is None:
            return
        await experiments.search(case, reader, shared_leaves(case, reader))
        case = self._case()
        leaked, _ = await asyncio.to_thread(all_leaks, case)
        self._player.judged(leaked)
        for question in questions(case, leaked):
            await experiments.put_back(case, question)

    def _other_order_beside(self, first: Sequence[Wanted]) -> tuple[Wanted, ...]:
        """The replays backwards, where nothing seems to leak and they cost no time beside ``first``."""
        facts = self._case().facts
        if not first or self._leads:
            return ()
        wanted = turned_plan(facts)
        count, longest = len(first) + len(wanted), max((each.indexes for each in first), key=len)
        if count > min(self._player.at_once(longest), self._player.left // 2):
            return ()
        self._is_turned = True
        return wanted

    async def _turn(self, experiments: Experiments) -> None:
        """The same in the other order."""
        if not self._is_turned or self._case().facts.slowed:
            await self._player.play_all(turned_plan(self._case().facts))
        case, found = await asyncio.to_thread(_recognise, self._turned)
        await self._player.play_all(turned_walks(case, found))
        if case.facts.turned:
            await self._look_into(experiments, self._turned)

    async def _look_into(self, experiments: Experiments, view: Callable[[], Case]) -> None:
        """Confirm what is recognised in a view of the facts, search what is not, and find what carried it."""
        case, found = await self._confirm(experiments, view)
        answers = {each.reader.invocation for each in found if each.reader and each.kind == "answer-leak"}
        await self._player.play_all(second_plan(case.facts, answers, BATCHES[0]))
        for number in range(1, FROZEN_ROUNDS + 1):
            await self._player.play_all(frozen_plan(view().facts, answers, number))
        case = view()
        for reader in unrecognised(case, found):
            if reader.index in readers_of((await asyncio.to_thread(all_leaks, view()))[0]):
                continue
            await experiments.search(case, reader, leaves_before(case, reader))
        # What a search explained needs no further confirmation.
        leaked, _ = await asyncio.to_thread(all_leaks, view())
        self._player.judged(leaked)
        await self._player.play_all(second_plan(view().facts, readers_of(leaked), BATCHES[1]))
        case = view()
        for question in questions(case, await asyncio.to_thread(_explained_by_a_place, case)):
            await experiments.put_back(case, question)

    async def _confirm(
        self,
        experiments: Experiments,
        view: Callable[[], Case],
        reader: int = 0,
        most: int = TARGETS_MAX,
    ) -> tuple[Case, tuple[Finding, ...]]:
        """Confirm what is recognised, the first ``most`` of it. Who is refuted by that gives way to whoever is next.

        :param reader: the request in whose answer, or log, alone; 0 for that of any.
        """
        asked: set[tuple[int, int]] = set()
        for _ in range(SENDERS_MAX):
            # A search of a large run takes a while; other runs share this loop.
            case, found = await asyncio.to_thread(_recognise, view, reader)
            targets = [each for each in recognised(case, found)[:most] if (each.writer, each.reader) not in asked]
            if not targets:
                break
            for target in targets:
                asked.add((target.writer, target.reader))
                await experiments.confirm(case, target)
        return case, found

    def _case(self) -> Case:
        """The case as it is now, the same as long as nothing was played."""
        events = self._log.events
        if self._seen is None or self._seen[0] != len(events):
            facts = self._facts.facts(events)
            case = self._seen[1].seen_as(facts) if self._seen else Case(self._scenario, facts)
            self._seen = len(events), case
        return self._seen[1]

    def _turned(self) -> Case:
        return turned(self._case())


def _recognise(view: Callable[[], Case], reader: int = 0) -> tuple[Case, tuple[Finding, ...]]:
    case = view()
    return case, leaks(case, case.facts.requests.get(reader))[0]


def _explained_by_a_place(case: Case) -> tuple[Finding, ...]:
    leaked, _ = all_leaks(case)
    return (*leaked, *dependent(case, readers_of(leaked)))
