"""What a run would be billed for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.events.records import Event, PlatformReport, RequestThrottled
from sandbox_runner.projections.cost import invoice
from sandbox_runner.results.parts import Invoice
from sandbox_runner.rules.billing import report_metrics


def report(duration_us, memory_mb=128, init_us=None, status="success"):
    metrics = report_metrics(duration_us=duration_us, init_us=init_us, memory_mb=memory_mb, peak_kb=0)
    return PlatformReport(request_id="i", status=status, metrics=metrics)


def events(*records):
    return [Event(seq=n, at_us=0, service_at_us=0, record=record) for n, record in enumerate(records, 1)]


def test_nothing_played_costs_nothing():
    assert invoice([]) == Invoice(requests=0, billed_ms=0, gb_seconds=0.0)


def test_a_second_of_a_gigabyte_is_one_gb_second():
    assert invoice(events(report(1_000_000, 1024))) == Invoice(requests=1, billed_ms=1000, gb_seconds=1.0)


def test_init_is_billed_and_failures_are():
    shown = invoice(events(report(100_000, init_us=80_000), report(3_000_000, status="timeout")))
    assert (shown.requests, shown.billed_ms) == (2, 180 + 3000)
    assert shown.gb_seconds == pytest.approx(3.18 / 8)


def test_a_throttled_request_is_not_billed():
    assert invoice(events(RequestThrottled(index=1, reason="r", body="{}"))).requests == 0


def test_a_request_that_overlaps_others_is_not_billed():
    metrics = report(100_000).metrics.model_copy(update={"billed_duration_ms": None})
    assert invoice(events(PlatformReport(request_id="i", status="success", metrics=metrics))).requests == 0


US = st.integers(min_value=0, max_value=900_000_000)


@given(played=st.lists(st.tuples(US, st.none() | US, st.integers(min_value=128, max_value=10_240)), max_size=20))
def test_an_invoice_is_the_sum_of_its_reports(played):
    reports = [report(duration, memory, init) for duration, init, memory in played]
    parts = [invoice(events(each)) for each in reports]
    whole = invoice(events(*reports))
    assert whole.billed_ms == sum(each.billed_ms for each in parts)
    assert whole.gb_seconds == pytest.approx(sum(each.gb_seconds for each in parts))
    assert whole.billed_ms >= sum(duration / 1000 for duration, _, _ in played) - 0.005 * len(played)
