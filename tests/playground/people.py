"""People, teams and their browsers for tests."""

from django.conf import settings
from django.core.signing import get_cookie_signer
from django.test import Client

from playground.accounts import tokens
from playground.accounts.models import Membership, Team, User
from playground.accounts.roles import Role
from playground.accounts.scopes import Scope
from playground.experiments import browser_keys
from playground.experiments.models import Experiment, Visibility
from playground.experiments.viewer import viewer_for
from tests.playground.stored import a_run

PASSWORD = "correct horse battery staple"


def person(name="ada", **fields):
    """A person who can sign in with :data:`PASSWORD`."""
    return User.objects.create_user(name, password=PASSWORD, **fields)


def token_of(user, name="ci", scope=Scope.ADMIN, days=30):
    """A token of that person, which may do everything, and its secret."""
    return tokens.issue(user, name, scope, days)


def signed_in(user):
    """A browser at which that person signed in."""
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    return client


def at_browser(key):
    """A browser that holds that key."""
    client = Client()
    client.cookies[browser_keys.COOKIE] = get_cookie_signer(salt=browser_keys.COOKIE).sign(key)
    return client


def team(name="Platform", **members):
    """A team; ``members`` are lists of people by role."""
    made = Team.objects.create(name=name)
    for role, people in members.items():
        for one in people:
            join(made, one, Role(role))
    return made


def join(into, one, role=Role.READER):
    """Make that person a member."""
    return Membership.objects.create(team=into, user=one, role=role)


def experiment_of(owner=None, *, browser_key="", visibility=Visibility.UNLISTED, of_team=None, **fields):
    """A stored experiment with one run, of a person or of a browser."""
    by = viewer_for(owner, browser_key) if owner else None
    run = a_run(browser_key=browser_key, by=by)
    Experiment.objects.filter(pk=run.revision.experiment_id).update(visibility=visibility, team=of_team, **fields)
    return Experiment.objects.get(pk=run.revision.experiment_id)
