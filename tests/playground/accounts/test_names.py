"""Names of people: how they are stored, which may not be, and which look like one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.accounts import names

STORED = {
    "plain": ("ada", "ada"),
    "its case": ("Ada", "Ada"),
    "full-width letters": ("\uff41da", "ada"),
    "an accent beside its letter": ("cafe\u0301", "café"),
    "Japanese": ("山田太郎", "山田太郎"),
    "kana and Latin": ("tanakaカー", "tanakaカー"),
    "signs": ("a.b-c_d+e@f", "a.b-c_d+e@f"),
}


@pytest.mark.parametrize(("typed", "stored"), STORED.values(), ids=STORED.keys())
def test_a_name_is_stored_in_one_way_of_writing(typed, stored):
    assert names.prepared(typed) == stored
    assert not names.mixes_scripts(stored)
    assert not names.is_reserved(stored)


REFUSED = {
    "blank": "\u3164\u3164",
    "a space": "a b",
    "nothing": "",
    "signs alone": "..",
    "at signs": "@@",
    "other signs": "+-",
    "a zero width space": "ad\u200ba",
    "a soft hyphen": "ad\u00ada",
    "a turn of direction": "ad\u202ea",
    "two directions": "aא",
    "markup": "<script>",
    "a NUL": "a\x00",
}


@pytest.mark.parametrize("typed", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_seen_or_told_apart_is_no_name(typed):
    assert names.prepared(typed) is None


@pytest.mark.parametrize(
    "name", ["\u0430da", "\u0440\u043e\u043et", "\u0430\u0434a\u043c", "\u03b1lice", "ada漢\u0434"]
)
def test_letters_of_scripts_that_are_not_written_together_are_told(name):
    assert names.mixes_scripts(name)


LOOK_ALIKE = [
    ("ada", "\u0430d\u0430"),
    ("admin", "\u0430dm\u0456n"),
    ("paypal", "paypaI"),
    ("ann1", "annl"),
    ("am", "arn"),
    ("o0o", "ooo"),
]


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKE)
def test_names_that_look_alike_have_one_skeleton(one, other):
    assert names.skeleton(one) == names.skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("ada", "eve"), ("山田", "田山"), ("ada", "adam"), ("anna", "anne")])
def test_names_that_do_not_look_alike_have_two(one, other):
    assert names.skeleton(one) != names.skeleton(other)


@pytest.mark.parametrize("name", ["admin", "ADMIN", "Admin", "\u0430dmin", "ADMlN", "r00t", "ro0t", "Nobody", "staff"])
def test_what_stands_for_this_site_is_reserved_however_it_is_written(name):
    assert names.is_reserved(name)


@given(st.text(max_size=20))
def test_a_prepared_name_stays_as_it_is(typed):
    name = names.prepared(typed)

    if name is not None:
        assert names.prepared(name) == name
        assert names.skeleton(name) == names.skeleton(name)
