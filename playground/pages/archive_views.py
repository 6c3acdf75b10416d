"""A kept zip as a file, for whoever may open a run that names it."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from playground.archives.keeping import kept_zips
from playground.i18n.marking import language
from playground.infrastructure.problem_responses import problem_page
from playground.pages import access
from sandbox_runner.errors import ArchiveMissing
from sandbox_runner.limits import MB

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import BinaryIO

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


@require_safe
def archive(request: HttpRequest, run_id: str, sha256: str) -> HttpResponseBase:
    """The zip of that digest, which the run's scenario names, byte by byte as it was sent."""
    run = access.run_or_404(request, run_id, light=True)
    named = next((each for each in run.revision.scenario.archives if each.sha256 == sha256), None)
    if named is None:
        raise Http404
    try:
        file = kept_zips(run.revision).open(named)
    except ArchiveMissing as missing:
        return problem_page(request, HTTPStatus.NOT_FOUND, missing.told(language()))
    name = named.name.rpartition("/")[2] or "code.zip"
    name = name if name.endswith(".zip") else f"{name}.zip"
    attached = content_disposition_header(as_attachment=True, filename=name) or ""
    headers = {"Content-Disposition": attached, "Content-Length": str(named.bytes)}
    response = StreamingHttpResponse(_pieces(file), content_type="application/zip", headers=headers)
    return access.kept(response, run.revision.experiment)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    """On another thread, since this one serves everybody."""
    try:
        while piece := await asyncio.to_thread(file.read, MB):
            yield piece
    finally:
        file.close()
