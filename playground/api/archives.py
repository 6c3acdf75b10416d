"""Zips that are more than a scenario carries: sent once, and named in scenarios by their digest.

Annotations are read at run time: they define parameters and bodies.
"""

import hashlib
import re
import tempfile
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from playground.api.auth import client_behind
from playground.api.error_handlers import Refused, none_such
from playground.api.other_sites import ZIP
from playground.api.schemas import KeptArchive, responses, responses_of_writing
from playground.archives.keeping import ClientsZips, sent_by
from sandbox_runner.bundles.zip_archive import read_zip
from sandbox_runner.limits import MB

router = Router(tags=["archives"], by_alias=True)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@router.get("archives/{str:sha256}", response=responses({200: KeptArchive}, 404), url_name="api-archive")
def read_archive(request: HttpRequest, sha256: str) -> HttpResponse:
    """Read whether a zip that you have sent is kept here, so that it need not be sent again."""
    found = sent_by(client_behind(request), sha256)
    if found is None:
        raise none_such("archive")
    return JsonResponse({"sha256": found.sha256, "bytes": found.bytes})


@router.put(
    "archives/{str:sha256}",
    response=responses_of_writing({200: KeptArchive}, 413, 422),
    url_name="api-archive",
    openapi_extra={"requestBody": {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
)
def send_archive(request: HttpRequest, sha256: str) -> HttpResponse:
    """Send a zip, of which `sha256` is the digest, as `application/zip`; a scenario then names it by digest and size.

    `function.archive` and an entry of `layers` are `{"name", "sha256", "bytes"}` then. Hidden files in it are left out.
    """
    if request.content_type != ZIP:
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"A zip has to be sent with Content-Type: {ZIP}.")
    with tempfile.TemporaryFile() as file:
        digest, size = hashlib.sha256(), 0
        while piece := request.read(MB):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        if not _DIGEST.fullmatch(sha256) or digest.hexdigest() != sha256:
            sentence = f"The body has the SHA-256 {digest.hexdigest()}; send it to the address that ends with that."
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, sentence)
        bundle = read_zip(file, is_layer=True, bytes_max=settings.HOLDOVER.archive_bytes_max)
        kept: dict[str, Any] = ClientsZips(client_behind(request)).keep_as_it_is(file, bundle)
    return JsonResponse(kept)
