"""The world that the visibility walk goes through: experiments of every visibility, full of words to look for.

Whoever adds an address with a new parameter adds what stands for it to :data:`PARAMETERS`; the walk fails until then.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.utils import timezone

from playground.accounts.models import Membership, Team, User
from playground.accounts.roles import Role
from playground.experiments import claim_links, stored_json
from playground.experiments.live_session import LiveSession
from playground.experiments.models import Experiment, Revision, Run, Status, Visibility
from playground.experiments.signals import experiment_has_changed
from playground.experiments.viewer import Viewer, viewer_for
from playground.gallery import incidents
from playground.library.models import Anchor, Collection, CollectionItem, Note, Tag
from playground.runs import submission
from playground.teams import teams
from sandbox_runner.scenario.model import Scenario
from tests.playground.people import at_browser, person, signed_in, team, token_of
from tests.playground.run_results import CODE, leak, log_entry, scenario
from tests.told import said, stored

if TYPE_CHECKING:
    from collections.abc import Callable

BROWSER = "the-makers-browser"
# Words that are in no page by themselves; in each experiment its own name stands behind them.
WORDS = ("titleword", "descriptionword", "tagword", "codeword", "payloadword", "logword", "noteword")


@dataclass(frozen=True)
class Kept:
    """One experiment of the walk, everything in it included. ``name`` is what its words end with."""

    name: str
    experiment: Experiment
    revision: Revision
    run: Run
    note: Note
    visible_to: frozenset[str]
    editable_by: frozenset[str]
    known_to: frozenset[str]

    def words(self) -> list[str]:
        """What only those may read who may open it."""
        return [f"{word}{self.name}" for word in WORDS]


@dataclass(frozen=True)
class World:
    """Everything that is walked through."""

    people: dict[str, User]
    team: Team
    invitation: str
    kept: tuple[Kept, ...]
    collection: Collection
    token_secrets: dict[str, str]


MEMBERS = frozenset({"maker", "owner", "editor", "reader"})
EDITORS = frozenset({"maker", "owner", "editor"})
ALL = MEMBERS | {"stranger", "maker's browser", "other browser", "former member", "outsider"}
TEAM, PRIVATE = Visibility.TEAM, Visibility.PRIVATE
PUBLIC, UNLISTED = Visibility.PUBLIC, Visibility.UNLISTED


def build() -> World:
    """The world, stored."""
    people = {name: person(name.replace(" ", "-")) for name in [*sorted(MEMBERS), "former member", "outsider"]}
    platform = team("Platform", owner=[people["owner"], people["maker"]])
    for role in (Role.EDITOR, Role.READER):
        Membership.objects.create(team=platform, user=people[role.value], role=role)
    Membership.objects.create(team=platform, user=people["former member"], role=Role.EDITOR)
    teams.remove(platform, people["former member"].pk, people["owner"])
    collection = Collection.objects.create(title="Kept", owner=person("curator"), visibility=PUBLIC)
    maker = people["maker"]
    mine, nobody, of_browser = frozenset({"maker"}), frozenset[str](), frozenset({"maker's browser"})
    gone = timezone.now()
    kept = (
        _experiment(collection, "public", maker=maker, open_to=(ALL, mine), visibility=PUBLIC),
        _experiment(collection, "unlisted", maker=maker, open_to=(ALL, mine), visibility=UNLISTED),
        _experiment(collection, "team", maker=maker, open_to=(MEMBERS, EDITORS), visibility=TEAM, team=platform),
        _experiment(collection, "private", maker=maker, open_to=(mine, mine), visibility=PRIVATE),
        _experiment(collection, "browser", maker=None, open_to=(of_browser, of_browser), visibility=PRIVATE),
        _experiment(
            collection,
            "deleted",
            maker=maker,
            open_to=(nobody, mine),
            known_to=ALL,
            visibility=UNLISTED,
            deleted_at=gone,
        ),
        _experiment(
            collection, "gone", maker=maker, open_to=(nobody, mine), known_to=mine, visibility=PRIVATE, deleted_at=gone
        ),
    )
    invitation = teams.invite(platform, Role.READER, people["owner"])
    secrets = {name: token_of(one, "walk")[1] for name, one in people.items()}
    return World(people, platform, invitation, kept, collection, secrets)


def _experiment(
    collection: Collection,
    name: str,
    *,
    maker: User | None,
    open_to: tuple[frozenset[str], frozenset[str]],
    known_to: frozenset[str] = frozenset(),
    **fields: Any,
) -> Kept:
    """One experiment; ``open_to`` are those who may open it and those who may change it."""
    by = viewer_for(maker, BROWSER) if maker else Viewer(browser_key=BROWSER)
    run = submission.submit(_scenario(name), by=by)
    experiment = run.revision.experiment
    result = leak(
        scenario=_scenario(name), log=(log_entry(f"logword{name}", 1),), verdict_messages=said(f"payloadword{name}")
    )
    told = json.loads(json.dumps(result.to_json()).replace("hoge", f"payloadword{name}"))
    Run.objects.filter(pk=run.pk).update(
        status=Status.FINISHED,
        result_blob=stored_json.pack(told),
        verdict="leak",
        verdict_messages=stored(f"payloadword{name}"),
    )
    Tag.objects.create(name=f"tagword{name}").experiments.add(experiment)
    note = Note.objects.create(run=run, anchor=Anchor.RUN, text=f"noteword{name}", author=maker)
    CollectionItem.objects.create(collection=collection, experiment=experiment, position=1)
    words = {"title": f"titleword{name}", "description": f"descriptionword{name}"}
    Experiment.objects.filter(pk=experiment.pk).update(**words)
    experiment_has_changed(experiment.pk)
    Experiment.objects.filter(pk=experiment.pk).update(**fields)
    experiment.refresh_from_db()
    run.refresh_from_db()
    return Kept(name, experiment, run.revision, run, note, *open_to, known_to or open_to[0])


def _scenario(name: str) -> Scenario:
    text = json.dumps(scenario().to_json()).replace("hoge", f"payloadword{name}")
    told = json.loads(text)
    told["function"]["files"] = {"app.mjs": CODE.replace("someGlobalValue", f"codeword{name}")}
    return Scenario.model_validate(told)


def clients(world: World) -> dict[str, Client]:
    """A browser for each of those who walk."""
    found = {"stranger": Client(), "maker's browser": at_browser(BROWSER), "other browser": at_browser("another")}
    return found | {name: signed_in(one) for name, one in world.people.items()}


# What stands for each parameter of an address, for one experiment of the world.
PARAMETERS: dict[str, Callable[[World, Kept], Any]] = {
    "experiment_id": lambda world, kept: kept.experiment.pk,
    "run_id": lambda world, kept: kept.run.pk,
    "address": lambda world, kept: LiveSession.objects.get_or_create(run=kept.run, client="")[0].address,
    "revision_id": lambda world, kept: kept.revision.pk,
    # One of the two is for everybody, so that nothing but the other one can be the reason for an answer.
    "first_id": lambda world, kept: kept.run.pk,
    "second_id": lambda world, kept: world.kept[0].run.pk,
    "note_id": lambda world, kept: kept.note.pk,
    "collection_id": lambda world, kept: world.collection.pk,
    "item_id": lambda world, kept: kept.experiment.collection_items.get().pk,
    # The staff's pages.
    "object_id": lambda world, kept: kept.experiment.pk,
    "app_label": lambda world, kept: "experiments",
    "content_type_id": lambda world, kept: 1,
    "id": lambda world, kept: world.people["maker"].pk,
    "url": lambda world, kept: "experiments/run/",
    "number": lambda world, kept: kept.revision.number,
    # A zip that nobody has sent.
    "sha256": lambda world, kept: "ab" * 32,
    "team_id": lambda world, kept: world.team.pk,
    "user_id": lambda world, kept: world.people["reader"].pk,
    "invitation_id": lambda world, kept: 1,
    "secret": lambda world, kept: world.invitation,
    # Genuine: of what somebody has already, it opens nothing.
    "signature": lambda world, kept: claim_links.signature(kept.experiment.pk),
    "token_id": lambda world, kept: 1,
    # A passkey.
    "pk": lambda world, kept: 1,
    "slug": lambda world, kept: incidents()[0].slug,
    "name": lambda world, kept: "scenario",
    "uidb36": lambda world, kept: "1",
    "key": lambda world, kept: "set-password",
    "provider_id": lambda world, kept: "oidc",
}
# Those that name an experiment or a part of it: for whoever may not open it, such an address names nothing.
OF_AN_EXPERIMENT = {"experiment_id", "run_id", "revision_id", "note_id", "first_id"}
# Pairs that are asked for the other way round, too.
EXCHANGED = {"first_id": "second_id", "second_id": "first_id"}
# What a form or a program might send to get at something, whatever the address.
SENT = {
    "title": "Taken",
    "description": "Taken",
    "text": "Taken",
    "tags": "taken",
    "sharing": "public",
    "visibility": "public",
    "role": "owner",
}
