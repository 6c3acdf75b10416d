"""Whatever a template says is marked for translation: a page in Japanese has no English of its own."""

import re
from html.parser import HTMLParser

import pytest
from django.template.base import Lexer, TokenType

from playground.config.environment import CHECKOUT

# What is heard or read of an element's attributes.
SPOKEN = {"alt", "aria-description", "aria-label", "aria-roledescription", "placeholder", "title"}
# What is inside of these is nobody's language.
LITERAL = {"code", "kbd", "pre", "samp", "script", "style"}
MARKED = {"blocktranslate": "endblocktranslate", "blocktrans": "endblocktrans", "comment": "endcomment"}
# Names, units and examples, the same in every language.
SAME_EVERYWHERE = {"Holdover", "UTC", "ms", "MB", "pytest", "node:test", "app.py", "app.handler", "backend"}
SAME_EVERYWHERE |= {"STAGE=dev"}
# Stands alone, for when not even a translation may be looked up.
WITHOUT_TRANSLATION = {"templates/500.html"}

ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')
WORD = re.compile(r"[A-Za-z][\w.:=]*[A-Za-z]")


def outside_of_marks(source):
    """The template's own text, without tags and variables and without what stands between marks."""
    until = None
    for token in Lexer(source).tokenize():
        name = token.split_contents()[0] if token.token_type is TokenType.BLOCK else None
        if until:
            until = None if name == until else until
        elif token.token_type is TokenType.TEXT:
            yield token.contents
        elif token.token_type is not TokenType.COMMENT:
            until = MARKED.get(name)


class Words(HTMLParser):
    """Collects the words that a person would meet."""

    def __init__(self, source):
        super().__init__()
        self.found = []
        self._literal = []
        self.feed("".join(outside_of_marks(source)))
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag in LITERAL:
            self._literal.append(tag)
        for name, value in attributes:
            if name in SPOKEN and value:
                self._meet(value)

    def handle_endtag(self, tag):
        if self._literal and tag == self._literal[-1]:
            self._literal.pop()

    def handle_data(self, data):
        if not self._literal:
            # An attribute that a block adds to a tag of another template looks like text here.
            self._meet(ATTRIBUTE.sub("", data))

    def _meet(self, text):
        self.found += [word for word in WORD.findall(text) if word not in SAME_EVERYWHERE]


def test_a_template_says_nothing_that_is_not_marked():
    templates = [path for path in sorted((CHECKOUT / "templates").rglob("*")) if path.suffix in {".html", ".svg"}]
    unmarked = {
        name: words
        for path in templates
        if (name := str(path.relative_to(CHECKOUT))) not in WITHOUT_TRANSLATION
        and (words := Words(path.read_text("utf-8")).found)
    }
    assert len(templates) > 50
    assert not unmarked


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Nothing was run.</p>", ["Nothing", "was", "run"]),
        ('<p>{% translate "Nothing was run." %}</p>', []),
        ("{% blocktranslate %}Nothing was run.{% endblocktranslate %}", []),
        ("{% blocktranslate %}Nothing.{% endblocktranslate %} More", ["More"]),
        ('<a title="Back" href="/mine">{{ name }}</a>', ["Back"]),
        ("{# A note. #}{% comment %}Another.{% endcomment %}<code>return x</code>", []),
    ],
)
def test_words_that_are_not_marked_are_seen(source, words):
    assert Words(source).found == words
