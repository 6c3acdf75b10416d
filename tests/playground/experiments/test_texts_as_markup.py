"""Pieces of text become markup that says nothing else than they do."""

from __future__ import annotations

from playground.experiments.templatetags.texts import as_markup
from playground.text.display_text import Piece

PIECES = (Piece('a <b> & "c"'), Piece("U+202E", "invisible", 'right-to-left "override"'), Piece("", "differs"))


def test_pieces_are_escaped_each_in_its_style():
    assert as_markup(PIECES) == (
        "a &lt;b&gt; &amp; &quot;c&quot;"
        '<span class="invisible" title="right-to-left &quot;override&quot;">U+202E</span>'
        '<span class="differs"></span>'
    )


def test_without_pieces_there_is_no_markup():
    assert as_markup(None) == ""
