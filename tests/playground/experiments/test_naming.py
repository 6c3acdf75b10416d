"""The title that a verdict proposes."""

from __future__ import annotations

import pytest

from playground.experiments.naming import CHARACTERS_MAX, proposed_title


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("tenant-b received tenant-a's card (4111). Carried by app.KEPT.", "tenant-b received tenant-a's card (4111)"),
        ("tenant-b が card を受け取りました。app.KEPT に残っていました。", "tenant-b が card を受け取りました"),
        ("version 1.5 of it stayed. More.", "version 1.5 of it stayed"),
        ("", ""),
    ],
)
def test_the_first_sentence_is_the_title(sentence, title):
    assert proposed_title(sentence) == title


@pytest.mark.parametrize("sentence", ["word " * 40, "x" * 200])
def test_a_long_one_is_cut_at_a_word_where_there_is_one(sentence):
    title = proposed_title(sentence)
    assert len(title) <= CHARACTERS_MAX
    assert title.endswith("…")
    assert not title.endswith(" …")
