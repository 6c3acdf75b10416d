"""An installation in which every kind of page has something to show, and the addresses of all of its pages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from playground.accounts.models import Membership, Team, User
from playground.accounts.roles import Role
from playground.experiments import claim_links, stored_json
from playground.experiments.models import Experiment, Run, Status, Visibility
from playground.library.models import Anchor, Collection, CollectionItem, Note
from playground.runs import submission
from playground.teams import teams
from sandbox_runner.messages import say
from tests.playground import run_results

if TYPE_CHECKING:
    from django.test import Client


@dataclass(frozen=True)
class World:
    """What was made, and what each argument of a route may be."""

    owner: User
    run: Run
    others: dict[str, Run]
    take: str
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
    take = claim_links.claim_address(others[Status.QUEUED].revision.experiment) or ""
    return World(owner, run, others, take, arguments(run, team, owner))


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
        verdict_messages=stored_json.pack_messages(result.verdict_messages),
        result_blob=stored_json.pack(result.to_json()),
    )
    return Run.objects.get(pk=run.pk)


def a_run_that_is(status: str) -> Run:
    """A run without a result."""
    run = submission.submit(run_results.scenario(timeout_s=5))
    Run.objects.filter(pk=run.pk).update(
        status=status, failure_messages=stored_json.pack_messages([say("interrupted")])
    )
    return Run.objects.get(pk=run.pk)


def arguments(run: Run, team: Team, owner: User) -> dict[str, Any]:
    """A value for each argument that a route may take, by its name."""
    experiment = run.revision.experiment
    collection = Collection.objects.create(title="Prices", owner=owner, visibility=Visibility.PUBLIC)
    item = CollectionItem.objects.create(collection=collection, experiment=experiment, position=1, remark="The first.")
    note = Note.objects.create(run=run, anchor=Anchor.REQUEST, place="request-2", text="It **leaks**.", author=owner)
    secret = teams.invite(team, Role.READER, owner)
    return {
        "run_id": run.id,
        "experiment_id": experiment.id,
        "revision_id": run.revision_id,
        "first_id": run.id,
        "second_id": run.id,
        "team_id": team.id,
        "user_id": owner.pk,
        "secret": secret,
        # Of this experiment, which is somebody's: its page is among those of the others.
        "signature": claim_links.signature(experiment.id),
        "invitation_id": team.invitations.get().pk,
        "collection_id": collection.id,
        "item_id": item.pk,
        "note_id": note.id,
        "token_id": 1,
        # A passkey that nobody has.
        "pk": 1,
        # A zip that nobody has sent.
        "sha256": "ab" * 32,
        "slug": "node-module-variable",
        "number": 1,
        "name": "scenario",
        "address": "nobodys",
        "uidb36": "1",
        "key": "set-password",
        "provider_id": "example",
    }


# The admin's own pages are Django's; that it works under our policy has a test of its own. Files are no pages.
NOT_OURS = ("admin", "static")


def pages(world: World, client: Client) -> dict[str, str]:
    """The address of each route at which its owner gets a page, and of runs in other states, by a name for it."""
    client.force_login(world.owner)
    found = {f"run-{status}": run.get_absolute_url() for status, run in world.others.items()} | {"take": world.take}
    # In a thread of their own: Playwright's loop runs in this one, where no asynchronous view could be waited for.
    with ThreadPoolExecutor(1) as elsewhere:
        asked = {name: elsewhere.submit(_is_page, client, one) for name, one in (addresses(world) | found).items()}
    return {name: one for name, one in (addresses(world) | found).items() if asked[name].result()}


def _is_page(client: Client, address: str) -> bool:
    answer = client.get(address)
    connection.close()
    is_file = "attachment" in answer.headers.get("Content-Disposition", "")
    is_html = not answer.streaming and answer.headers["Content-Type"].startswith("text/html")
    # A fragment is part of a page that is looked at as a whole.
    return answer.status_code == HTTPStatus.OK and is_html and not is_file and b"<html" in answer.content


def addresses(world: World) -> dict[str, str]:
    """The address of each route, by the route's name.

    :raises KeyError: a route has an argument that this world has no value for; give it one in :func:`arguments`.
    """
    return {
        name: reverse(name, kwargs={key: world.arguments[key] for key in taken})
        for name, taken in routes(get_resolver())
    }


def routes(resolver: URLResolver, space: str = "", outer: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    """Every named route with its name and the names of its arguments, those of included configurations too."""
    found = []
    for one in resolver.url_patterns:
        taken = (*outer, *one.pattern.regex.groupindex)
        if isinstance(one, URLPattern):
            found += [(f"{space}{one.name}", taken)] if one.name else []
        elif one.namespace not in NOT_OURS:
            found += routes(one, f"{space}{one.namespace}:" if one.namespace else space, taken)
    return found
