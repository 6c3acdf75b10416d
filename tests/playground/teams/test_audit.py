"""The audit list: who did what in a team, who reads it, and how long it grows."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from playground.accounts import audit
from playground.accounts.actions import Action
from playground.accounts.models import AuditEntry, Invitation, Team
from playground.experiments import hard_delete
from playground.experiments.models import Experiment, TakedownReason, Visibility
from playground.library.models import Collection
from playground.moderation import takedown
from playground.teams import teams
from playground.teams.audit_page import ENTRIES_OF_A_PAGE
from tests.playground.people import experiment_of, join, person, signed_in, team
from tests.playground.stored import ago

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def post(user, view, /, *args, **fields):
    answer = signed_in(user).post(reverse(view, args=args), fields)
    assert answer.status_code in {201, 302}, answer.text
    return answer


def told(of_team):
    """The list as its owner reads it, oldest first: who, what, of what, before, after."""
    owner = of_team.memberships.filter(role="owner").first().user
    page = signed_in(owner).get(reverse("team-audit", args=[of_team.pk])).context["page"]
    return [(one.who, one.what, one.subject, one.before, one.after) for one in reversed(page.rows)]


@pytest.fixture
def ada():
    return person("ada")


@pytest.fixture
def bea():
    return person("bea")


@pytest.fixture
def platform(ada, bea):
    return team("Platform", owner=[ada], editor=[bea])


# --- what is told ---------------------------------------------------------------------------------------------------


def test_what_is_done_to_a_team_and_its_members_is_told(ada):
    post(ada, "teams", name="Platform")
    made, cid = Team.objects.get(), person("cid")
    link = post(ada, "team-invite", made.pk, role="reader").context["new_link"]
    signed_in(cid).post(link.removeprefix("http://testserver"))
    post(ada, "team-role", made.pk, cid.pk, role="editor")
    post(ada, "team-rename", made.pk, name="Runtime")
    post(ada, "team-remove", made.pk, cid.pk)
    post(ada, "team-invite", made.pk, role="owner")
    post(ada, "team-withdraw", made.pk, Invitation.objects.latest("pk").pk)
    post(ada, "team-delete", made.pk)
    post(ada, "team-restore", made.pk)

    assert told(made) == [
        ("ada", "made the team", "Platform", "", ""),
        ("ada", "made an invitation", "", "", "reader"),
        ("cid", "joined by an invitation", "ada", "", "reader"),
        ("ada", "changed a role", "cid", "reader", "editor"),
        ("ada", "renamed the team", "", "Platform", "Runtime"),
        ("ada", "removed a member", "cid", "editor", ""),
        ("ada", "made an invitation", "", "", "owner"),
        ("ada", "withdrew an invitation", "ada", "owner", ""),
        ("ada", "deleted the team", "Runtime", "", ""),
        ("ada", "brought the team back", "Runtime", "", ""),
    ]


def test_who_leaves_is_told_and_what_changes_nothing_is_not(ada, bea, platform):
    post(ada, "team-rename", platform.pk, name="Platform")
    post(ada, "team-role", platform.pk, bea.pk, role="editor")
    post(bea, "team-leave", platform.pk)

    assert told(platform) == [("bea", "left the team", "", "", "")]


def test_what_is_done_to_a_teams_experiment_is_told(ada, bea, platform):
    one = experiment_of(bea, title="Cart")
    shared = {"title": "Cart", "sharing": f"team:{platform.pk}"}
    post(bea, "experiment-edit", one.pk, **shared)
    post(ada, "experiment-edit", one.pk, **shared | {"title": "Basket"})
    post(ada, "experiment-edit", one.pk, **shared | {"title": "Basket", "sharing": "public"})
    post(ada, "experiment-delete", one.pk)
    post(ada, "experiment-restore", one.pk)
    post(bea, "experiment-edit", one.pk, title="Mine alone", sharing="private")
    post(bea, "experiment-edit", one.pk, title="Still mine alone", sharing="private")

    assert told(platform) == [
        ("bea", "shared an experiment with the team", "Cart", "", "the team"),
        ("ada", "changed the description of an experiment", "Basket", "", ""),
        ("ada", "changed who may open an experiment", "Basket", "the team", "everybody"),
        ("ada", "deleted an experiment", "Basket", "", ""),
        ("ada", "brought an experiment back", "Basket", "", ""),
        ("bea", "took an experiment out of the team", "Basket", "", ""),
    ]


def test_both_teams_hear_of_what_moves_from_one_to_the_other(bea, platform):
    other = team("Other", owner=[bea])
    one = experiment_of(bea, title="Cart", visibility=Visibility.TEAM, of_team=platform)
    post(bea, "experiment-edit", one.pk, title="Cart", sharing=f"team:{other.pk}")

    assert [what for _, what, *_ in told(platform)] == ["took an experiment out of the team"]
    assert [what for _, what, *_ in told(other)] == ["shared an experiment with the team"]


def test_what_is_done_to_a_teams_collection_is_told(bea, platform):
    post(bea, "collections", title="Carts", sharing=f"team:{platform.pk}")
    one = Collection.objects.get()
    post(bea, "collection-edit", one.pk, title="Carts", sharing="public")
    post(bea, "collection-delete", one.pk)
    post(bea, "collection-restore", one.pk)
    post(bea, "collection-edit", one.pk, title="Carts", sharing="private")

    assert told(platform) == [
        ("bea", "shared a collection with the team", "Carts", "", "the team"),
        ("bea", "changed a collection", "Carts", "the team", "everybody"),
        ("bea", "deleted a collection", "Carts", "", ""),
        ("bea", "brought a collection back", "Carts", "", ""),
        ("bea", "took a collection out of the team", "Carts", "", ""),
    ]


def test_what_staff_takes_down_is_told_without_what_it_was_called(bea, platform):
    one, boss = experiment_of(bea, title="Cart", visibility=Visibility.TEAM, of_team=platform), person("boss")
    audit.note(Action.EXPERIMENT_SHARED, platform.pk, bea.pk, about=one.pk, subject="Cart")
    takedown.take_down(one, TakedownReason.LAW, boss)
    takedown.put_back(one, boss)

    assert [row[:3] for row in told(platform)] == [
        ("bea", "shared an experiment with the team", one.pk[:8]),
        ("boss", "took an experiment down, as staff", one.pk[:8]),
        ("boss", "put an experiment back, as staff", one.pk[:8]),
    ]


def test_nothing_is_told_of_what_is_refused(ada, platform):
    signed_in(ada).post(reverse("team-leave", args=[platform.pk]))
    signed_in(ada).post(reverse("team-rename", args=[platform.pk]), {"name": ""})
    signed_in(person("eve")).post(reverse("team-delete", args=[platform.pk]))

    assert not AuditEntry.objects.exists()


# --- who reads it ---------------------------------------------------------------------------------------------------


def test_owners_read_it_and_nobody_else(ada, bea, platform):
    address = reverse("team-audit", args=[platform.pk])
    readers = (ada, bea, person("eve"), person("boss", is_staff=True, is_superuser=True))

    assert [signed_in(one).get(address).status_code for one in readers] == [200, 403, 404, 404]
    assert Client().get(address).headers["Location"].startswith(reverse("account_login"))
    assert address in signed_in(ada).get(platform.get_absolute_url()).text
    assert address not in signed_in(bea).get(platform.get_absolute_url()).text


def test_who_is_no_owner_any_more_reads_it_no_more(ada, bea, platform):
    post(ada, "team-role", platform.pk, bea.pk, role="owner")
    address = reverse("team-audit", args=[platform.pk])
    before = signed_in(bea).get(address).status_code
    post(ada, "team-role", platform.pk, bea.pk, role="reader")

    assert [before, signed_in(bea).get(address).status_code] == [200, 403]


def test_staff_reads_all_of_it_and_changes_nothing(ada, platform):
    post(ada, "team-rename", platform.pk, name="Runtime")
    entry, boss = AuditEntry.objects.get(), signed_in(person("boss", is_staff=True, is_superuser=True))
    listed = boss.get(reverse("admin:accounts_auditentry_changelist"), {"q": "ada"})

    assert "Runtime" in listed.text
    assert boss.get(reverse("admin:accounts_auditentry_change", args=[entry.pk])).status_code == 200
    assert boss.get(reverse("admin:accounts_auditentry_add")).status_code == 403
    assert boss.post(reverse("admin:accounts_auditentry_delete", args=[entry.pk])).status_code == 403
    assert boss.get(reverse("admin:admin_logentry_changelist")).status_code == 200
    assert signed_in(ada).get(reverse("admin:accounts_auditentry_changelist")).status_code == 302


def test_a_name_in_it_runs_nothing_and_hides_nothing(ada, platform):
    post(ada, "team-rename", platform.pk, name="<script>alert(1)</script>")

    page = signed_in(ada).get(reverse("team-audit", args=[platform.pk])).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# --- how long it grows ----------------------------------------------------------------------------------------------


def test_it_is_read_a_page_at_a_time(ada, platform):
    for number in range(ENTRIES_OF_A_PAGE + 1):
        audit.note(Action.TEAM_RENAMED, platform.pk, ada.pk, after=f"Name {number}")
    reader, address = signed_in(ada), reverse("team-audit", args=[platform.pk])
    newest = reader.get(address).context["page"]
    oldest = reader.get(f"{address}?before={newest.older}").context["page"]

    assert [len(newest.rows), newest.rows[0].after] == [ENTRIES_OF_A_PAGE, f"Name {ENTRIES_OF_A_PAGE}"]
    assert [[row.after for row in oldest.rows], oldest.older] == [["Name 0"], None]


@pytest.mark.parametrize("before", ["0", "-1", "x", "٣", "9" * 19, "9" * 400])
def test_a_place_that_is_none_is_no_failure(ada, platform, before):
    assert signed_in(ada).get(reverse("team-audit", args=[platform.pk]), {"before": before}).status_code == 200


def test_the_same_within_an_hour_is_one_entry(ada, platform):
    for _ in range(3):
        audit.note(Action.EXPERIMENT_CHANGED, platform.pk, ada.pk, about="x", subject="Cart")
    with time_machine.travel(timezone.now() + timezone.timedelta(hours=1, minutes=1)):
        audit.note(Action.EXPERIMENT_CHANGED, platform.pk, ada.pk, about="x", subject="Cart")

    assert list(audit.entries_of(platform.pk).values_list("times", flat=True)) == [1, 3]
    assert "3 times within an hour" in signed_in(ada).get(reverse("team-audit", args=[platform.pk])).text


def test_beyond_the_bound_the_oldest_of_that_team_go(ada, platform, monkeypatch):
    monkeypatch.setattr(audit, "ENTRIES_OF_ONE_MAX", 3)
    other = team("Other", owner=[ada])
    for of in (other, *[platform] * 5):
        audit.note(Action.TEAM_RENAMED, of.pk, ada.pk, after=f"Name {AuditEntry.objects.count()}-{timezone.now()}")

    assert [audit.entries_of(one.pk).count() for one in (platform, other)] == [3, 1]


def test_after_a_year_an_entry_goes(ada, platform):
    for age in (audit.KEPT.total_seconds() + 60, 60):
        audit.note(Action.TEAM_RENAMED, platform.pk, ada.pk, after=f"{age}")
        AuditEntry.objects.filter(after=f"{age}").update(at=ago(age))

    assert audit.sweep() == 1
    assert AuditEntry.objects.get().after == "60"


def test_a_team_that_is_gone_is_told_of_to_staff(ada, platform):
    teams.delete(platform, ada)
    Team.objects.update(deleted_at=ago(3 * 24 * 3600))
    teams.purge_deleted()

    assert not Team.objects.exists()
    assert [(one.team, one.subject) for one in AuditEntry.objects.all()] == [(None, "Platform")]


def test_what_is_purged_is_forgotten_by_its_title_and_not_that_it_was_there(bea, platform):
    one = experiment_of(bea, title="Cart", visibility=Visibility.TEAM, of_team=platform)
    post(bea, "experiment-delete", one.pk)
    Experiment.objects.update(deleted_at=ago(3 * 24 * 3600))
    hard_delete.purge_deleted()

    assert told(platform) == [("bea", "deleted an experiment", one.pk[:8], "", "")]


def test_somebody_who_is_gone_is_still_named(ada, bea, platform):
    post(bea, "team-leave", platform.pk)
    bea.delete()
    join(platform, person("cid"))

    assert told(platform) == [("bea", "left the team", "", "", "")]
