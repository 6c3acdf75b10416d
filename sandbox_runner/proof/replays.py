"""Replays: a few requests played again, apart from the run, so that an oracle can compare.

Replays share a few sandboxes that are wiped between two of them, because a fresh process costs a tenth of a fresh
sandbox. A replay's environment is not one of the run's: nothing of it is in the run's event log but what the oracle
that asked for it records there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import Purpose, StateCaptured
    from sandbox_runner.results.model import Outcome


@dataclass(frozen=True, slots=True)
class ProofBudget:
    """How much an oracle may ask for: ``seconds`` of run time in all, and ``replays`` in all."""

    seconds: float
    replays: int


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """One request to play: ``index`` is the request's in the scenario, ``payload`` the JSON text that is sent.

    It meets the account as request ``as_of`` of the run met it; as itself did, where that is 0.
    """

    index: int
    payload: str
    as_of: int = 0


@dataclass(frozen=True, slots=True)
class ReplayAnswer:
    """What came of one request, as the caller and the log saw it.

    ``response`` is cut like that of the run; ``response_cut`` counts the bytes that are missing. ``log`` holds the
    function's own lines during this request (those of a suppressed init included), none of the platform's.
    """

    index: int
    request_id: str
    outcome: Outcome
    error_type: str
    response: str
    response_cut: int = 0
    log: tuple[str, ...] = ()
    log_cut: int = 0


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay: the answers in the order of the requests, and what was held (``probe`` only).

    ``states`` has one walk for init (``after_index`` 0) and one for each request that ended with the runtime alive
    (``after_index`` is the request's index in the scenario). ``init_log`` holds the lines of the initialisation.
    """

    purpose: Purpose
    round: int
    answers: tuple[ReplayAnswer, ...]
    states: tuple[StateCaptured, ...] = ()
    init_log: tuple[str, ...] = ()
    took_us: int = 0


class Replayer(Protocol):
    """Plays requests in one fresh environment: new process, empty ``/tmp``, nothing held. Several may play at once."""

    async def play(
        self,
        requests: Sequence[ReplayRequest],
        *,
        probe: bool,
        purpose: Purpose,
        round: int,  # noqa: A002 - the name that the event log's records have
        waits: Sequence[float] = (),
        restored: Sequence[str] = (),
    ) -> Replay:
        """Play ``requests`` one after the other; ``waits`` are the seconds to stay frozen before each, if any.

        :param restored: places that are put back to what they were after init, before the last request (``probe``
            only).
        May be cancelled (``asyncio.timeout``) at any moment; the next call then starts with a new sandbox.

        :raises OurFailure: the sandbox failed; user code that fails is an outcome.
        """
        ...
