"""The admin for staff. It shows who, when and the outcome, and never a payload, a file or a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from playground.accounts.models import AuditEntry, Membership, Team, User
from playground.experiments.models import Experiment, Run, TakedownReason
from playground.moderation import takedown
from playground.moderation.models import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

    ExperimentAdminBase = admin.ModelAdmin[Experiment]
    RunAdminBase = admin.ModelAdmin[Run]
    ReportAdminBase = admin.ModelAdmin[Report]
    TeamAdminBase = admin.ModelAdmin[Team]
    MembershipInlineBase = admin.TabularInline[Membership, Team]
    PersonAdminBase = UserAdmin[User]
    SecondFactorAdminBase = admin.ModelAdmin[Authenticator]
    AuditAdminBase = admin.ModelAdmin[AuditEntry]
    StaffLogAdminBase = admin.ModelAdmin[LogEntry]
else:
    ExperimentAdminBase = RunAdminBase = ReportAdminBase = TeamAdminBase = SecondFactorAdminBase = admin.ModelAdmin
    AuditAdminBase = StaffLogAdminBase = admin.ModelAdmin
    MembershipInlineBase = admin.TabularInline
    PersonAdminBase = UserAdmin

admin.site.site_header = _("Holdover: operating")
admin.site.site_title = _("Holdover: operating")
admin.site.index_title = _("What there is")


class Unwritten:
    """Rows that staff cannot edit: they are created elsewhere, and changed by actions only."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nobody adds one here."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Nobody edits one here."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Nobody deletes one here; takedowns can be undone."""
        return False


def _done(admin_of: ExperimentAdminBase | ReportAdminBase, request: HttpRequest, count: int) -> None:
    words = ngettext("%(n)d experiment was changed.", "%(n)d experiments were changed.", count) % {"n": count}
    admin_of.message_user(request, words)


def _each(experiments: Iterable[Experiment], act: Callable[[Experiment], bool]) -> int:
    return sum(act(experiment) for experiment in experiments)


@admin.register(Experiment)
class ExperimentAdmin(Unwritten, ExperimentAdminBase):
    """Experiments, with takedown and restoring."""

    list_display = ("id", "title", "visibility", "owner", "team", "created_at", "visited_at", "taken_down_at", "page")
    list_filter = ("visibility", "taken_down_for", "created_at")
    search_fields = ("id", "title", "owner__username")
    list_select_related = ("owner", "team")
    fields = (
        "id", "title", "description", "visibility", "owner", "team", "created_at", "visited_at", "deleted_at",
        "purged_at", "pruned_at", "taken_down_at", "taken_down_for",
    )  # fmt: skip
    actions = ("take_down_for_rules", "take_down_for_law", "put_back")
    show_full_result_count = False

    @admin.display(description=_("page"))
    def page(self, experiment: Experiment) -> str:
        """Its public page."""
        return format_html('<a href="{}">{}</a>', experiment.get_absolute_url(), _("open"))

    @admin.action(description=_("Take down: it breaks the rules (410)"))
    def take_down_for_rules(self, request: HttpRequest, chosen: QuerySet[Experiment]) -> None:
        """Hide the selection."""
        by = _staff(request)
        _done(self, request, _each(chosen, lambda one: takedown.take_down(one, TakedownReason.RULES, by)))

    @admin.action(description=_("Take down: the law demands it (451)"))
    def take_down_for_law(self, request: HttpRequest, chosen: QuerySet[Experiment]) -> None:
        """Hide the selection."""
        by = _staff(request)
        _done(self, request, _each(chosen, lambda one: takedown.take_down(one, TakedownReason.LAW, by)))

    @admin.action(description=_("Put back what was taken down"))
    def put_back(self, request: HttpRequest, chosen: QuerySet[Experiment]) -> None:
        """Show the selection again."""
        by = _staff(request)
        _done(self, request, _each(chosen, lambda one: takedown.put_back(one, by)))


def _staff(request: HttpRequest) -> User:
    """The acting staff member; nobody else can reach the admin."""
    if not isinstance(request.user, User):
        raise TypeError("the admin was reached without signing in")
    return request.user


@admin.register(Run)
class RunAdmin(Unwritten, RunAdminBase):
    """Runs: status and outcome."""

    list_display = ("id", "status", "verdict", "backend", "attempts", "created_at", "finished_at", "failure_reference")
    list_filter = ("status", "verdict", "backend")
    search_fields = ("id", "failure_reference", "revision__experiment__id")
    fields = (
        "id", "status", "verdict", "backend", "attempts", "claimed_by", "heartbeat_at", "queued_at", "created_at",
        "started_at", "finished_at", "cancel_requested_at", "failure_reference", "failure_messages",
    )  # fmt: skip
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        """Omit what only a run's page shows."""
        return super().get_queryset(request).defer("result_blob", "events_blob", "verdict_messages")


@admin.register(Report)
class ReportAdmin(Unwritten, ReportAdminBase):
    """Reports, unread ones first."""

    list_display = ("reason", "words", "experiment", "created_at", "handled_at", "handled_by")
    list_filter = ("reason", ("handled_at", admin.EmptyFieldListFilter))
    list_select_related = ("experiment", "handled_by")
    actions = ("take_down_for_rules", "take_down_for_law", "dismiss")

    @admin.action(description=_("Take down: it breaks the rules (410)"))
    def take_down_for_rules(self, request: HttpRequest, chosen: QuerySet[Report]) -> None:
        """Hide what was reported."""
        self._take_down(request, chosen, TakedownReason.RULES)

    @admin.action(description=_("Take down: the law demands it (451)"))
    def take_down_for_law(self, request: HttpRequest, chosen: QuerySet[Report]) -> None:
        """Hide what was reported."""
        self._take_down(request, chosen, TakedownReason.LAW)

    @admin.action(description=_("Nothing to do"))
    def dismiss(self, request: HttpRequest, chosen: QuerySet[Report]) -> None:
        """Mark it as read."""
        chosen.filter(handled_at=None).update(handled_at=timezone.now(), handled_by=_staff(request))

    def _take_down(self, request: HttpRequest, chosen: QuerySet[Report], reason: TakedownReason) -> None:
        by = _staff(request)
        reported = Experiment.objects.filter(reports__in=chosen).distinct()
        _done(self, request, _each(reported, lambda one: takedown.take_down(one, reason, by)))


class MembershipInline(MembershipInlineBase):
    """A team's members."""

    model = Membership
    extra = 0
    raw_id_fields = ("user",)


@admin.register(Team)
class TeamAdmin(TeamAdminBase):
    """Teams and their members."""

    list_display = ("name", "id", "created_at")
    search_fields = ("name", "id")
    inlines = (MembershipInline,)


@admin.register(AuditEntry)
class AuditAdmin(Unwritten, AuditAdminBase):
    """What was done in teams, and by whom; teams that are gone included."""

    list_display = ("at", "by_name", "action", "subject", "before", "after", "times", "team")
    list_filter = ("action", "at")
    search_fields = ("by_name", "subject", "team__name", "team__id", "about")
    list_select_related = ("team",)
    ordering = ("-pk",)
    fields = (*list_display, "about")
    list_per_page = 50
    show_full_result_count = False


@admin.register(LogEntry)
class StaffLogAdmin(Unwritten, StaffLogAdminBase):
    """What staff did in these pages."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag", "change_message")
    list_filter = ("action_flag", "content_type")
    search_fields = ("user__username", "object_repr", "object_id")
    list_select_related = ("user", "content_type")
    fields = list_display
    list_per_page = 50
    show_full_result_count = False


@admin.register(User)
class PersonAdmin(PersonAdminBase):
    """People who signed in."""

    list_display = ("username", "email", "is_staff", "is_active", "last_login")


admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class SecondFactorAdmin(SecondFactorAdminBase):
    """Who has which second factor, without its secrets; staff remove one for a person who lost it."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nobody adds one here."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Nobody edits one here."""
        return False
