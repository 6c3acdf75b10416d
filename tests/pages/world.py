"""An installation in which every kind of page has something to show, and the addresses of all of its pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from playground.accounts.models import Membership, Team, User
from playground.accounts.roles import Role
from playground.experiments import stored_json, submission
from playground.experiments.models import Experiment, Run, Status, Visibility
from tests.playground import run_results


@dataclass(frozen=True)
class World:
    """What was made, and what each argument of a route may be."""

    owner: User
    run: Run
    others: dict[str, Run]
    arguments: dict[str, Any]


def make_world() -> World:
    """Everything once: a person who is staff, a team, an experiment with a leak, runs in each state."""
    owner = User.objects.create_user(
        "alice", "alice@example.org", "a long enough password", is_staff=True, is_superuser=True
    )
    team = Team.objects.create(name="Payments")
    Membership.objects.create(user=owner, team=team, role=Role.OWNER)
    run = a_finished_run(owner)
    others = {status: a_run_that_is(status) for status in (Status.QUEUED, Status.CANCELLED, Status.FAILED)}
    return World(owner, run, others, arguments(run, team))


def a_finished_run(owner: User) -> Run:
    """A public experiment's run with a leak."""
    result = run_results.leak()
    run = submission.submit(run_results.scenario())
    Experiment.objects.filter(revisions__runs=run).update(
        owner=owner, visibility=Visibility.PUBLIC, title="A module variable", description="It **leaks**."
    )
    Run.objects.filter(pk=run.pk).update(
        status=Status.FINISHED,
        finished_at=timezone.now(),
        started_at=timezone.now(),
        backend="docker",
        verdict=result.verdict,
        verdict_sentence=result.verdict_sentence,
        result_blob=stored_json.pack(result.to_json()),
    )
    return Run.objects.get(pk=run.pk)


def a_run_that_is(status: str) -> Run:
    """A run without a result."""
    run = submission.submit(run_results.scenario(timeout_s=5))
    Run.objects.filter(pk=run.pk).update(status=status, failure_sentence="The run was interrupted by us; run it again.")
    return Run.objects.get(pk=run.pk)


def arguments(run: Run, team: Team) -> dict[str, Any]:
    """A value for each argument that a route may take, by its name."""
    return {
        "run_id": run.id,
        "experiment_id": run.revision.experiment_id,
        "revision_id": run.revision_id,
        "team_id": team.id,
        "slug": "node-module-variable",
        "number": 1,
        "name": "scenario",
    }


# The admin's own pages are Django's; that it works under our policy has a test of its own. Files are no pages.
NOT_OURS = ("admin", "static")


def pages(world: World) -> dict[str, str]:
    """The address of each route that can be asked for, by the route's name.

    :raises KeyError: a route has an argument that this world has no value for; give it one in :func:`arguments`.
    """
    found = {}
    for name, pattern in routes(get_resolver()):
        found[name] = reverse(name, kwargs={key: world.arguments[key] for key in pattern.pattern.converters})
    return found


def routes(resolver: URLResolver, space: str = "") -> list[tuple[str, URLPattern]]:
    """Every named route with its name, those of an included configuration too."""
    found = []
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            found += [] if one.namespace in NOT_OURS else routes(one, inner)
        elif one.name:
            found.append((f"{space}{one.name}", one))
    return found
