"""Teams: made, joined by a link, left, deleted and brought back; and who may do what in them."""

import pytest
from django.test import Client
from django.urls import reverse

from playground.accounts.models import Invitation, Membership, Team
from playground.accounts.roles import Role
from playground.experiments.models import Experiment, Visibility
from playground.teams import teams
from tests.playground.people import experiment_of, person, signed_in, team
from tests.playground.stored import ago

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def post(user, view, /, *args, **fields):
    return signed_in(user).post(reverse(view, args=args), fields)


def invited(by, into, role="reader"):
    """The address that a new invitation shows."""
    answer = post(by, "team-invite", into.pk, role=role)
    assert answer.status_code == 201
    return answer.context["new_link"].removeprefix("http://testserver")


def role_of(user, into):
    found = Membership.objects.filter(team=into, user=user).first()
    return found and found.role


# --- making and naming ----------------------------------------------------------------------------------------------


def test_whoever_makes_a_team_owns_it():
    ada = person()

    post(ada, "teams", name="  Platform\u202e ")

    made = Team.objects.get()
    assert (made.name, role_of(ada, made)) == ("Platform", Role.OWNER)


@pytest.mark.parametrize(("name", "words"), [("", "missing"), ("\u200b", "missing"), ("x" * 81, "81 characters")])
def test_a_name_that_will_not_do_is_refused_and_kept_in_the_form(name, words):
    answer = post(person(), "teams", name=name)

    assert answer.status_code == 422
    assert words in answer.context["problem"]
    assert answer.context["typed"] == name
    assert not Team.objects.exists()


def test_an_owner_renames_a_team():
    ada = person()
    platform = team(owner=[ada])

    assert post(ada, "team-rename", platform.pk, name="Runtime").status_code == 302
    assert post(ada, "team-rename", platform.pk, name="").status_code == 422
    assert Team.objects.get().name == "Runtime"


def test_nobody_is_in_teams_without_end():
    ada = person()
    for _ in range(teams.TEAMS_OF_ONE_MAX):
        team(owner=[ada])

    assert "the most allowed" in post(ada, "teams", name="One more").context["problem"]


# --- who may do what ------------------------------------------------------------------------------------------------

OF_OWNERS = ["team-rename", "team-invite", "team-delete"]


@pytest.mark.parametrize("name", OF_OWNERS)
def test_a_member_who_is_no_owner_is_told_so(name):
    ada, eve = person("ada"), person("eve")
    platform = team(owner=[ada], editor=[eve])

    answer = post(eve, name, platform.pk, name="Mine", role="owner")

    assert answer.status_code == 403
    assert "Only the team" in answer.text
    assert Team.objects.get(deleted_at=None).name == "Platform"


@pytest.mark.parametrize("name", [*OF_OWNERS, "team-leave", "team-restore"])
def test_a_team_does_not_exist_for_others(name):
    platform = team(owner=[person("ada")])

    assert post(person("bob"), name, platform.pk, name="Mine", role="owner").status_code == 404


def test_its_page_is_there_for_members_only():
    ada, rob = person("ada"), person("rob")
    platform = team(owner=[ada], reader=[rob])
    address = platform.get_absolute_url()

    assert [signed_in(one).get(address).status_code for one in (ada, rob, person("bob"))] == [200, 200, 404]
    assert Client().get(address).headers["Location"].startswith(reverse("account_login"))
    assert reverse("team-delete", args=[platform.pk]) not in signed_in(rob).get(address).text


def test_a_role_is_changed_by_an_owner():
    ada, rob = person("ada"), person("rob")
    platform = team(owner=[ada], reader=[rob])

    post(ada, "team-role", platform.pk, rob.pk, role="editor")
    assert role_of(rob, platform) == Role.EDITOR
    assert post(ada, "team-role", platform.pk, rob.pk, role="king").status_code == 422
    assert post(rob, "team-role", platform.pk, rob.pk, role="owner").status_code == 403


def test_a_member_of_another_team_is_not_touched():
    ada, bob = person("ada"), person("bob")
    platform, other = team(owner=[ada]), team("Other", owner=[bob])

    assert post(ada, "team-remove", platform.pk, bob.pk).status_code == 422
    assert role_of(bob, other) == Role.OWNER


@pytest.mark.parametrize("name", ["team-remove", "team-role", "team-withdraw"])
def test_a_number_that_no_database_counts_to_names_nobody(name):
    ada = person("ada")
    platform = team(owner=[ada])

    assert post(ada, name, platform.pk, 10**40, role="reader").status_code == 422


# --- invitations ----------------------------------------------------------------------------------------------------


def test_whoever_has_the_link_joins_with_its_role():
    ada, bob = person("ada"), person("bob")
    platform = team(owner=[ada])
    link = invited(ada, platform, "editor")

    assert "ada invites you to team Platform as editor" in signed_in(bob).get(link).text
    signed_in(bob).post(link)

    assert role_of(bob, platform) == Role.EDITOR


def test_the_secret_is_shown_once_and_stored_nowhere():
    ada = person()
    platform = team(owner=[ada])
    secret = invited(ada, platform).rsplit("/", 1)[-1]

    assert secret not in signed_in(ada).get(platform.get_absolute_url()).text
    assert secret not in str(list(Invitation.objects.values()))


def test_without_an_account_the_link_leads_through_the_sign_in_and_back():
    ada = person()
    link = invited(ada, team(owner=[ada]))

    assert f"{reverse('account_login')}?next={link}" in Client().get(link).text
    assert Client().post(link).headers["Location"] == f"{reverse('account_login')}?next={link}"


def used(invitation):
    teams.join(invitation, person("first"))


CLOSED = {
    "expired": (lambda one: Invitation.objects.update(expires_at=ago(1)), "has expired"),
    "withdrawn": (lambda one: teams.withdraw(one.team, one.pk, one.created_by), "was withdrawn"),
    "used": (used, "was used already"),
}


@pytest.mark.parametrize(("close", "words"), CLOSED.values(), ids=CLOSED.keys())
def test_an_invitation_that_is_closed_says_why_and_lets_nobody_in(close, words):
    ada, bob = person("ada"), person("bob")
    platform = team(owner=[ada])
    link = invited(ada, platform)
    close(Invitation.objects.get())

    answers = [signed_in(bob).get(link), signed_in(bob).post(link)]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert all(words in answer.text for answer in answers)
    assert role_of(bob, platform) is None


def removed(ada, bob, platform):
    post(ada, "team-remove", platform.pk, bob.pk)


def demoted(ada, bob, platform):
    post(ada, "team-role", platform.pk, bob.pk, role="editor")
    post(bob, "team-leave", platform.pk)


def left(ada, bob, platform):
    post(bob, "team-leave", platform.pk)


def removed_by_staff(ada, bob, platform):
    Membership.objects.filter(team=platform, user=bob).delete()


@pytest.mark.parametrize("end", [removed, demoted, left, removed_by_staff])
@pytest.mark.parametrize("role", ["owner", "reader"])
def test_an_invitation_does_not_outlive_its_makers_right_to_invite(end, role):
    ada, bob = person("ada"), person("bob")
    platform = team(owner=[ada, bob])
    link, of_ada = invited(bob, platform, role), invited(ada, platform)

    end(ada, bob, platform)
    answers = [signed_in(bob).get(link), signed_in(bob).post(link), signed_in(person("eve")).post(link)]

    assert [answer.status_code for answer in answers] == [410, 410, 410]
    assert (role_of(bob, platform), list(teams.open_invitations(platform))) == (
        None,
        [teams.invitation_of(of_ada[12:])],
    )


def test_invitations_of_a_former_owner_stay_closed_when_they_are_owner_again():
    ada, bob = person("ada"), person("bob")
    platform = team(owner=[ada, bob])
    link = invited(bob, platform, "owner")

    for role in ("reader", "owner"):
        post(ada, "team-role", platform.pk, bob.pk, role=role)

    assert signed_in(person("eve")).post(link).status_code == 410


def test_an_invitation_of_somebody_who_may_not_sign_in_any_more_is_closed():
    ada, bob = person("ada"), person("bob")
    link = invited(bob, team(owner=[ada, bob]), "owner")
    bob.is_active = False
    bob.save()

    assert signed_in(person("eve")).post(link).status_code == 410


def test_a_made_up_invitation_names_nothing():
    assert Client().get(reverse("team-join", args=["made-up"])).status_code == 404


def test_an_invitation_to_a_deleted_team_names_nothing():
    ada = person()
    platform = team(owner=[ada])
    link = invited(ada, platform)
    teams.delete(platform, ada)

    assert signed_in(person("bob")).get(link).status_code == 404


def test_a_member_keeps_their_role_and_the_invitation_stays_open():
    ada, rob = person("ada"), person("rob")
    platform = team(owner=[ada], editor=[rob])
    link = invited(ada, platform, "reader")

    answer = signed_in(rob).post(link)

    assert (answer.status_code, role_of(rob, platform)) == (409, Role.EDITOR)
    assert "a member of this team already" in answer.text
    assert teams.open_invitations(platform).count() == 1


def test_an_invitation_of_another_team_cannot_be_withdrawn():
    ada, bob = person("ada"), person("bob")
    invited(ada, team(owner=[ada]))
    other = team("Other", owner=[bob])

    assert post(bob, "team-withdraw", other.pk, Invitation.objects.get().pk).status_code == 422
    assert Invitation.objects.get().withdrawn_at is None


# --- leaving --------------------------------------------------------------------------------------------------------


def test_the_last_owner_cannot_leave_and_is_told_what_to_do():
    ada, rob = person("ada"), person("rob")
    platform = team(owner=[ada], reader=[rob])

    answer = post(ada, "team-leave", platform.pk)

    assert answer.status_code == 422
    assert "The last owner cannot leave; make somebody else an owner first" in answer.text
    assert role_of(ada, platform) == Role.OWNER


def test_the_last_owner_cannot_become_less():
    ada = person("ada")
    platform = team(owner=[ada])

    assert post(ada, "team-role", platform.pk, ada.pk, role="reader").status_code == 422
    assert role_of(ada, platform) == Role.OWNER


def test_an_owner_leaves_once_there_is_another():
    ada, eve = person("ada"), person("eve")
    platform = team(owner=[ada, eve])

    assert post(ada, "team-leave", platform.pk).status_code == 302
    assert role_of(ada, platform) is None


def test_whoever_left_does_not_see_what_the_team_shares():
    ada, rob = person("ada"), person("rob")
    platform = team(owner=[ada], reader=[rob])
    experiment = experiment_of(ada, visibility=Visibility.TEAM, of_team=platform)
    before = signed_in(rob).get(experiment.get_absolute_url())

    post(ada, "team-remove", platform.pk, rob.pk)

    assert before.status_code == 200
    assert signed_in(rob).get(experiment.get_absolute_url()).status_code == 404


# --- deleting -------------------------------------------------------------------------------------------------------


def test_a_deleted_team_is_gone_for_its_members_and_can_be_brought_back():
    ada, rob = person("ada"), person("rob")
    platform = team(owner=[ada], reader=[rob])
    experiment = experiment_of(ada, visibility=Visibility.TEAM, of_team=platform)

    post(ada, "team-delete", platform.pk)

    assert signed_in(rob).get(platform.get_absolute_url()).status_code == 404
    assert signed_in(rob).get(experiment.get_absolute_url()).status_code == 404
    assert signed_in(ada).get(experiment.get_absolute_url()).status_code == 200
    assert "Bring it back" in signed_in(ada).get(platform.get_absolute_url()).text
    assert post(rob, "team-restore", platform.pk).status_code == 404
    assert post(ada, "team-restore", platform.pk).status_code == 302
    assert signed_in(rob).get(experiment.get_absolute_url()).status_code == 200


def test_nothing_is_changed_in_a_deleted_team():
    ada = person()
    platform = team(owner=[ada])
    teams.delete(platform, ada)

    assert post(ada, "team-rename", platform.pk, name="Other").status_code == 409


def test_after_the_time_of_grace_what_only_the_team_could_open_is_its_makers():
    ada, rob = person("ada"), person("rob")
    platform = team(owner=[ada], reader=[rob])
    shared = experiment_of(ada, visibility=Visibility.TEAM, of_team=platform)
    public = experiment_of(ada, visibility=Visibility.PUBLIC, of_team=platform)
    Team.objects.update(deleted_at=ago(25 * 3600))

    assert teams.purge_deleted() == 1

    assert Experiment.objects.get(pk=shared.pk).visibility == Visibility.PRIVATE
    assert Experiment.objects.get(pk=public.pk).visibility == Visibility.PUBLIC
    assert not Team.objects.exists()
    assert signed_in(ada).get(shared.get_absolute_url()).status_code == 200
    assert teams.purge_deleted() == 0


# --- lists ----------------------------------------------------------------------------------------------------------


def test_its_page_asks_the_database_as_often_for_many_as_for_one(django_assert_max_num_queries):
    ada = person()
    platform = team(owner=[ada])
    client = signed_in(ada)

    def counted():
        with django_assert_max_num_queries(12) as asked:
            client.get(platform.get_absolute_url())
        return len(asked)

    experiment_of(ada, visibility=Visibility.TEAM, of_team=platform)
    invited(ada, platform)
    few = counted()
    for number in range(4):
        team_member = person(f"member-{number}")
        Membership.objects.create(team=platform, user=team_member)
        experiment_of(team_member, visibility=Visibility.TEAM, of_team=platform)
        invited(ada, platform)

    assert counted() == few


def test_a_list_of_teams_asks_the_database_as_often_for_many_as_for_one(django_assert_num_queries):
    ada = person()
    client = signed_in(ada)
    for _ in range(3):
        team(owner=[ada])

    with django_assert_num_queries(3):
        client.get(reverse("teams"))
