"""Counts every request that may write, before its view sees it, by the table of :mod:`playground.config.writing`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.deprecation import MiddlewareMixin

from playground.config.writing import writing_of
from playground.i18n.marking import _
from playground.infrastructure.clients import client_of
from playground.infrastructure.counting import count_one, seconds_left
from playground.infrastructure.metrics import TALLY, THROTTLED
from playground.infrastructure.problem_responses import Refusal, refused_json, refused_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_API: Final = "/api/"


class WritingLimits(MiddlewareMixin):
    """Middleware, after the one that knows who is signed in: too many writing requests are answered with 429."""

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """The refusal, or None: the view goes on."""
        if request.method in _READING:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        writing = writing_of(name)
        if writing is None or count_one(f"writing:{name}", _client(request)) <= writing.a_minute:
            return None
        TALLY.count(THROTTLED, "writing")
        left_s = seconds_left()
        sentence = _("That is more than %(most)d times within a minute; try again in %(left)d s.")
        refusal = Refusal(sentence % {"most": writing.a_minute, "left": left_s}, left_s)
        return refused_json(refusal) if request.path.startswith(_API) else refused_page(request, refusal)


def _client(request: HttpRequest) -> str:
    return f"person-{request.user.pk}" if request.user.is_authenticated else client_of(request)
