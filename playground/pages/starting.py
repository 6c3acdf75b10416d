"""What the buttons that start a run from another run's page have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect

from playground.experiments import browser_keys
from playground.experiments.viewer import viewer_of, with_browser
from playground.infrastructure.problem_responses import refused_page
from playground.runs import throttling

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from playground.experiments.models import Run
    from playground.experiments.viewer import Viewer


def to_run(run: Run, key: str, part: str = "") -> HttpResponse:
    """Lead to a run, or to a part of its page, and remember the browser that started something there."""
    response = redirect(f"{run.get_absolute_url()}{part}")
    browser_keys.remember(response, key)
    return response


def started(request: HttpRequest, start: Callable[[Viewer], Run], part: str = "") -> HttpResponse:
    """Start something, unless too much was started lately.

    :param start: starts it on behalf of whoever asks, and returns the run whose page shows it.
    :param part: where on that page, as an address has it.
    """
    if refusal := throttling.refusal(request):
        return refused_page(request, refusal)
    by = with_browser(viewer_of(request))
    return to_run(start(by), by.browser_key, part)
