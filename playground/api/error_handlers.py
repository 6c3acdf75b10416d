"""Error responses: always ``application/problem+json`` (RFC 9457), naming the field and the cure."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError
from ninja.errors import HttpError, ValidationError

from playground.api.validation_messages import sentence_for
from playground.i18n.marking import told
from playground.infrastructure.database_away import Unusable, unusable_json
from playground.infrastructure.problem_responses import Refusal, problem_json, refused_json
from playground.text.json_reader import JsonTextError
from sandbox_runner.errors import ScenarioError
from sandbox_runner.limits import MB

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse


_LOG: Final = logging.getLogger(__name__)


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a failure
    """An error response with a sentence; ``where`` names the field and the place."""

    def __init__(self, status: HTTPStatus, sentence: str, **where: str | int | None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.where = where


class TooMuch(Exception):  # noqa: N818 - the same
    """Too many requests for now."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


def none_such(what: str) -> Refused:
    """The same response for what does not exist and what the caller may not see."""
    return Refused(HTTPStatus.NOT_FOUND, f"There is no such {what} for you to open.")


def _refused(error: Refused) -> HttpResponse:
    """The problem that was raised."""
    response = problem_json(error.status, error.sentence, **error.where)
    if error.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _too_much(error: TooMuch) -> HttpResponse:
    """With the time to retry after."""
    return refused_json(error.refusal)


def _bad_scenario(error: ScenarioError) -> HttpResponse:
    """What the emulator says of it, at the field of the body."""
    field = f"scenario.{error.field}".rstrip(".")
    return problem_json(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        told(error.message),
        field=field,
        line=error.line,
        column=error.column,
        code=error.message.code,
        params=error.message.params,
    )


def _bad_fields(error: ValidationError) -> HttpResponse:
    """The first invalid field."""
    field, sentence = sentence_for(error.errors[0])
    return problem_json(HTTPStatus.UNPROCESSABLE_ENTITY, sentence, field=field)


def _bad_body(error: HttpError) -> HttpResponse:
    """A body that is not JSON."""
    cause = error.__cause__
    where: dict[str, Any] = {}
    if isinstance(cause, JsonTextError):
        where = {"field": cause.field, "line": cause.line, "column": cause.column}
    return problem_json(HTTPStatus(error.status_code), f"The body {cause or 'cannot be read'}.", **where)


def _too_large(_: RequestDataTooBig) -> HttpResponse:
    """A body over the limit; none of it was read."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MB
    return problem_json(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body has more than {most} MB; one payload of 6 MB fits."
    )


def _broken_off(_: UnreadablePostError) -> HttpResponse:
    """The client disconnected."""
    return problem_json(HTTPStatus.BAD_REQUEST, "The body broke off before its end; nothing was stored.")


def _our_failure(request: HttpRequest, error: Exception) -> HttpResponse:
    """An internal error, with a reference that is also in the log; or a database that is unavailable."""
    if (unusable := Unusable.found_in(error)) is not None:
        return unusable_json(unusable)
    reference = secrets.token_hex(4)
    route = request.resolver_match.route if request.resolver_match else ""
    _LOG.error("Failure %s at %s %s", reference, request.method, route, exc_info=error)
    sentence = f"Something failed on our side; the reference is {reference}."
    return problem_json(HTTPStatus.INTERNAL_SERVER_ERROR, sentence, reference=reference)


_ANSWERS: Final[Mapping[type[Exception], Callable[[Any], HttpResponse]]] = {
    Refused: _refused,
    TooMuch: _too_much,
    ScenarioError: _bad_scenario,
    ValidationError: _bad_fields,
    HttpError: _bad_body,
    RequestDataTooBig: _too_large,
    UnreadablePostError: _broken_off,
}
SAID: Final = (*_ANSWERS, Exception)


def said(request: HttpRequest, error: Any) -> HttpResponse:
    """The answer to an exception of one of the kinds in :data:`SAID`."""
    for kind, answer in _ANSWERS.items():
        if isinstance(error, kind):
            return answer(error)
    return _our_failure(request, error)
