"""The verdict: whose data came out where, and what carried it.

``prove`` asks for the replays that the oracles need and records them; ``judge`` turns the event log into findings
and is pure.
"""

from sandbox_runner.leaks.judge import Judgement, judge
from sandbox_runner.leaks.proof import prove

__all__ = ["Judgement", "judge", "prove"]
