"""Sign-in through an OpenID Connect provider, which may be away."""

from __future__ import annotations

import logging
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from playground.infrastructure.problem_responses import problem_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    View = Callable[..., HttpResponseBase]

_LOG: Final = logging.getLogger(__name__)


def answering(view: View) -> View:
    """Wrap an allauth ``view``: show a page instead of an error if the provider cannot be reached.

    Everything ``requests`` raises is an ``OSError``, from a refused connection to an invalid configuration document.
    """

    @wraps(view)
    def answer(request: HttpRequest, **found: Any) -> HttpResponseBase:
        try:
            return view(request, **found)
        except OSError as error:
            _LOG.warning("A sign-in provider does not answer: %s", error)
            sentence = _("The sign-in provider does not answer. Try again in a minute, or sign in with a password.")
            return problem_page(request, HTTPStatus.SERVICE_UNAVAILABLE, sentence)

    return answer
