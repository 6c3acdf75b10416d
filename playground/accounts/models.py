"""Models of people: users, teams, memberships, invitations, audit lists, and tokens for their programs.

Secrets (of invitations and tokens) are stored only as SHA-256: reading the database does not reveal them.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from playground.accounts.actions import Action
from playground.accounts.names import skeleton
from playground.accounts.roles import Role
from playground.accounts.scopes import Scope
from playground.text.display_text import readable

if TYPE_CHECKING:
    from collections.abc import Iterable


def new_slug() -> str:
    """An unguessable public name: 22 url-safe characters."""
    return secrets.token_urlsafe(16)


def digest(secret: str) -> str:
    """The stored form of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


class User(AbstractUser):
    """A person who signed in. Our own model from the start, because it can hardly be changed later.

    ``name_skeleton`` is equal for names that look alike.
    """

    name_skeleton = models.CharField(max_length=900, db_index=True, editable=False, default="")

    def save(self, *arguments: Any, update_fields: Iterable[str] | None = None, **more: Any) -> None:
        """Store it, with what its name looks like."""
        if update_fields is None or "username" in update_fields:
            self.name_skeleton = skeleton(self.username)
            update_fields = update_fields and {*update_fields, "name_skeleton"}
        super().save(*arguments, update_fields=update_fields, **more)


class Team(models.Model):
    """People who share experiments. A deleted team can be restored until it is purged, which removes its row."""

    id = models.CharField(primary_key=True, max_length=22, default=new_slug, editable=False)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of its members and experiments."""
        return reverse("team", args=[self.id])

    @property
    def shown_name(self) -> str:
        """Its name for display; nothing in it hides or reorders the text beside it."""
        return readable(self.name)


class Membership(models.Model):
    """A person's membership and role in a team."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=[(role.value, role.label) for role in Role], default=Role.READER)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A person belongs to a team only once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"


class Invitation(models.Model):
    """A link that lets one person join a team with ``role``, until it is used, expires or is withdrawn."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=6, choices=[(role.value, role.label) for role in Role], default=Role.READER)
    sha256 = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"invitation to {self.team} as {self.role}"


class AuditEntry(models.Model):
    """That somebody did something in a team. It outlives the team, for staff.

    ``by_name`` and ``subject`` are what the person, and what was acted on, were called then. ``about`` is the id of an
    experiment or collection. ``times`` counts what was repeated within an hour.
    """

    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, related_name="audit_entries", db_index=False, verbose_name=_("team")
    )
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(_("done by"), max_length=150, blank=True)
    action = models.CharField(_("what"), max_length=24, choices=Action)
    about = models.CharField(max_length=22, blank=True, db_index=True)
    subject = models.CharField(_("of what"), max_length=150, blank=True)
    before = models.CharField(_("before"), max_length=80, blank=True)
    after = models.CharField(_("after"), max_length=80, blank=True)
    times = models.PositiveIntegerField(_("times"), default=1)
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)

    class Meta:
        """A team's list is read newest first."""

        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes: ClassVar = [models.Index(fields=["team", "-id"], name="audit_of_team")]

    def __str__(self) -> str:
        return f"{self.by_name} {self.action} {self.subject}"


class ApiToken(models.Model):
    """A token for a person's program. ``hint`` is the beginning of the secret, to tell tokens apart.

    Only tokens that were made before all of them expired have no ``expires_at``.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    hint = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=5, choices=[(scope.value, scope.label) for scope in Scope])
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= timezone.now()
