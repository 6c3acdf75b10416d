"""A database that cannot be used for now is no failure of ours, and is said as what it is: away, busy, full, read only.

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
    """Why the database cannot do it now; ``sentence`` is for whoever asked."""

    sentence: str
    retry_after_s: int

    @classmethod
    def found_in(cls, error: BaseException | None) -> Self | None:
        """What an exception says of the database; None where it is not about its state."""
        if not isinstance(error, Error):
            return None
        name = _sqlite_name(error)
        if name is not None:
            return next((cls(*said) for start, said in _SQLITE.items() if name.startswith(start)), None)
        code = getattr(error.__cause__, "sqlstate", None)
        if code is None:
            # psycopg says of a connection that it lost, or never had, no more than its kind.
            return cls(*_AWAY) if type(error).__name__ in ("OperationalError", "InterfaceError") else None
        return next((cls(*said) for start, said in _POSTGRESQL.items() if code.startswith(start)), None)


_AWAY: Final = (N_("The database does not answer just now; what was stored is still there. Try again in a minute."), 10)
_BUSY: Final = (N_("The database is busy for longer than anybody should wait; try again in a few seconds."), 5)
_FULL: Final = (N_("The database's disk is full: what is stored can be read, and nothing new can be stored."), 60)
_READ_ONLY: Final = (N_("The database can only be read just now: what is stored is there, and nothing new can be."), 60)
# By how a code begins.
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
    """Said to a program, which hears English."""
    return _with_retry(problem_json(HTTPStatus.SERVICE_UNAVAILABLE, unusable.sentence), unusable)


def unusable_page(unusable: Unusable) -> HttpResponse:
    """Said on a page that asks the database for nothing, not even for who looks at it."""
    page = render_to_string("away.html", {"sentence": _(unusable.sentence)})
    return _with_retry(HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE), unusable)


def _with_retry(response: HttpResponse, unusable: Unusable) -> HttpResponse:
    response.headers["Retry-After"] = str(unusable.retry_after_s)
    response.headers["Cache-Control"] = "no-store"
    return response


class DatabaseAway(MiddlewareMixin):
    """The middleware: a view that fails for its database's sake is answered with 503, and when to come back."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:  # noqa: ARG002 - Django's signature
        """The page, or None: it is another failure."""
        unusable = Unusable.found_in(error)
        return None if unusable is None else unusable_page(unusable)
