"""The pages of a person's tokens: create one, see it once, revoke it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from playground.accounts import tokens as persons_tokens
from playground.accounts.scopes import Scope
from playground.text.display_text import hides
from sandbox_runner.untrusted_text import well_formed

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from playground.accounts.models import ApiToken, User


@dataclass(frozen=True, slots=True)
class _Choice:
    """What a new token may do and for how long, as the form sends it."""

    scope: str
    days: str

    @property
    def problem(self) -> str:
        """Why that cannot be; empty if it can."""
        if self.scope not in Scope.values:
            return _("Choose from the list what the token may do.")
        if self.days not in map(str, persons_tokens.DAYS):
            return _("Choose from the list how long the token works.")
        return ""


_USUAL: Final = _Choice(Scope.WRITE, "90")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Their tokens; a POST creates one and shows its secret once."""
    user: User = request.user  # type: ignore[assignment]  # login_required lets nobody else in
    if request.method != "POST":
        return _page(request, user)
    typed = request.POST.get("name", "")
    name = " ".join(well_formed(typed).split())
    chosen = _Choice(request.POST.get("scope", ""), request.POST.get("days", ""))
    if problem := _name_problem(name) or chosen.problem:
        return _page(request, user, typed=typed, chosen=chosen, problem=problem)
    try:
        made, secret = persons_tokens.issue(user, name, Scope(chosen.scope), int(chosen.days))
    except persons_tokens.TooManyTokens:
        problem = _("You have %(most)d tokens, which is as many as one may have; revoke one.") % {
            "most": persons_tokens.TOKENS_MAX
        }
        return _page(request, user, typed=typed, chosen=chosen, problem=problem)
    return _page(request, user, made=made, secret=secret)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Ask for confirmation; a POST revokes it."""
    user: User = request.user  # type: ignore[assignment]  # login_required lets nobody else in
    token = persons_tokens.tokens_of(user).filter(pk=token_id).first()
    if token is None:
        raise Http404
    if request.method == "POST":
        persons_tokens.revoke(user, token_id)
        return redirect("tokens")
    return render(request, "accounts/token_revoke.html", {"token": token})


def _name_problem(name: str) -> str:
    if not name:
        return _("The name is missing; say what the token is for, like “continuous integration”.")
    if any(hides(character) for character in name):
        return _("The name has characters in it that cannot be seen; take them out.")
    if len(name) > persons_tokens.NAME_CHARACTERS_MAX:
        words = {"length": len(name), "most": persons_tokens.NAME_CHARACTERS_MAX}
        return _("The name has %(length)d characters; it may have %(most)d. Shorten it.") % words
    return ""


def _page(
    request: HttpRequest,
    user: User,
    *,
    typed: str = "",
    chosen: _Choice = _USUAL,
    problem: str = "",
    made: ApiToken | None = None,
    secret: str = "",
) -> HttpResponse:
    context = {
        "tokens": persons_tokens.tokens_of(user),
        "typed": typed,
        "chosen": chosen,
        "scopes": Scope,
        "days": [str(days) for days in persons_tokens.DAYS],
        "problem": problem,
        "made": made,
        "secret": secret,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "accounts/tokens.html", context, status=status)
