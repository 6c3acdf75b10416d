"""The numbers of the emulator: the documented ones as documented, ours in an order that makes sense."""

import re
from pathlib import Path

import pytest

from sandbox_runner import limits

CONSTANTS = [name for name in vars(limits) if name.isupper() and name not in {"KB", "MB", "RETRY_DELAYS_S"}]
SECTIONS = Path(limits.__file__).read_text(encoding="utf-8").split("\n# --- ")[1:]


@pytest.mark.parametrize(
    ("name", "documented"),
    [
        # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        ("MEMORY_MB_MIN", 128),
        ("MEMORY_MB_MAX", 10_240),
        ("TIMEOUT_S_DEFAULT", 3),
        ("TIMEOUT_S_MAX", 900),
        ("TMP_MB_MIN", 512),
        ("TMP_MB_MAX", 10_240),
        ("ENVIRONMENT_BYTES_MAX", 4_096),
        ("FILE_DESCRIPTORS_MAX", 1_024),
        ("PROCESSES_AND_THREADS_MAX", 1_024),
        ("REQUEST_BYTES_MAX", 6_291_456),
        ("RESPONSE_BYTES_MAX", 6_291_556),
        # https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
        ("ON_DEMAND_INIT_S", 10),
        ("PROVISIONED_INIT_S_MIN", 130),
        ("SHUTDOWN_MS_NO_EXTENSION", 0),
        ("SHUTDOWN_MS_INTERNAL_EXTENSION", 500),
        ("SHUTDOWN_MS_EXTERNAL_EXTENSION", 2_000),
        # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
        ("RETRY_ATTEMPTS_MAX", 2),
        ("RETRY_DELAYS_S", (60, 120)),
        ("THROTTLE_BACKOFF_S_MIN", 1),
        ("THROTTLE_BACKOFF_S_MAX", 300),
        # https://docs.aws.amazon.com/lambda/latest/api/API_FunctionEventInvokeConfig.html
        ("EVENT_AGE_S_MIN", 60),
        ("EVENT_AGE_S_MAX", 21_600),
        # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        ("ASYNC_REQUEST_BYTES_MAX", 1_048_576),
        ("ACCOUNT_CONCURRENCY", 1_000),
    ],
)
def test_a_documented_number_is_as_documented(name, documented):
    assert getattr(limits, name) == documented


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_limit_is_a_number_that_can_be_reached(name):
    value = getattr(limits, name)
    assert value > 0 or name == "SHUTDOWN_MS_NO_EXTENSION"
    assert value < float("inf")


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition(" -")[0])
def test_a_section_says_whose_numbers_it_holds(section):
    assert re.search(r"DG:[a-z-]+|^ours", section.partition("\n")[0])


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("MEMORY_MB_MIN", "MEMORY_MB_DEFAULT"),
        ("MEMORY_MB_DEFAULT", "MEMORY_MB_MAX"),
        ("TIMEOUT_S_MIN", "TIMEOUT_S_DEFAULT"),
        ("TMP_MB_MIN", "TMP_MB_DEFAULT"),
        ("FILE_BYTES_MAX", "FILES_BYTES_MAX"),
        ("LOG_LINE_BYTES_MAX", "LOG_BYTES_MAX"),
        ("LOG_BYTES_MAX", "RUN_LOG_BYTES_MAX"),
        ("RESULT_ANSWER_BYTES_MAX", "RESPONSE_BYTES_MAX"),
        ("RESPONSE_BYTES_MAX", "FRAME_BYTES_MAX"),
        ("STATE_BYTES_MAX", "FRAME_BYTES_MAX"),
        ("FILES_BYTES_MAX", "FRAME_BYTES_MAX"),
        ("REQUEST_BYTES_MAX", "FRAME_BYTES_MAX"),
    ],
)
def test_what_has_to_fit_into_something_fits(smaller, larger):
    assert getattr(limits, smaller) <= getattr(limits, larger)
