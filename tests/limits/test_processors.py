"""Processor time: as much as there is, or Lambda's share for the memory where the function asks for it."""

from __future__ import annotations

import pytest

from tests.playing import answers, played

WORKS = """
import time
def handler(event, context):
    end, used = time.monotonic() + event, time.process_time()
    while time.monotonic() < end:
        pass
    return time.process_time() - used
"""


@pytest.mark.parametrize(("memory_mb", "share"), [(177, 0.1), (442, 0.25)])
def test_a_function_gets_one_processor_for_1769_mb(engine, memory_mb, share):
    """More than its share would be a limit that does not hold; less is what a busy machine does."""
    (used,) = answers(played(engine, WORKS, 1.0, memory_mb=memory_mb, cpu="proportional", timeout_s=10))
    assert used <= share + 0.05
