"""Which environment variables code reads, and what one could be for a try."""

import pytest

from sandbox_runner.handler_code.environment_reads import example_of, missed_in, needed, read_at, reads

PYTHON = """import os
from os import environ, getenv
A = os.environ["AA"]
B = os.environ.get("BB")
C = getenv("CC", "usual")
environ["DD"] = "x"
E = environ["EE"]
"""
NODE = """const a = process.env.AA;
const b = process.env["BB"] ?? "usual";
const c = process.env.CC!;
process.env.DD = "x";
"""


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("app.py", PYTHON, [("AA", 3, True), ("BB", 4, False), ("EE", 7, True)]),
        ("app.ts", NODE, [("AA", 1, False), ("CC", 3, False)]),
        ("notes.txt", PYTHON, []),
    ],
)
def test_what_is_read_without_anything_instead_is_found(path, text, found):
    assert [(each.name, each.line, each.fails) for each in reads(path, text)] == found


def test_variables_whose_reading_fails_are_needed_once_and_unless_they_are_set():
    assert needed({"app.py": PYTHON, "b.py": PYTHON}, {"EE"}) == ("AA",)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("BB must be a URL", "BB"),
        ("AA is set already", ""),
        ("Set the OPENAI_API_KEY environment variable", "OPENAI_API_KEY"),
        ("HTTP_ERROR of a server", ""),
        ("EBBED away", ""),
    ],
)
def test_a_message_names_a_variable_that_code_reads_or_says_that_it_is_one(said, found):
    assert missed_in(said, {"app.py": PYTHON}, {"AA"}) == found


def test_a_statement_has_what_it_reads_and_what_its_names_were_read_into():
    lines = (
        "import os",
        "key = os.getenv('KEY')",
        "other = 1",
        "x = Api(",
        "    key,",
        ")",
        "y = len(",
        "  os.getenv('SIZE'))",
    )

    assert [read_at("app.py", "\n".join(lines), line, ()) for line in (3, 4, 7, 8)] == ["", "KEY", "SIZE", "SIZE"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "slack-bot-token"),
        ("api_url", "https://example.com"),
        ("MAX_SIZE", "1"),
        ("TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:example"),
        ("SUPPORT", "support"),
    ],
)
def test_an_example_looks_like_what_the_name_says(name, value):
    assert example_of(name) == value
