"""The verdict: whose data came out where, and what carried it.

Pure: :func:`.judge.judge` turns the event log into findings. The replays that it compares are asked for in
:mod:`sandbox_runner.proof`.
"""

from sandbox_runner.verdict.judge import Judgement, judge

__all__ = ["Judgement", "judge"]
