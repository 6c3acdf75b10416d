"""Message catalogues: extracts marked text from the sources into ``locale/``. For development only.

Templates are read with Django's own parser, Python with Babel's.
"""

from __future__ import annotations

import ast
import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from playground.config.environment import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CATALOGUES: Final = tuple(sorted((CHECKOUT / "locale").glob("*/LC_MESSAGES/django.po")))
KEYWORDS: Final = {
    "_": None, "N_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
# What Django's parser leaves of a template: calls with literals.
_CALL: Final = re.compile(
    r"\b(_|gettext|ngettext|pgettext|npgettext)\(((?:[^()\"']|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')*)\)"
)
_LITERAL: Final = re.compile(r"u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")

_NO_DATE: Final = datetime(2000, 1, 1, tzinfo=UTC)

Message = tuple[str, tuple[str, ...], str | None]


def marked() -> Catalog:
    """Everything that is marked for translation, with its place."""
    found = Catalog(project="Holdover", version="")
    for place, texts, context in (*in_templates(), *in_python()):
        found.add(texts[0] if len(texts) == 1 else texts, locations=[(place, 0)], context=context)
    return found


def in_templates() -> Iterator[Message]:
    """The messages of templates: where, the text (or singular and plural), and its context."""
    for path in sorted((CHECKOUT / "templates").rglob("*.html")):
        for call in _CALL.finditer(templatize(path.read_text("utf-8"))):
            texts = tuple(ast.literal_eval(literal[1]) for literal in _LITERAL.finditer(call[2]))
            with_context = call[1] in ("pgettext", "npgettext")
            yield (
                str(path.relative_to(CHECKOUT)),
                texts[1:] if with_context else texts,
                texts[0] if with_context else None,
            )


def in_python() -> Iterator[Message]:
    """The same of Python's files."""
    sources = extract_from_dir(CHECKOUT / "playground", [("**.py", "python")], keywords=KEYWORDS)
    for name, _line, message, _comments, context in sources:
        yield f"playground/{name}", tuple(message) if isinstance(message, tuple) else (message,), context


def stored(path: Path) -> Catalog:
    """The catalogue in that file."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parents[1].name)
    # Neither form says when it was made: the same words are the same bytes.
    catalogue.creation_date = catalogue.revision_date = _NO_DATE
    return catalogue


def updated(catalogue: Catalog) -> Catalog:
    """``catalogue`` with what is marked now, and nothing that is not; no translation is guessed."""
    catalogue.update(marked(), no_fuzzy_matching=True, keep_user_comments=True)
    catalogue.obsolete.clear()
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """The catalogue as text, without lines that change with every build."""
    text = io.BytesIO()
    write_po(text, catalogue, width=120, sort_output=True, omit_header=False, include_lineno=False, no_location=True)
    return re.sub(rb'"(?:POT-Creation-Date|PO-Revision-Date|Generated-By)[^"]*"\n', b"", text.getvalue())


def compiled(catalogue: Catalog) -> bytes:
    """What Django reads."""
    binary = io.BytesIO()
    write_mo(binary, catalogue)
    return binary.getvalue()
