"""A run's page as one file that opens from disk, with inline styles and a policy that forbids requests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from playground.fidelity.views import ledger
from playground.run_page import presenter
from playground.run_page.fidelity_rows import fidelity_rows

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from playground.exports.origin import Origin
    from sandbox_runner.results.model import RunResult

STYLES: Final = ("css/base.css", "css/run.css")


def run_file(result: RunResult, origin: Origin) -> str:
    """The page of a finished run, without scripts, forms or anything to load."""
    context = {
        "origin": origin,
        "site": origin.url.removesuffix(f"/r/{origin.run_id}"),
        "page": presenter.run_page(result, left_out=origin.left_out),
        "mattered": ledger().rows_named(fidelity_rows(result)),
        "styles": styles(),
    }
    return render_to_string("exports/run_file.html", context)


@cache
def styles() -> SafeString:
    """Our style sheets as one text for a style element, read from the sources, not from collected copies."""
    found = [finders.find(name) for name in STYLES]
    text = "\n".join(Path(path).read_text("utf-8") for path in found if path)
    return mark_safe(text)  # noqa: S308 - our own files, and a test holds that none of them ends the element
