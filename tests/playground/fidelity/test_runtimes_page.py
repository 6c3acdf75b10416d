"""The page of Lambda's runtimes, and the form that offers them."""

import re
from datetime import date
from pathlib import Path

import pytest

from playground.editor.runtime_choices import note_of, runtime_choices
from playground.fidelity.runtimes_page import families
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.managed import BY_IDENTIFIER, MANAGED

TODAY = date(2026, 11, 29)


def rows(today=TODAY):
    return {row.identifier: row for family in families(today) for row in family.rows}


def offered(today=TODAY, chosen=""):
    return {choice.identifier: choice for group in runtime_choices(today, chosen) for choice in group.choices}


def test_every_identifier_has_a_row():
    assert sorted(rows()) == sorted(each.identifier for each in MANAGED)


@pytest.mark.parametrize(
    ("identifier", "fate", "says"),
    [
        ("python3.13", "played", "awslambdaric"),
        ("python3.12", "stand-in", "python3.12 is played on Python 3.13."),
        ("nodejs14.x", "refused", "it recommends nodejs24.x"),
        ("java21", "elsewhere", "Its language is not available here; a zip with a bootstrap"),
        ("dotnet9", "elsewhere", "Its language is not available here; a zip with a bootstrap"),
        ("custom", "elsewhere", "Somebody keeps it in an AWS account, out of reach from here"),
        ("provided.al2023", "played", "By the program named bootstrap that the function brings."),
        ("provided.al2", "stand-in", "provided.al2 is played on OS-only (Amazon Linux 2023)."),
    ],
)
def test_a_row_says_what_happens_here(identifier, fate, says):
    assert rows()[identifier].fate == fate
    assert says in rows()[identifier].here


def test_a_row_has_lambdas_dates():
    assert rows()["python3.12"].dates == ("2028-10-31", "2028-11-30", "2029-01-10")
    assert rows()["nodejs26.x"].dates == ("", "", "")


def test_the_ledgers_table_is_that_of_the_code():
    table = (Path(__file__).parents[3] / "docs" / "runtimes.md").read_text("utf-8")
    for each in MANAGED:
        days = (each.deprecated, each.create_blocked, each.update_blocked)
        cells = [f"`{each.identifier}`", each.label, *(str(day) if day else "-" for day in days), each.successor or "-"]
        assert f"| {' | '.join(cells)} |" in table
    assert len(re.findall(r"^\| `", table, re.MULTILINE)) == len(MANAGED)


def test_what_lambda_refuses_depends_on_the_day():
    assert (rows()["nodejs18.x"].fate, rows(date(2027, 2, 1))["nodejs18.x"].fate) == ("stand-in", "refused")


def test_the_form_offers_what_lambda_takes_and_what_is_played():
    taken = {each for each in registry.PLAYED if not BY_IDENTIFIER[each].is_refused(TODAY)}
    assert offered().keys() == taken


def test_what_is_chosen_stays_on_offer_after_lambda_refuses_it():
    late = date(2027, 3, 1)
    assert "python3.9" not in offered(late)
    assert "python3.9" in offered(late, "python3.9")


def test_an_option_and_a_sentence_say_which_runtime_plays_it():
    assert offered()["python3.12"].said == "python3.12 (on Python 3.13)"
    assert note_of("python3.12") == "python3.12 is played on Python 3.13."
    assert note_of("python3.13") == note_of("cobol") == ""


@pytest.mark.django_db
def test_the_pages_link_to_each_other(client):
    page = client.get("/runtimes").content.decode()
    assert 'id="python312"' in page
    assert 'href="/installed"' in page
    assert 'href="/runtimes"' in client.get("/installed").content.decode()


@pytest.mark.django_db
def test_the_form_shows_the_sentence_of_what_was_chosen(client):
    sent = {"runtime": "python3.12", "handler": "", "memory_mb": "128", "timeout_s": "3"}
    page = client.post("/", sent).content.decode()
    assert re.search(r"<span data-runtime-note>python3\.12 is played on Python 3\.13\.</span>", page)
    assert '<option value="python3.12" data-note="python3.12 is played on Python 3.13." selected>' in page
