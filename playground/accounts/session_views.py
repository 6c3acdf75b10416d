"""Where a person is signed in, and ending that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from playground.accounts.browsers import browser_name
from playground.text.display_text import readable

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """The person's sessions, newest first; a POST ends the one that it names, or all but this one."""
    listed = sorted(UserSession.objects.purge_and_list(request.user), key=lambda one: one.created_at, reverse=True)
    if request.method == "POST":
        others = [one for one in listed if not one.is_current()]
        named = request.POST.get("session", "")
        ended = [one for one in others if named in ("others", str(one.pk))]
        for one in ended:
            one.end()
        if ended:
            messages.success(request, _("Signed out there."))
        return redirect("sessions")
    rows = [
        {
            "session": one,
            "browser": browser_name(one.user_agent),
            "user_agent": readable(one.user_agent),
            "is_this": one.is_current(),
        }
        for one in listed
    ]
    return render(request, "accounts/sessions.html", {"rows": rows})
