"""What somebody typed into the search box, read without ever failing on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.library.search.query_text import QUERY_CHARACTERS_MAX, TERMS_MAX, Query, Term, read_query


def test_words_must_all_occur():
    assert read_query("warm start").wanted == (Term(("warm",)), Term(("start",)))


def test_a_name_with_dots_is_a_phrase_of_its_names():
    assert read_query("app.cache").wanted == (Term(("app", "cache")),)


def test_a_name_of_several_words_may_be_found_by_them():
    assert read_query("globalValue").wanted == (Term(("globalvalue",), ("global", "value")),)


def test_quotes_ask_for_words_in_a_row_and_need_no_end():
    assert read_query('"timed out after').wanted == (Term(("timed", "out", "after")),)


def test_a_minus_leaves_out():
    query = read_query("warm -cold")

    assert query.wanted == (Term(("warm",)),)
    assert query.unwanted == (Term(("cold",)),)


@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_nothing_typed_is_no_problem(text):
    assert read_query(text) == Query()


@pytest.mark.parametrize("text", ["&|!()", '"\'"', "* : <-> ~", "\x00\x00", "%%__"[:2], "-", '--- ""'])
def test_operators_alone_are_answered_with_a_sentence(text):
    query = read_query(text)

    assert not query.searches
    assert "no letter or digit" in query.problem


def test_words_to_leave_out_alone_are_answered_with_a_sentence():
    assert "at least one that must occur" in read_query("-cold").problem


def test_a_long_text_is_refused_with_its_length():
    query = read_query("a" * 10_000_000)

    assert query.problem == f"The search text has 10,000,000 characters; shorten it to {QUERY_CHARACTERS_MAX}."
    assert len(query.text) == QUERY_CHARACTERS_MAX


def test_what_is_left_out_of_many_words_is_counted():
    query = read_query(" ".join(f"w{number}" for number in range(TERMS_MAX + 3)))

    assert len(query.wanted) == TERMS_MAX
    assert query.remark == f"Only the first {TERMS_MAX} words are searched for; 3 more were left out."


@given(st.text(max_size=QUERY_CHARACTERS_MAX + 5))
def test_any_text_is_read(text):
    query = read_query(text)

    assert query.searches or query.problem or not query.text
    assert len(query.wanted) + len(query.unwanted) <= TERMS_MAX
