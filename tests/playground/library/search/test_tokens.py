"""From text to the tokens that are searched for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.library.search.tokens import TOKEN_CHARACTERS_MAX, parts, phrase, tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Runtime.ImportModuleError", ["runtime", "importmoduleerror"]),
        ("app.someGlobalValue = 1;", ["app", "someglobalvalue", "1"]),
        ("event.queryStringParameters.message", ["event", "querystringparameters", "message"]),
        ("$jQuery __init__ a_b", ["$jquery", "__init__", "a_b"]),
        ("日本語", ["日本", "本語", "語"]),
        ("エラーerror", ["エラ", "ラー", "ー", "error"]),
        ("ﾊﾟｽ", ["パス", "ス"]),
        ("Straße ÉTÉ", ["strasse", "été"]),
        ("-- '' \x00 \ud800 ()", []),
    ],
)
def test_a_text_becomes_tokens(text, found):
    assert tokens(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("someGlobalValue", ["some", "global", "value"]),
        ("Runtime.ImportModuleError", ["import", "module", "error"]),
        ("HTTPServer2", ["http", "server", "2"]),
        ("some_global_value", ["some", "global", "value"]),
        ("plain words", []),
    ],
)
def test_a_name_of_several_words_has_them_as_parts(text, found):
    assert parts(text) == found


@pytest.mark.parametrize("text", ["app.someGlobalValue", "日本語", "前のrequest", "本", "日日", "x本 本"])
def test_a_phrase_is_what_stands_in_the_index_where_its_text_does(text):
    asked, open_end = phrase(text)

    indexed = tokens(f"before {text} after")
    where = [indexed[at : at + len(asked)] for at in range(len(indexed))]
    assert any(
        list(asked[:-1]) == row[:-1] and (row[-1].startswith(asked[-1]) if open_end else row[-1] == asked[-1])
        for row in where
        if len(row) == len(asked)
    )


@given(before=st.text(max_size=20), text=st.text(alphabet="日本語のaB.$_ ー", min_size=1, max_size=8))
def test_a_text_is_found_whatever_stands_around_it(before, text):
    asked, open_end = phrase(text)

    indexed = tokens(f"{before} {text} after")
    rows = [tuple(indexed[at : at + len(asked)]) for at in range(len(indexed) - len(asked) + 1)]
    assert any(row == asked or (open_end and row[:-1] == asked[:-1] and row[-1][0] == asked[-1]) for row in rows)


@given(st.text(max_size=300))
def test_every_token_is_one_word_for_both_databases(text):
    for token in tokens(text) + parts(text):
        assert 1 <= len(token) <= TOKEN_CHARACTERS_MAX * 3
        assert all(c.isalnum() or c in "_$" or not c.isascii() for c in token), token
        assert "\x00" not in token
        token.encode()
