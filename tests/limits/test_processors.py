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


WORKS_IN_INIT = """
import time
end, began = time.monotonic() + 1, time.process_time()
while time.monotonic() < end:
    pass
used = time.process_time() - began
def handler(event, context):
    return used
"""


def test_init_gets_no_more_than_the_function(engine):
    """More is what people have measured on Lambda, and AWS says nothing of it."""
    (used,) = answers(played(engine, WORKS_IN_INIT, 1, memory_mb=177, cpu="proportional"))
    assert used <= 0.1 + 0.05


@pytest.mark.parametrize(("memory_mb", "share"), [(177, 0.1), (442, 0.25)])
def test_a_function_gets_one_processor_for_1769_mb(engine, memory_mb, share):
    """More than its share would be a limit that does not hold; less is what a busy machine does."""
    (used,) = answers(played(engine, WORKS, 1.0, memory_mb=memory_mb, cpu="proportional", timeout_s=10))
    assert used <= share + 0.05
