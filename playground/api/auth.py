"""Authentication: a person by token, or an anonymous caller. Cookies are ignored (docs/adr/)."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from ninja.security.base import AuthBase

from playground.accounts.scopes import Scope
from playground.accounts.tokens import token_of
from playground.api.error_handlers import Refused, TooMuch
from playground.archives.client import Client
from playground.experiments.viewer import STRANGER, Viewer, viewer_for
from playground.infrastructure.clients import client_of
from playground.infrastructure.guessing import is_guessing, note_wrong
from playground.runs import throttling

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

_READING: Final = frozenset({"GET", "HEAD"})
_HOW: Final = "send Authorization: Bearer hld_… with a token of yours, from /settings/tokens"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent the request; ``counted_as`` identifies their token in rate limits, empty if anonymous."""

    viewer: Viewer
    counted_as: str = ""
    scope: Scope = Scope.ADMIN


class PersonsToken(AuthBase):
    """``Authorization: Bearer hld_…``. An invalid token is rejected even where none is required.

    :param needed: whether a token is required.
    :param to_write: the scope that a request needs which does more than read.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, *, needed: bool, to_write: Scope = Scope.WRITE) -> None:
        super().__init__()
        self.needed = needed
        self.to_write = to_write

    def __call__(self, request: HttpRequest) -> Caller:
        """:raises Refused: a required token is missing, or the token is invalid."""
        written = request.headers.get("Authorization", "")
        if not written and not self.needed:
            return Caller(STRANGER)
        if not written:
            raise Refused(HTTPStatus.UNAUTHORIZED, f"This is a person's; {_HOW}.")
        token = None if is_guessing(request) else token_of(_secret(written))
        if token is None:
            note_wrong(request)
            raise Refused(HTTPStatus.UNAUTHORIZED, f"The token is unknown, expired or revoked; {_HOW}, or none at all.")
        caller = Caller(viewer_for(token.user), f"token-{token.pk}", Scope(token.scope))
        if request.method not in _READING:
            refuse_unless(caller, self.to_write)
        return caller


ANYBODY: Final = PersonsToken(needed=False)
A_PERSON: Final = PersonsToken(needed=True)
WHO_ADMINISTERS: Final = PersonsToken(needed=True, to_write=Scope.ADMIN)


def refuse_unless(caller: Caller, asked: Scope) -> None:
    """:raises Refused: the caller's token is not for that."""
    if not caller.scope.covers(asked):
        sentence = (
            f"The token is for “{caller.scope.value}” and this needs “{asked.value}”; make one at /settings/tokens."
        )
        raise Refused(HTTPStatus.FORBIDDEN, sentence)


def caller_of(request: HttpRequest) -> Caller:
    """The authenticated caller."""
    caller: Caller = request.auth  # type: ignore[attr-defined]  # the door puts it there
    return caller


def viewer_of(request: HttpRequest) -> Viewer:
    """The same as a viewer, which decides what they may see."""
    return caller_of(request).viewer


def client_behind(request: HttpRequest) -> Client:
    """The caller as somebody whose zips are kept."""
    return Client(viewer_of(request), client_of(request))


def asked_again(request: HttpRequest) -> Callable[[], Viewer]:
    """Tells who the caller is as things are when it is called: a stranger, where the token was revoked since."""
    secret = _secret(request.headers.get("Authorization", ""))

    def ask() -> Viewer:
        token = token_of(secret)
        return STRANGER if token is None else viewer_for(token.user)

    return ask


def _secret(written: str) -> str:
    """The token in an ``Authorization`` header, or empty."""
    kind, _, secret = written.partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


def count_one(request: HttpRequest) -> None:
    """Count one more submission of the caller.

    :raises TooMuch: the caller has reached the limit for now.
    """
    if refusal := throttling.refusal(request, caller_of(request).counted_as):
        raise TooMuch(refusal)
