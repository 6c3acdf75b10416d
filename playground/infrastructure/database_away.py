"""Reports an unusable database as what it is: away, busy, full or read-only, rather than as an internal error.

PostgreSQL's codes: https://www.postgresql.org/docs/current/errcodes-appendix.html. SQLite's:
https://www.sqlite.org/rescode.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Self

from django.db import Error
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin

from playground.i18n.marking import N_, _
from playground.infrastructure.problem_responses import problem_json

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why the database cannot be used now; ``sentence`` is for the user."""

    sentence: str
    retry_after_s: int

    @classmethod
    def found_in(cls, error: BaseException | None) -> Self | None:
        """What an exception says about the database's state; None if it is another error."""
        if not isinstance(error, Error):
            return None
        name = _sqlite_name(error)
        if name is not None:
            return next((cls(*said) for start, said in _SQLITE.items() if name.startswith(start)), None)
        code = getattr(error.__cause__, "sqlstate", None)
        if code is None:
            # psycopg reports a lost or refused connection only by the kind of exception.
            return cls(*_AWAY) if type(error).__name__ in ("OperationalError", "InterfaceError") else None
        return next((cls(*said) for start, said in _POSTGRESQL.items() if code.startswith(start)), None)


_AWAY: Final = (N_("The database does not answer just now; what was stored is still there. Try again in a minute."), 10)
_BUSY: Final = (N_("The database is busy for longer than anybody should wait; try again in a few seconds."), 5)
_FULL: Final = (N_("The database's disk is full: what is stored can be read, and nothing new can be stored."), 60)
_READ_ONLY: Final = (N_("The database can only be read just now: what is stored is there, and nothing new can be."), 60)
# By prefix of the code.
_POSTGRESQL: Final = {"08": _AWAY, "53100": _FULL, "53": _BUSY, "55P03": _BUSY, "57P": _AWAY, "25006": _READ_ONLY}
_SQLITE: Final = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_CANTOPEN": _AWAY,
    "SQLITE_IOERR": _AWAY,
}


def _sqlite_name(error: Error) -> str | None:
    name: str | None = getattr(error.__cause__, "sqlite_errorname", None)
    return name


def unusable_json(unusable: Unusable) -> HttpResponse:
    """For programs, in English."""
    return _with_retry(problem_json(HTTPStatus.SERVICE_UNAVAILABLE, unusable.sentence), unusable)


def unusable_page(unusable: Unusable) -> HttpResponse:
    """A page that makes no database query, not even for the user who views it."""
    page = render_to_string("away.html", {"sentence": _(unusable.sentence)})
    return _with_retry(HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE), unusable)


def _with_retry(response: HttpResponse, unusable: Unusable) -> HttpResponse:
    response.headers["Retry-After"] = str(unusable.retry_after_s)
    response.headers["Cache-Control"] = "no-store"
    return response


class DatabaseAway(MiddlewareMixin):
    """Middleware: a view that fails because of the database is answered with 503 and when to retry."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:  # noqa: ARG002 - Django's signature
        """The error page, or None for another kind of failure."""
        unusable = Unusable.found_in(error)
        return None if unusable is None else unusable_page(unusable)
