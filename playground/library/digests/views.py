"""Views of the weekly e-mail: to ask for it, and to end it from the e-mail itself."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from playground.infrastructure.guessing import is_guessing, note_wrong
from playground.infrastructure.problem_responses import problem_page
from playground.infrastructure.site_address import site_address
from playground.library.digests import subscriptions
from playground.library.models import Digest

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from playground.accounts.models import User


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Whether this person gets it; a POST begins or ends it."""
    user: User = request.user  # type: ignore[assignment]  # only people are let in here
    is_sent, address = bool(settings.HOLDOVER.email_url), subscriptions.address_of(user)
    if request.method != "POST":
        found = Digest.objects.filter(user=user).first()
        return render(request, "library/digest.html", {"digest": found, "is_sent": is_sent, "address": address})
    if request.POST.get("action") == "stop":
        subscriptions.unsubscribe(user)
        messages.success(request, _("You will not get these e-mails any more."))
        return redirect("digest")
    if not is_sent or not address:
        return problem_page(request, HTTPStatus.CONFLICT, _("There is no verified e-mail address to send it to."))
    subscriptions.subscribe(user, language=get_language() or "en", site=site_address(request, "/"))
    messages.success(request, _("You get an e-mail each week in which something is new."))
    return redirect("digest")


# What reads e-mail posts here with one click and without our cookie; the secret in the address is its right.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, secret: str) -> HttpResponse:
    """Ends it; a GET only asks, because programs look at the links of an e-mail."""
    digest = None if is_guessing(request) else subscriptions.digest_of(secret)
    if digest is None:
        note_wrong(request)
        raise Http404
    if request.method == "POST":
        subscriptions.unsubscribe(digest.user)
    response = render(request, "library/digest_stop.html", {"ended": request.method == "POST"})
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
