"""Team operations: create, rename, join by invitation, leave, delete and restore. Each is told in the audit list.

Everything that depends on a team's members locks its row, so that no two operations leave the team without an owner.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts import audit
from playground.accounts.actions import Action
from playground.accounts.models import Invitation, Membership, Team, digest
from playground.accounts.roles import Role
from playground.experiments.hard_delete import grace
from playground.experiments.models import Experiment, Visibility
from playground.text import normalize

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from playground.accounts.models import User

NAME_CHARACTERS_MAX: Final = 80
TEAMS_OF_ONE_MAX: Final = 50
MEMBERS_MAX: Final = 200
INVITATIONS_MAX: Final = 50
# The limit of the databases' integers.
_IDS_END: Final = 2**63
INVITATION_VALID: Final = timedelta(days=7)


class TeamError(Exception):
    """Why it is refused, in one sentence."""


def checked_name(typed: str) -> str:
    """The name as stored.

    :raises TeamError: it is empty or too long.
    """
    name = normalize.one_line(typed)
    if not name:
        raise TeamError(_("The name is missing; give the team one."))
    if len(name) > NAME_CHARACTERS_MAX:
        words = {"length": len(name), "most": NAME_CHARACTERS_MAX}
        raise TeamError(_("The name has %(length)d characters; it may have %(most)d. Shorten it.") % words)
    return name


def create(name: str, by: User) -> Team:
    """Create a team whose only member and owner is ``by``.

    :raises TeamError: the name is invalid, or they are in the maximum number of teams.
    """
    kept = checked_name(name)
    if by.memberships.count() >= TEAMS_OF_ONE_MAX:
        words = {"most": TEAMS_OF_ONE_MAX}
        raise TeamError(_("You are in %(most)d teams, the most allowed; leave one first.") % words)
    with transaction.atomic():
        team = Team.objects.create(name=kept)
        Membership.objects.create(team=team, user=by, role=Role.OWNER)
        audit.note(Action.TEAM_MADE, team.pk, by.pk, subject=kept)
    return team


def rename(team: Team, name: str, by: User) -> None:
    """:raises TeamError: the name is invalid."""
    kept = checked_name(name)
    with transaction.atomic():
        before = Team.objects.select_for_update().get(pk=team.pk).name
        if kept != before:
            Team.objects.filter(pk=team.pk).update(name=kept)
            audit.note(Action.TEAM_RENAMED, team.pk, by.pk, before=before, after=kept)


# --- invitations --------------------------------------------------------------------------------------------------


def invite(team: Team, role: Role, by: User) -> str:
    """Create an invitation and return its secret, which is shown once: only its digest is stored.

    :raises TeamError: too many are open.
    """
    if open_invitations(team).count() >= INVITATIONS_MAX:
        raise TeamError(_("%(most)d invitations are open; withdraw one first.") % {"most": INVITATIONS_MAX})
    secret = secrets.token_urlsafe(24)
    expires = timezone.now() + INVITATION_VALID
    with transaction.atomic():
        Invitation.objects.create(team=team, role=role, sha256=digest(secret), created_by=by, expires_at=expires)
        audit.note(Action.INVITED, team.pk, by.pk, after=role)
    return secret


def open_invitations(team: Team) -> QuerySet[Invitation]:
    """The invitations that can still be used, newest first: their makers may still invite."""
    still = team.invitations.filter(withdrawn_at=None, used_at=None, expires_at__gt=timezone.now())
    inviting = team.memberships.filter(role=Role.OWNER, user__is_active=True).values("user")
    return still.filter(created_by__in=inviting).select_related("created_by").order_by("-created_at", "-pk")


def invitation_of(secret: str) -> Invitation | None:
    """The invitation of that secret, in any state; None if there is none, or its team is gone."""
    found = Invitation.objects.select_related("team", "created_by").filter(sha256=digest(secret))
    return found.filter(team__deleted_at=None).first()


def why_closed(invitation: Invitation) -> str:
    """Why it cannot be used any more; empty if it can."""
    if invitation.withdrawn_at is not None:
        return _("This invitation was withdrawn; ask for a new one.")
    if invitation.used_at is not None:
        return _("This invitation was used already; it lets one person join. Ask for a new one.")
    if invitation.expires_at <= timezone.now():
        return _("This invitation has expired; ask for a new one.")
    if not open_invitations(invitation.team).filter(pk=invitation.pk).exists():
        return _("Whoever made this invitation may not invite any more; ask an owner for a new one.")
    return ""


def withdraw(team: Team, invitation_id: int, by: User) -> bool:
    """Withdraw the invitation; False if it is not an open one of that team."""
    with transaction.atomic():
        found = open_invitations(team).filter(pk=invitation_id).first()
        withdrawn = open_invitations(team).filter(pk=invitation_id).update(withdrawn_at=timezone.now())
        if found is not None and withdrawn:
            maker = found.created_by.username
            audit.note(Action.INVITATION_WITHDRAWN, team.pk, by.pk, subject=maker, before=found.role)
    return bool(withdrawn)


def join(invitation: Invitation, user: User) -> None:
    """Make ``user`` a member by ``invitation``, which is then used up.

    :raises TeamError: it is closed, the team is full, or they are already a member; then it stays open.
    """
    with transaction.atomic():
        team = Team.objects.select_for_update().get(pk=invitation.team_id)
        if team.memberships.filter(user=user).exists():
            raise TeamError(_("You are a member of this team already; the invitation stays open for somebody else."))
        if team.memberships.count() >= MEMBERS_MAX:
            raise TeamError(_("The team has %(most)d members, the most allowed.") % {"most": MEMBERS_MAX})
        used = open_invitations(team).filter(pk=invitation.pk).update(used_at=timezone.now(), used_by=user)
        if not used:
            invitation.refresh_from_db()
            raise TeamError(why_closed(invitation))
        Membership.objects.create(team=team, user=user, role=invitation.role)
        maker = invitation.created_by.username
        audit.note(Action.JOINED, team.pk, user.pk, subject=maker, after=invitation.role)


# --- members ------------------------------------------------------------------------------------------------------


def change_role(team: Team, user_id: int, role: Role, by: User) -> None:
    """:raises TeamError: they are not a member, or the last owner."""
    with transaction.atomic():
        member = _member(team, user_id)
        if member.role == Role.OWNER and role != Role.OWNER:
            _refuse_last_owner(team, _("The team would have no owner left; make somebody else an owner first."))
        if role != Role.OWNER:
            _withdraw_those_of(member)
        Membership.objects.filter(pk=member.pk).update(role=role)
        if role != member.role:
            whom = member.user.username
            audit.note(Action.ROLE_CHANGED, team.pk, by.pk, subject=whom, before=member.role, after=role)


def remove(team: Team, user_id: int, by: User) -> None:
    """End the membership of ``user_id``, who may be ``by``: they leave.

    :raises TeamError: they are not a member, or the last owner.
    """
    with transaction.atomic():
        member = _member(team, user_id)
        if member.role == Role.OWNER:
            _refuse_last_owner(
                team,
                _("The last owner cannot leave; make somebody else an owner first, or delete the team."),
            )
        _withdraw_those_of(member)
        member.delete()
        if user_id == by.pk:
            audit.note(Action.LEFT, team.pk, by.pk)
        else:
            whom = member.user.username
            audit.note(Action.REMOVED, team.pk, by.pk, subject=whom, before=member.role)


def _withdraw_those_of(member: Membership) -> None:
    """So that they stay closed if the same person becomes an owner again."""
    open_invitations(member.team).filter(created_by=member.user_id).update(withdrawn_at=timezone.now())


def _member(team: Team, user_id: int) -> Membership:
    Team.objects.select_for_update().get(pk=team.pk)
    member = team.memberships.filter(user_id=user_id).first() if user_id < _IDS_END else None
    if member is None:
        raise TeamError(_("They are not a member of this team any more."))
    return member


def _refuse_last_owner(team: Team, sentence: str) -> None:
    if team.memberships.filter(role=Role.OWNER).count() < 2:
        raise TeamError(sentence)


# --- deleting -----------------------------------------------------------------------------------------------------


def delete(team: Team, by: User) -> None:
    """Delete the team for everyone; its owners can restore it within the grace period."""
    with transaction.atomic():
        if Team.objects.filter(pk=team.pk, deleted_at=None).update(deleted_at=timezone.now()):
            audit.note(Action.TEAM_DELETED, team.pk, by.pk, subject=team.name)


def restore(team: Team, by: User) -> bool:
    """Restore it; False if it is not deleted, or too late."""
    with transaction.atomic():
        deleted = Team.objects.filter(pk=team.pk, deleted_at__gt=timezone.now() - grace())
        if restored := deleted.update(deleted_at=None):
            audit.note(Action.TEAM_RESTORED, team.pk, by.pk, subject=team.name)
    return bool(restored)


def purge_deleted() -> int:
    """Remove the teams deleted longer ago than the grace period.

    What only a team could open then belongs to its creators alone.
    """
    overdue = list(Team.objects.filter(deleted_at__lt=timezone.now() - grace()).values_list("pk", flat=True)[:100])
    with transaction.atomic():
        shared = Experiment.objects.filter(team__in=overdue, visibility=Visibility.TEAM)
        shared.update(visibility=Visibility.PRIVATE)
        Team.objects.filter(pk__in=overdue).delete()
    return len(overdue)
