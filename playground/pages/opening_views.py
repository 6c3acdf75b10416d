"""A zip that is opened on the home page: its files, its handler and what was left out of it; nothing is stored."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.http import JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from playground.archives.client import Client
from playground.archives.keeping import ClientsZips
from playground.editor.form_state import FormState, LayerRow, read_form
from playground.editor.opening import Opening, opening, with_layer
from playground.experiments.viewer import viewer_of
from playground.i18n.marking import _, language
from playground.infrastructure.clients import client_of
from sandbox_runner.bundles.zip_archive import read_zip
from sandbox_runner.errors import ScenarioError

if TYPE_CHECKING:
    from typing import BinaryIO

    from django.http import HttpRequest


def opened(request: HttpRequest, state: FormState) -> Opening:
    """The form with what was sent as ``archive``, and ``function`` of it where one was chosen.

    :raises ScenarioError: it cannot be opened.
    :raises MissingArchive: nothing was sent.
    """
    name, file = _sent(request)
    with read_zip(file, bytes_max=settings.HOLDOVER.archive_bytes_max) as bundle:
        return opening(state, bundle, name, request.POST.get("function", "").strip(), _keeper(request))


def layered(request: HttpRequest, state: FormState) -> FormState:
    """The form with what was sent as ``archive`` as one more layer.

    :raises ScenarioError: it cannot be taken.
    :raises MissingArchive: nothing was sent.
    """
    name, file = _sent(request)
    with read_zip(file, is_layer=True, bytes_max=settings.HOLDOVER.archive_bytes_max) as bundle:
        return with_layer(state, bundle, name, _keeper(request))


def _keeper(request: HttpRequest) -> ClientsZips:
    return ClientsZips(Client(viewer_of(request), client_of(request)))


def _sent(request: HttpRequest) -> tuple[str, BinaryIO]:
    sent = request.FILES.get("archive")
    if sent is None or not sent.size or sent.file is None:
        raise MissingArchive
    return sent.name or "", cast("BinaryIO", sent.file)


class MissingArchive(Exception):  # noqa: N818 - what somebody forgot to choose
    """The form was sent without a file in it."""


def sentence_of(problem: Exception) -> str:
    """Why nothing was opened."""
    if isinstance(problem, ScenarioError):
        said = problem.told(language())
        return said[:1].upper() + said[1:]
    return _("Choose a zip first.")


@never_cache
@require_POST
def open_archive(request: HttpRequest) -> JsonResponse:
    """What of the form an archive changes, and the words about it, for the page's script."""
    state = read_form(request.POST)
    try:
        if request.POST.get("as") == "layer":
            return JsonResponse({"layer": _layer(layered(request, state).layers[-1])})
        found = opened(request, state)
    except (ScenarioError, MissingArchive) as problem:
        return JsonResponse({"problem": sentence_of(problem)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    state = found.state
    return JsonResponse(
        {
            "plain": {
                "runtime": state.runtime,
                "handler": state.handler,
                "memory_mb": state.memory_mb,
                "timeout_s": state.timeout_s,
                "environment": state.environment,
                "account": state.account,
                "scenario": "",
                **state.settings,
            },
            "files": [[row.name, row.text] for row in state.files],
            "attached": [[row.name, row.base64] for row in state.attached],
            "archives": [[row.name, row.stored] for row in state.archives],
            "layers": [_layer(row) for row in state.layers],
            "payloads": [[row.name, row.text] for row in state.payloads],
            "summary": found.summary,
            "notice": render_to_string("experiments/_opened.html", {"opening": found}, request=request),
        }
    )


def _layer(row: LayerRow) -> list[str]:
    return [row.name, row.files, row.stored]
