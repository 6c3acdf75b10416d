"""The calls that can have written a line of a log."""

import pytest

from sandbox_runner.handler_code.log_lines import log_lines

NODE = """\
async function store(document) {
  console.log(`stored ${document.title} for ${document.owner}`);
  console.log(document.title);
  console.log(tell("stored for"), "x");
}
"""
PYTHON = """\
def deliver(address, receipt):
    print(f"receipt {receipt} delivered to {address}")
    logger.info("receipt %s was taken back from %s", receipt, address)
    print("receipt", "to", receipt)
    other("delivered to")
"""


@pytest.mark.parametrize(
    ("file", "code", "line", "expected"),
    [
        ("app.mjs", NODE, "stored minutes for Cordelia", [2]),
        ("app.mjs", NODE, "for minutes stored", []),
        ("app.py", PYTHON, "receipt c085 delivered to ann", [2, 4]),
        ("app.py", PYTHON, "[INFO] receipt c085 was taken back from ann", [3]),
        ("app.py", PYTHON, "nothing of it", []),
        ("app.txt", PYTHON, "receipt c085 delivered to ann", []),
    ],
)
def test_a_call_fits_a_line_that_has_all_its_texts_in_order(file, code, line, expected):
    assert [number for _, number in log_lines({file: code}, line)] == expected
