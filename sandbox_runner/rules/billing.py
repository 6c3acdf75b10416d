"""Computes the figures of a REPORT line. Pure.

Billing counts whole milliseconds, rounded up, of the figures the line itself shows: since August 2025 the sum of
Duration and Init Duration. This reproduces the documented and published samples (133.61 + 80.00 is billed 214; 3.10 +
542.01 is billed 546). Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html and the AWS
Compute Blog, "AWS Lambda standardizes billing for INIT Phase".
"""

from __future__ import annotations

from sandbox_runner.events.records import Metrics

_US_PER_HUNDREDTH = 10
_HUNDREDTHS_PER_MS = 100
_KB_PER_MB = 1024


def report_metrics(*, duration_us: int, init_us: int | None, memory_mb: int, peak_kb: int) -> Metrics:
    """The figures of one REPORT.

    :param duration_us: from the delivery of the invoke to the runtime's next request, suppressed init included.
    :param init_us: the init phase, in the first report of an environment whose init succeeded; otherwise ``None``.
    :param peak_kb: the highest memory use of the environment so far, shown as the limit if it was measured above the
        limit before the kill: on the service no more is available.
    """
    shown = _hundredths(duration_us) + _hundredths(init_us or 0)
    return Metrics(
        duration_ms=duration_us / 1000,
        billed_duration_ms=max(1, -(-shown // _HUNDREDTHS_PER_MS)),
        memory_size_mb=memory_mb,
        max_memory_used_mb=min(-(-peak_kb // _KB_PER_MB), memory_mb),
        init_duration_ms=None if init_us is None else init_us / 1000,
    )


def two_decimals(ms: float) -> str:
    """Milliseconds as the log writes them: two decimals, half rounded up."""
    hundredths = _hundredths(round(ms * 1000))
    return f"{hundredths // _HUNDREDTHS_PER_MS}.{hundredths % _HUNDREDTHS_PER_MS:02d}"


def _hundredths(us: int) -> int:
    return (us + _US_PER_HUNDREDTH // 2) // _US_PER_HUNDREDTH
