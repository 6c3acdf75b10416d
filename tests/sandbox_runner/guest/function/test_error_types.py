"""Error types and exits in the service's words."""

import pytest

from sandbox_runner.guest.function.error_types import exit_text, normalised


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        pytest.param("Runtime.ImportModuleError", "Runtime.ImportModuleError", id="a runtime's own passes"),
        pytest.param("Function.MyFailure", "Function.MyFailure", id="a function's own passes"),
        pytest.param("Function.My_Failure", "Function.My_Failure", id="the form is looked for, not matched whole"),
        pytest.param("Function.lower", "Function.Unknown", id="a function's own of another form"),
        pytest.param("ValueError", "Runtime.Unknown", id="an exception's name"),
        pytest.param("runtime.ExitError", "Runtime.Unknown", id="another case"),
        pytest.param("", "Runtime.Unknown", id="nothing"),
    ],
)
def test_a_header_is_normalised(header, shown):
    assert normalised(header) == shown


def test_a_type_as_long_as_a_novel_is_cut():
    assert len(normalised("Runtime." + "A" * 1_000_000)) == 256


@pytest.mark.parametrize(
    ("wait_status", "text"),
    [
        pytest.param(0, "", id="exit status 0"),
        pytest.param(1 << 8, "exit status 1", id="exit status 1"),
        pytest.param(129 << 8, "exit status 129", id="exit status 129"),
        pytest.param(9, "signal: killed", id="SIGKILL"),
        pytest.param(11, "signal: segmentation fault", id="SIGSEGV"),
        pytest.param(11 | 0x80, "signal: segmentation fault (core dumped)", id="SIGSEGV with a core"),
        pytest.param(40, "signal: signal 40", id="a real-time signal"),
    ],
)
def test_an_exit_is_said_as_the_service_says_it(wait_status, text):
    assert exit_text(wait_status) == text
