"""The arithmetic of REPORT lines."""

import asyncio
import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.rules.billing import report_metrics, two_decimals
from sandbox_runner.run.runner import RunOptions, play
from tests.builders import invoke, scenario
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits, TakesForever

US = st.integers(min_value=0, max_value=1_000_000_000)


def metrics(duration_us, init_us=None, peak_kb=0):
    return report_metrics(duration_us=duration_us, init_us=init_us, memory_mb=128, peak_kb=peak_kb)


@pytest.mark.parametrize(
    ("duration_ms", "init_ms", "billed"),
    [
        pytest.param(133.61, 80.00, 214, id="the sample of AWS's documentation"),
        pytest.param(3.10, 542.01, 546, id="published log line"),
        pytest.param(1655.10, 322.04, 1978, id="another one"),
        pytest.param(3016.78, 84.00, 3101, id="a timeout"),
        pytest.param(127.10, None, 128, id="warm"),
        pytest.param(0.0, None, 1, id="nothing is billed as one millisecond"),
    ],
)
def test_billed_is_the_rounded_up_sum(duration_ms, init_ms, billed):
    shown = metrics(round(duration_ms * 1000), None if init_ms is None else round(init_ms * 1000))
    assert shown.billed_duration_ms == billed


@given(duration_us=US, init_us=st.none() | US)
def test_billed_follows_from_the_figures_that_the_line_shows(duration_us, init_us):
    shown = metrics(duration_us, init_us)
    hundredths = sum(
        round(float(two_decimals(each)) * 100)
        for each in (shown.duration_ms, shown.init_duration_ms)
        if each is not None
    )
    assert shown.billed_duration_ms == max(1, math.ceil(hundredths / 100))


@given(us=US)
def test_two_decimals_are_within_half_a_hundredth(us):
    assert abs(float(two_decimals(us / 1000)) - us / 1000) <= 0.005 + 1e-9


@pytest.mark.parametrize(
    ("us", "text"), [(125, "0.13"), (115, "0.12"), (5, "0.01"), (4, "0.00"), (10_000_000, "10000.00")]
)
def test_the_half_is_rounded_up(us, text):
    assert two_decimals(us / 1000) == text


@pytest.mark.parametrize(("peak_kb", "mb"), [(0, 0), (1, 1), (1024, 1), (1025, 2)])
def test_memory_is_whole_megabytes_of_1024_kb_rounded_up(peak_kb, mb):
    assert metrics(1, peak_kb=peak_kb).max_memory_used_mb == mb


def test_more_memory_than_there_is_cannot_be_used():
    assert metrics(1, peak_kb=255 * 1024).max_memory_used_mb == 128


def test_a_report_without_init_says_nothing_of_it():
    assert metrics(1000).init_duration_ms is None


# --- whole lines of whole runs ------------------------------------------------------------------------------------

REPORT = re.compile(
    r"REPORT RequestId: \S+\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\tMemory Size: 128 MB"
    r"\tMax Memory Used: (\d+) MB(?:\tInit Duration: ([\d.]+) ms)?(?:\tStatus: (\w+))?.*"
)
ENDINGS = {"answers": None, "exits": RuntimeExits("exit status 1"), "times out": TakesForever()}


def reported(init_s, invoke_s, endings):
    """The figures of each REPORT line of a run whose requests end like that."""
    left = iter(endings)

    def handler(*_):
        if problem := ENDINGS[next(left)]:
            raise problem

    backend = FakeBackend(FakeFunction(handler=handler, init_s=init_s, invoke_s=invoke_s))
    asked = scenario(*[invoke() for _ in endings])
    entries = asyncio.run(play(asked, backend, clock=backend.clock, options=RunOptions(prove=False))).log
    found = [REPORT.fullmatch(entry.line) for entry in entries if entry.line.startswith("REPORT")]
    return [each.groups() for each in found if each]


@given(
    init_s=st.floats(min_value=0, max_value=2),
    invoke_s=st.floats(min_value=0, max_value=0.9),
    endings=st.lists(st.sampled_from(sorted(ENDINGS)), min_size=1, max_size=4),
)
def test_every_line_of_a_run_adds_up(init_s, invoke_s, endings):
    lines = reported(init_s, invoke_s, endings)
    assert len(lines) == len(endings)
    for number, (duration, billed, _, init, _) in enumerate(lines):
        assert (init is not None) == (number == 0)
        assert int(billed) == max(1, math.ceil(Decimal(duration) + Decimal(init or 0)))


@given(init_s=st.floats(min_value=0.001, max_value=2), invoke_s=st.floats(min_value=0.001, max_value=0.9))
def test_after_a_reset_the_hidden_init_is_in_the_duration(init_s, invoke_s):
    (*_, last) = reported(init_s, invoke_s, ["exits", "answers"])
    assert abs(float(last[0]) - 1000 * (init_s + invoke_s)) < 0.1


def test_the_documented_arithmetic_of_a_hidden_init():
    """AWS's own sample: 2.5 s from START to REPORT, 3022.91 ms in the line, the rest is the hidden init."""
    (*_, last) = reported(0.52291, 2.5, ["exits", "answers"])
    assert last[0] == "3022.91"
