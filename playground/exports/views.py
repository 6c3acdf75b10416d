"""Views that return a finished run as a file."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import playground
from playground.experiments import page_parts
from playground.exports.issue import issue_markdown
from playground.exports.origin import Origin
from playground.exports.regression import node_test_file, pytest_file
from playground.exports.single_file import run_file
from playground.exports.trace import trace_file
from playground.infrastructure.problem_responses import problem_page
from playground.infrastructure.site_address import site_address
from playground.pages import access
from playground.text import labels

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from playground.experiments.models import Run
    from playground.experiments.page_part.left_out import LeftOut
    from sandbox_runner.results.model import RunResult


@dataclass(frozen=True, slots=True)
class Format:
    """A file format. ``name`` contains the run's id, which has only letters, digits, ``-`` and ``_``."""

    content_type: str
    name: str
    make: Callable[[RunResult, Origin], str]


FORMATS: Final = {
    "issue.md": Format("text/markdown; charset=utf-8", "holdover-{}.md", issue_markdown),
    "page.html": Format("text/html; charset=utf-8", "holdover-{}.html", run_file),
    "trace.json": Format("application/json", "holdover-{}.trace.json", trace_file),
    "test.py": Format("text/x-python; charset=utf-8", "test_holdover_{}.py", pytest_file),
    "test.mjs": Format("text/javascript; charset=utf-8", "holdover-{}.test.mjs", node_test_file),
}


@never_cache
@require_safe
def export(request: HttpRequest, run_id: str, kind: str) -> HttpResponse:
    """That run in that format as an attachment, so that no browser shows its foreign text as a page of this site."""
    run = access.run_or_404(request, run_id)
    if (part := page_parts.of(run)) is None:
        sentence = _("This run has no result to export; it is %(status)s.") % {"status": labels.STATUSES[run.status]}
        return problem_page(request, HTTPStatus.NOT_FOUND, sentence)
    chosen = FORMATS[kind]
    # Pages are in the reader's language; the other files are for trackers and programs, in English.
    with translation.override(translation.get_language() if kind == "page.html" else "en"):
        text = chosen.make(part.result, _origin(request, run, part.left_out)).encode("utf-8", "backslashreplace")
    # A Python module's name cannot contain a hyphen.
    name = chosen.name.format(run.id.replace("-", "_") if kind == "test.py" else run.id)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    response = HttpResponse(text, content_type=chosen.content_type, headers=headers)
    return access.kept(response, run.revision.experiment)


def _origin(request: HttpRequest, run: Run, left_out: LeftOut) -> Origin:
    return Origin(
        run_id=run.id,
        url=site_address(request, run.get_absolute_url()),
        played=f"{run.created_at:%Y-%m-%d %H:%M} UTC",
        version=playground.VERSION,
        left_out=left_out,
    )
