"""Lambda's identifiers: which there are, which are played and how, and what is said of the others."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import render
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.managed import BY_IDENTIFIER, CUSTOMERS, FAMILIES, MANAGED
from sandbox_runner.runtimes.misspelt import meant_by
from sandbox_runner.runtimes.stand_ins import said_of
from sandbox_runner.scenario.reader import parse_scenario, read_scenario
from tests.builders import a_function, invoke

TODAY = date(2026, 11, 29)
REFUSED = (
    "The runtime parameter of {} is no longer supported for creating or updating AWS Lambda functions. "
    "We recommend you use the new runtime ({}) while creating or updating functions."
)


def read(runtime, today=TODAY):
    return parse_scenario({"function": a_function(runtime=runtime), "steps": [invoke()]}, today=today)


def problem(runtime, today=TODAY):
    with pytest.raises(ScenarioError) as raised:
        read(runtime, today)
    return raised.value.problem


def test_every_runtime_here_is_one_of_lambdas_and_filed_under_its_language():
    assert {each.identifier: BY_IDENTIFIER[each.identifier].family for each in registry.RUNTIMES} == {
        each.identifier: each.language.key for each in registry.RUNTIMES
    }


def test_no_identifier_is_there_twice_and_each_has_a_family():
    assert len(BY_IDENTIFIER) == len(MANAGED)
    assert {each.family for each in MANAGED} == FAMILIES.keys()


def test_what_cannot_be_changed_could_not_be_created_before():
    dated = [each for each in MANAGED if each.deprecated and each.create_blocked and each.update_blocked]
    assert [each.identifier for each in dated if each.create_blocked > each.update_blocked] == []
    undated = {each.identifier for each in MANAGED} - {each.identifier for each in dated}
    assert undated == {
        *("python3.15", "nodejs26.x", "java8.al2023", "java11.al2023", "java17.al2023", "custom"),
        *("dotnet5.0", "dotnet7", "dotnet9"),
    }


@pytest.mark.parametrize("one", MANAGED, ids=lambda each: each.identifier)
def test_each_identifier_is_played_refused_as_lambda_refuses_it_or_said_to_be_elsewhere(one):
    if one.family == CUSTOMERS:
        assert "is a runtime that somebody keeps in an AWS account" in problem(one.identifier)
    elif one.family not in {each.key for each in registry.PLAYED_LANGUAGES}:
        said = f"cannot be played: {FAMILIES[one.family]} is not available here; a zip with a bootstrap for provided.al"
        assert said in problem(one.identifier)
    elif one.is_refused(TODAY):
        assert REFUSED.format(one.identifier, one.successor) in problem(one.identifier)
    else:
        (runtime,) = read(one.identifier).interpreters
        assert BY_IDENTIFIER[runtime].family == one.family


def test_a_runtime_of_its_own_plays_what_names_it():
    assert all(read(each).stand_ins == {} for each in registry.IDENTIFIERS)


def test_the_next_newer_runtime_stands_in_and_the_newest_where_none_is_newer():
    for family in {each.family for each in MANAGED}:
        order = [each.identifier for each in MANAGED if each.family == family]
        here = [at for at, identifier in enumerate(order) if identifier in registry.IDENTIFIERS]
        for at, identifier in enumerate(order):
            if here and at not in here:
                newer = [each for each in here if each > at]
                stand_in = registry.stand_in_of(identifier)
                assert stand_in is not None
                assert stand_in.identifier == order[newer[0] if newer else here[-1]]


def test_the_label_names_both():
    (message,) = said_of({"python3.12": "python3.13"})
    assert render(message) == "python3.12 is played on Python 3.13."
    assert render(message, "ja") == "python3.12 は Python 3.13 で実行します。"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("python312", "python3.12"),
        ("Python3.12", "python3.12"),
        ("Python 3.12", "python3.12"),
        ("PYTHON_3_12", "python3.12"),
        ("pyton3.13", "python3.13"),
        ("python3.13.1", "python3.13"),
        ("node22", "nodejs22.x"),
        ("Node.js 22", "nodejs22.x"),
        ("nodejs20", "nodejs20.x"),
        ("node22.x", "nodejs22.x"),
        ("provided.al2022", "provided.al2023"),
    ],
)
def test_a_misspelt_identifier_is_answered_with_the_one_of_its_release(written, meant):
    assert problem(written) == f"function.runtime {written} is unknown; did you mean {meant}?"


@pytest.mark.parametrize(
    ("written", "language", "newest"),
    [
        ("python", "Python", "python3.14"),
        ("python3.16", "Python", "python3.14"),
        ("pyhton3.7", "Python", "python3.14"),
        ("nodejs21.x", "Node.js", "nodejs24.x"),
        ("typescript", "Node.js", "nodejs24.x"),
    ],
)
def test_a_release_that_lambda_has_not_or_no_longer_takes_is_answered_with_those_of_its_language(
    written, language, newest
):
    *others, last = [each.identifier for each in registry.RUNTIMES if each.language.label == language]
    assert last == newest
    choose = f"for {language} choose {', '.join(others)} or {last}"
    assert problem(written) == f"function.runtime {written} is unknown; {choose}"


@pytest.mark.parametrize(
    ("written", "language"), [("java-21", "Java"), ("go", "Go"), (".net9", ".NET"), ("rby3", "Ruby")]
)
def test_a_misspelt_identifier_of_a_language_that_is_not_here_is_answered_with_the_way_in(written, language):
    assert f"function.runtime {written} cannot be played: {language} is not available here; a zip with" in problem(
        written
    )


@pytest.mark.parametrize("written", ["cobol85.x", "", "3.12", "x" * 4000])
def test_what_is_like_none_is_answered_with_all(written):
    assert f"is unknown; choose {registry.CHOICE}" in problem(written)


@given(
    st.sampled_from(["python", "Node ", "nodejs", "provided.al", "py"]),
    st.decimals(0, 40, places=2),
    st.text("x-.", max_size=2),
)
def test_whatever_is_proposed_is_taken(language, release, rest):
    meant = meant_by(f"{language}{release.normalize():f}{rest}")
    assert meant is not None
    for proposed in (meant.identifier,) if meant.identifier else meant.choices:
        assert read(proposed).runtimes == (proposed,)


def test_a_runtime_is_taken_to_the_last_day_on_which_lambda_takes_it():
    blocked = BY_IDENTIFIER["python3.9"].create_blocked
    assert blocked == date(2027, 2, 1)
    assert read("python3.9", date(2027, 1, 31)).runtimes == ("python3.9",)
    assert "since 2027-02-01" in problem("python3.9", blocked)


def test_a_file_is_judged_by_the_same_day_with_the_line():
    text = "function: {handler: app.handler, files: {app.py: x},\n  runtime: nodejs14.x}\nsteps: [{invoke: {}}]"
    with pytest.raises(ScenarioError) as raised:
        read_scenario(text)
    assert (raised.value.field, raised.value.line) == ("function.runtime", 2)
