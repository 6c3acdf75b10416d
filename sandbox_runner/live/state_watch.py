"""What environments hold between a session's requests: those so far are replayed with the probe, as at the end.

Nothing of it is evidence: the verdict has walks of its own, after the session.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sandbox_runner.errors import OurFailure
from sandbox_runner.events.records import SessionWalked
from sandbox_runner.events.times_alone import times_alone
from sandbox_runner.proof.player import STATE_CHARACTERS_MAX
from sandbox_runner.proof.replays import ReplayRequest
from sandbox_runner.rules.requests import every_request
from sandbox_runner.runtimes.registry import runtime_of
from sandbox_runner.verdict.evidence.reading import read_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox_runner.events.log import EventLog
    from sandbox_runner.proof.sandbox_replayer import FunctionReplayers
    from sandbox_runner.scenario.model import Scenario

# What takes longer to be played again than that is seen at the end alone.
WALK_S_MAX: Final = 5.0
WITHIN_S: Final = 3 * WALK_S_MAX
REQUESTS_MAX: Final = 30


class StateWatch:
    """Looks at the environments of one session, each after its newest request.

    :param replayers: makes what plays requests of a scenario again.
    """

    def __init__(self, log: EventLog, replayers: Callable[[Scenario], FunctionReplayers]) -> None:
        self._log = log
        self._replayers = replayers
        self._seen: dict[str, int] = {}
        self._recorded: set[tuple[str, int]] = set()
        self._room = STATE_CHARACTERS_MAX // 4

    def has_news(self, scenario: Scenario) -> bool:
        """Whether an environment has served a request since it was looked at."""
        return next(self._unseen(scenario), None) is not None

    async def look(self, scenario: Scenario) -> None:
        """Record what each such environment holds now; of what cannot be played again here, nothing is."""
        payloads = {index: request.payload_text for index, _, request in every_request(scenario, self._log.events)}
        replayers = self._replayers(scenario)
        try:
            for name, sequence in list(self._unseen(scenario)):
                self._seen[name] = len(sequence)
                requests = [ReplayRequest(index, payloads[index]) for index in sequence]
                with suppress(OurFailure, TimeoutError):
                    async with asyncio.timeout(WITHIN_S):
                        replay = await replayers.play(requests, probe=True, purpose="xray", round=0)
                    for state in replay.states:
                        self._record(name, SessionWalked(state=state))
        finally:
            await replayers.close()

    def _record(self, environment: str, walked: SessionWalked) -> None:
        place = environment, walked.state.after_index
        self._room -= sum(len(leaf.path) + len(leaf.value) for leaf in walked.state.leaves)
        if place not in self._recorded and self._room > 0:
            self._recorded.add(place)
            self._log.append(walked, environment=environment)

    def _unseen(self, scenario: Scenario) -> Iterator[tuple[str, tuple[int, ...]]]:
        facts, alone_s = read_facts(scenario, self._log.events), times_alone(self._log.events)
        for name, sequence in facts.sequences.items():
            served = [facts.requests[index] for index in sequence]
            takes_s = alone_s.get(0, 0.0) + sum(alone_s.get(index, 0.0) for index in sequence)
            if (
                len(sequence) > self._seen.get(name, 0)
                and len(sequence) <= REQUESTS_MAX
                and takes_s <= WALK_S_MAX
                and all(each.answer is not None for each in served)
                and runtime_of(scenario.functions[served[0].function].runtime).is_probed
            ):
                yield name, sequence
