"""Views for other sites: the frame, the picture, and oEmbed.

They ignore who is signed in and show only what anyone may open; a private run does not exist here.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from textwrap import shorten
from typing import TYPE_CHECKING, Final, cast

from csp.constants import NONE
from csp.decorators import csp_replace
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.html import format_html
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from playground.embeds.addresses import run_named_by
from playground.embeds.card import HEIGHT, WIDTH
from playground.embeds.picture import kept_png
from playground.experiments import page_parts, selectors
from playground.experiments.viewer import STRANGER
from playground.infrastructure.guessing import EMBEDS, is_guessing, note_wrong
from playground.infrastructure.problem_responses import problem_json
from playground.infrastructure.site_address import site_address
from playground.pages import access
from playground.run_page import presenter
from playground.run_page.verdict import verdict_view

if TYPE_CHECKING:
    from django.http import HttpRequest

    from playground.experiments.models import Run
    from playground.experiments.page_part.cutting import PagePart
    from sandbox_runner.results.model import RunResult

FRAME_WIDTH: Final = 800
FRAME_HEIGHT: Final = 420
FRAME_LEAST: Final = 200
TITLE_CHARACTERS_MAX: Final = 200


def _finished(request: HttpRequest, run_id: str) -> tuple[Run, PagePart]:
    """That run and what is shown of its result.

    :raises Http404: not everyone may open it, it has no result yet, or this client guesses at addresses.
    """
    run = None if is_guessing(request, EMBEDS) else selectors.openable_run(run_id, STRANGER)
    part = page_parts.of(run) if run else None
    if run is None or part is None:
        note_wrong(request, EMBEDS)
        raise Http404
    return run, part


def _kept(request: HttpRequest, response: HttpResponse, run: Run) -> HttpResponse:
    """``response`` as a cache may keep it: a run may be deleted or made private, so every use is asked for anew."""
    etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    kept = access.kept(response, run.revision.experiment)
    return cast("HttpResponse", get_conditional_response(request, etag, response=kept))


# The only page that other sites may frame: it has no form, sets no cookie and runs no script.
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"], "script-src": [NONE], "connect-src": [NONE], "form-action": [NONE]})  # type: ignore[arg-type]  # its stubs know views without arguments only
@require_safe
def embed(request: HttpRequest, run_id: str) -> HttpResponse:
    """The verdict, the timeline and the requests, with a link to the page."""
    run, part = _finished(request, run_id)
    context = {
        "run": run,
        "page": presenter.run_page(part.result, left_out=part.left_out, in_brief=True),
        "base": site_address(request, run.get_absolute_url()),
    }
    return _kept(request, render(request, "embeds/embed.html", context), run)


@require_safe
def preview(request: HttpRequest, run_id: str) -> HttpResponse:
    """The picture shown beside a link."""
    run, part = _finished(request, run_id)
    return _kept(request, HttpResponse(kept_png(run.id, part.result), content_type="image/png"), run)


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """How to embed the run at ``url``, see https://oembed.com/."""
    wanted = request.GET.get("format", "json")
    if wanted != "json":
        return problem_json(HTTPStatus.NOT_IMPLEMENTED, _("The format is json; there is no other."), field="format")
    if not (address := request.GET.get("url", "")):
        return problem_json(HTTPStatus.BAD_REQUEST, _("The address is missing; send ?url=…"), field="url")
    sizes = [_size(request.GET.get(name, ""), usual) for name, usual in _USUAL]
    if None in sizes:
        sentence = _("maxwidth and maxheight are whole numbers of pixels, at least %(least)d.") % {"least": FRAME_LEAST}
        return problem_json(HTTPStatus.BAD_REQUEST, sentence, field="maxwidth, maxheight")
    run_id = run_named_by(address, request)
    if run_id is None:
        return problem_json(HTTPStatus.NOT_FOUND, _("The address is none of a run on this site."), field="url")
    try:
        run, part = _finished(request, run_id)
    except Http404:
        return problem_json(
            HTTPStatus.NOT_FOUND, _("There is no finished run that anybody may open at it."), field="url"
        )
    width, height = (size or FRAME_LEAST for size in sizes)
    return _kept(request, JsonResponse(_answer(request, run, _title(part.result), width, height)), run)


_USUAL: Final = (("maxwidth", FRAME_WIDTH), ("maxheight", FRAME_HEIGHT))


def _size(text: str, usual: int) -> int | None:
    """The frame's size for at most ``text`` pixels; ``None`` if that is not a size."""
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) < 7 and int(text) >= FRAME_LEAST):
        return None
    return min(usual, int(text))


def _title(result: RunResult) -> str:
    view = verdict_view(result)
    return shorten(f"{view.word}: {view.text}", TITLE_CHARACTERS_MAX, placeholder=" …")


def _answer(request: HttpRequest, run: Run, title: str, width: int, height: int) -> dict[str, str | int]:
    frame = site_address(request, reverse("run-embed", args=[run.id]))
    html = format_html(
        '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy"'
        ' sandbox="allow-popups allow-popups-to-escape-sandbox"'
        ' style="border: 0; max-width: 100%"></iframe>',
        frame, width, height, title,
    )  # fmt: skip
    return {
        "version": "1.0",
        "type": "rich",
        "provider_name": "Holdover",
        "provider_url": site_address(request, "/"),
        "title": title,
        "html": html,
        "width": width,
        "height": height,
        "thumbnail_url": site_address(request, reverse("run-preview", args=[run.id])),
        "thumbnail_width": WIDTH,
        "thumbnail_height": HEIGHT,
    }
