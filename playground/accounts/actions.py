"""What the audit list tells of. Pure."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """What somebody did; each is said of whoever did it."""

    TEAM_MADE = "team-made", _("made the team")
    TEAM_RENAMED = "team-renamed", _("renamed the team")
    TEAM_DELETED = "team-deleted", _("deleted the team")
    TEAM_RESTORED = "team-restored", _("brought the team back")
    INVITED = "invited", _("made an invitation")
    INVITATION_WITHDRAWN = "invitation-withdrawn", _("withdrew an invitation")
    JOINED = "joined", _("joined by an invitation")
    ROLE_CHANGED = "role-changed", _("changed a role")
    REMOVED = "removed", _("removed a member")
    LEFT = "left", _("left the team")
    EXPERIMENT_SHARED = "experiment-shared", _("shared an experiment with the team")
    EXPERIMENT_TAKEN_OUT = "experiment-taken-out", _("took an experiment out of the team")
    EXPERIMENT_OPENED = "experiment-opened", _("changed who may open an experiment")
    EXPERIMENT_CHANGED = "experiment-changed", _("changed the description of an experiment")
    EXPERIMENT_DELETED = "experiment-deleted", _("deleted an experiment")
    EXPERIMENT_RESTORED = "experiment-restored", _("brought an experiment back")
    EXPERIMENT_TAKEN_DOWN = "experiment-taken-down", _("took an experiment down, as staff")
    EXPERIMENT_PUT_BACK = "experiment-put-back", _("put an experiment back, as staff")
    COLLECTION_SHARED = "collection-shared", _("shared a collection with the team")
    COLLECTION_TAKEN_OUT = "collection-taken-out", _("took a collection out of the team")
    COLLECTION_CHANGED = "collection-changed", _("changed a collection")
    COLLECTION_DELETED = "collection-deleted", _("deleted a collection")
    COLLECTION_RESTORED = "collection-restored", _("brought a collection back")


# Actions whose values before and after are roles, or say who may open something; the others' are names.
OF_ROLES: Final = (Action.INVITED, Action.INVITATION_WITHDRAWN, Action.JOINED, Action.ROLE_CHANGED, Action.REMOVED)
OF_VISIBILITY: Final = (
    Action.EXPERIMENT_SHARED,
    Action.EXPERIMENT_OPENED,
    Action.COLLECTION_SHARED,
    Action.COLLECTION_CHANGED,
)
