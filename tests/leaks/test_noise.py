"""Handlers that keep nothing and answer by chance, their replays and four runs side by side: nothing is proven.

``HOLDOVER_NOISE_ROUNDS=100`` plays a thousand runs; by default there are as many as the matrix has time for.
"""

import os

import pytest

from benchmarks.noise import ANSWERS, play
from sandbox_runner.run.engine import Engine
from tests.contract.engines import make_backend

ROUNDS = int(os.environ.get("HOLDOVER_NOISE_ROUNDS", "2"))
# Of one run, on a busy machine.
RUN_S = 60


@pytest.mark.matrix
@pytest.mark.namespace
@pytest.mark.timeout(ROUNDS * len(ANSWERS) * RUN_S)
def test_nothing_is_proven_of_handlers_that_answer_by_chance(request):
    with Engine(backend=make_backend("namespace", request)) as engine:
        played = play(engine, ROUNDS)

    assert played.wrong == []
    assert played.failed == []
    assert played.verdicts.total() == ROUNDS * len(ANSWERS)
    assert played.at_once > 1
