"""What is written into handlers of the corpus as the fix for what carried their leak."""

from __future__ import annotations

import pytest

from tests.leaks.fixed_copies import CASES, FIXED, NOT_FIXED, fix_for


@pytest.mark.parametrize("name", FIXED)
def test_what_carried_a_leak_of_the_corpus_is_fixed_by_hardly_any_change(name):
    fix, (how, lines) = fix_for(name), FIXED[name]
    before, after = (files[fix.file].splitlines() for files in (CASES[name].scenario.function.files, fix.files))
    assert (
        fix.how,
        [each.strip() for each in after if each not in before or (how == "moved" and each.strip() in lines)],
    ) == (how, lines)
    assert fix.line <= len(after)


@pytest.mark.parametrize("name", NOT_FIXED)
def test_where_no_edit_is_certain_there_is_none(name):
    assert fix_for(name) is None
