"""A description is shown as its writer meant it, and does nothing to its reader."""

import pytest

from playground.text.markdown import rendered

PLAIN = {
    "words": ("It *leaks* `x`", "<p>It <em>leaks</em> <code>x</code></p>"),
    "headings below the page's own": ("# One\n\n###### Six", "<h3>One</h3>\n<h6>Six</h6>"),
    "a table": ("|a|\n|-|\n|1|", "<td>1</td>"),
    "a link": ("[a](https://a.example/)", '<a href="https://a.example/" rel="nofollow noopener noreferrer">a</a>'),
}


@pytest.mark.parametrize(("text", "html"), PLAIN.values(), ids=PLAIN.keys())
def test_markdown_is_shown(text, html):
    assert html in rendered(text)


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x)",
    "![x](https://tracker.example/p.png)",
    "<style>*{display:none}</style>",
    "<iframe src=https://a.example></iframe>",
    "```html\n<script>alert(1)</script>\n```",
    "<!-- --><svg onload=alert(1)>",
    "[x](https://a.example/ 'onmouseover=alert(1)')",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_it_runs_or_loads(text):
    html = rendered(text).lower()

    for mark in ("<script", "<img", "<style", "<iframe", "<svg", "<form", 'href="javascript', 'href="data', 'href="vb'):
        assert mark not in html


def test_a_character_that_hides_or_reorders_gets_a_name():
    html = rendered("pay \u202edrawkcab\u200b")

    assert "\u202e" not in html
    assert "U+202E" in html
    assert "U+200B" in html


def test_what_is_too_long_is_cut_and_that_is_said():
    assert "80,000 characters more" in rendered("x" * 100_000)


@pytest.mark.parametrize("text", ["> " * 10_000, "[" * 20_000, "*a " * 6_000, "`" * 20_000, "- " * 10_000])
def test_nesting_without_end_is_still_a_page(text):
    assert len(rendered(text)) < 1_000_000
