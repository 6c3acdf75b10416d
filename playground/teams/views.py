"""Views of teams. A team is visible only to its members; to everyone else it does not exist."""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.accounts import audit
from playground.accounts.models import Membership
from playground.accounts.roles import Role
from playground.experiments.hard_delete import grace
from playground.experiments.models import Experiment
from playground.experiments.viewer import viewer_of
from playground.infrastructure.guessing import is_guessing, note_wrong
from playground.infrastructure.problem_responses import problem_page
from playground.infrastructure.site_address import site_address
from playground.teams import teams
from playground.teams.audit_page import audit_page
from playground.teams.teams import TeamError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from playground.accounts.models import User

    View = Callable[..., HttpResponse]

EXPERIMENTS_SHOWN_MAX: Final = 50


def _user(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]  # every view here lets only people in
    return user


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """This person's teams; a POST creates one."""
    if request.method != "POST":
        return _index_page(request)
    typed = request.POST.get("name", "")
    try:
        return redirect(teams.create(typed, _user(request)))
    except TeamError as error:
        return _index_page(request, typed=typed, problem=str(error))


def _index_page(request: HttpRequest, *, typed: str = "", problem: str = "") -> HttpResponse:
    standing = Membership.objects.filter(user=_user(request)).select_related("team").order_by("team__name", "pk")
    context = {
        "memberships": [one for one in standing if one.team.deleted_at is None],
        "deleted": [one for one in standing if one.team.deleted_at is not None and one.role == Role.OWNER],
        "typed": typed,
        "problem": problem,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "accounts/teams.html", context, status=status)


# --- one team -----------------------------------------------------------------------------------------------------


def _membership_or_404(request: HttpRequest, team_id: str) -> Membership:
    """The membership of the current user; a deleted team exists only for its owners."""
    found = Membership.objects.select_related("team").filter(team_id=team_id, user=_user(request)).first()
    if found is None or (found.team.deleted_at is not None and found.role != Role.OWNER):
        raise Http404
    return found


@never_cache
@require_safe
@login_required
def page(request: HttpRequest, team_id: str) -> HttpResponse:
    """The team's members, experiments, and actions for owners."""
    return _team_page(request, _membership_or_404(request, team_id))


def _team_page(request: HttpRequest, own: Membership, status: HTTPStatus = HTTPStatus.OK, **more: Any) -> HttpResponse:
    team, is_owner = own.team, own.role == Role.OWNER
    shared = Experiment.objects.listed_for(viewer_of(request)).filter(team=team)
    context = {
        "team": team,
        "own": own,
        "is_owner": is_owner,
        "roles": Role,
        "members": team.memberships.select_related("user").order_by("user__username"),
        "invitations": teams.open_invitations(team) if is_owner else (),
        "experiments": shared.select_related("owner").order_by("-created_at", "pk")[:EXPERIMENTS_SHOWN_MAX],
        "valid_days": teams.INVITATION_VALID.days,
        "purged_after": team.deleted_at + grace() if team.deleted_at else None,
        "name_typed": team.name,
    }
    return render(request, "accounts/team.html", context | more, status=status)


@never_cache
@require_safe
@login_required
def audit_list(request: HttpRequest, team_id: str) -> HttpResponse:
    """What was done in the team, newest first, a page at a time; for its owners, also while it is deleted."""
    own = _membership_or_404(request, team_id)
    if own.role != Role.OWNER:
        return problem_page(request, HTTPStatus.FORBIDDEN, _("Only the team's owners may read this."))
    page = audit_page(team_id, request.GET.get("before", ""), viewer_of(request))
    words = {"kept_days": audit.KEPT.days, "kept_most": f"{audit.ENTRIES_OF_ONE_MAX:,}"}
    return render(request, "accounts/audit.html", {"team": own.team, "page": page} | words)


def _of_owners(view: View) -> View:
    """Wrap ``view``: a POST by owners of a team that is not deleted; other members are told why not."""

    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, team_id: str, **more: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(reverse("team", args=[team_id]))
        own = _membership_or_404(request, team_id)
        if own.role != Role.OWNER:
            return problem_page(request, HTTPStatus.FORBIDDEN, _("Only the team's owners may do that."))
        if own.team.deleted_at is not None:
            return problem_page(request, HTTPStatus.CONFLICT, _("The team is deleted; bring it back first."))
        try:
            return view(request, own, **more)
        except TeamError as error:
            return _team_page(request, own, HTTPStatus.UNPROCESSABLE_ENTITY, problem=str(error))

    return never_cache(guarded)


@_of_owners
def rename(request: HttpRequest, own: Membership) -> HttpResponse:
    """Rename the team."""
    typed = request.POST.get("name", "")
    try:
        teams.rename(own.team, typed, _user(request))
    except TeamError as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _team_page(request, own, status, name_typed=typed, name_problem=str(error))
    messages.success(request, _("Saved."))
    return redirect(own.team)


def _role(request: HttpRequest) -> Role:
    try:
        return Role(request.POST.get("role", ""))
    except ValueError:
        raise TeamError(_("Choose a role from the list.")) from None


@_of_owners
def invite(request: HttpRequest, own: Membership) -> HttpResponse:
    """Create an invitation link, and show it once."""
    secret = teams.invite(own.team, _role(request), _user(request))
    link = site_address(request, reverse("team-join", args=[secret]))
    return _team_page(request, own, HTTPStatus.CREATED, new_link=link)


@_of_owners
def withdraw(request: HttpRequest, own: Membership, invitation_id: int) -> HttpResponse:
    """Withdraw an invitation."""
    if not teams.withdraw(own.team, invitation_id, _user(request)):
        raise TeamError(_("That invitation is closed already."))
    messages.success(request, _("Nobody can join by that invitation any more."))
    return redirect(own.team)


@_of_owners
def change_role(request: HttpRequest, own: Membership, user_id: int) -> HttpResponse:
    """Change a member's role."""
    teams.change_role(own.team, user_id, _role(request), _user(request))
    messages.success(request, _("Saved."))
    return redirect(own.team)


@_of_owners
def remove(request: HttpRequest, own: Membership, user_id: int) -> HttpResponse:
    """Remove a member."""
    teams.remove(own.team, user_id, _user(request))
    messages.success(request, _("They are not a member any more."))
    return redirect("teams" if user_id == own.user_id else own.team)


@_of_owners
def delete(request: HttpRequest, own: Membership) -> HttpResponse:
    """Delete the team; it can be restored for a time."""
    teams.delete(own.team, _user(request))
    return redirect(own.team)


@never_cache
@require_POST
def restore(request: HttpRequest, team_id: str) -> HttpResponse:
    """Restore a deleted team, within the grace period."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("team", args=[team_id]))
    own = _membership_or_404(request, team_id)
    if own.role != Role.OWNER or not teams.restore(own.team, _user(request)):
        raise Http404
    messages.success(request, _("The team is back."))
    return redirect(own.team)


@never_cache
@require_POST
def leave(request: HttpRequest, team_id: str) -> HttpResponse:
    """Leave the team; its last owner cannot."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("team", args=[team_id]))
    own = _membership_or_404(request, team_id)
    try:
        teams.remove(own.team, own.user_id, _user(request))
    except TeamError as error:
        return _team_page(request, own, HTTPStatus.UNPROCESSABLE_ENTITY, problem=str(error))
    messages.success(request, _("You have left the team."))
    return redirect("teams")


# --- joining ------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Show an invitation; a POST joins. Asks anonymous visitors to sign in first."""
    invitation = None if is_guessing(request) else teams.invitation_of(secret)
    if invitation is None:
        note_wrong(request)
        raise Http404
    problem = teams.why_closed(invitation)
    status = HTTPStatus.GONE if problem else HTTPStatus.OK
    if request.method == "POST" and not problem:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        try:
            teams.join(invitation, _user(request))
        except TeamError as error:
            problem, status = str(error), HTTPStatus.CONFLICT
        else:
            messages.success(request, _("You are a member of the team now."))
            return redirect(invitation.team)
    context = {"invitation": invitation, "problem": problem}
    response = render(request, "accounts/join.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
