"""Sessions are played apart from other runs: each on a thread of its own, so that those who wait for a result do not
wait for somebody's hour.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from playground.experiments.live_session import LiveSession
from playground.infrastructure.patience import renew
from playground.runs import execution

if TYPE_CHECKING:
    from playground.runs.execution import Worker

_playing: Final[set[threading.Thread]] = set()
_END_S: Final = 20.0


def execute(run_id: str, worker: Worker) -> None:
    """Play the run of that id; a session is only begun."""
    if not worker.patience.ask(lambda: LiveSession.objects.filter(run_id=run_id).exists(), at_the_end_s=0):
        execution.execute(run_id, worker)
        return
    thread = threading.Thread(target=_play, args=(run_id, worker), name=f"live-{run_id}", daemon=True)
    _playing.add(thread)
    thread.start()


def _play(run_id: str, worker: Worker) -> None:
    try:
        execution.execute(run_id, worker)
    finally:
        _playing.discard(threading.current_thread())
        renew()


def wait() -> None:
    """Wait until those that were ended have stored what there is of them."""
    for thread in list(_playing):
        thread.join(_END_S)
