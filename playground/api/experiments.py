"""Experiments and their revisions: create, read, describe, share, delete, restore.

Annotations are read at run time: they define parameters and bodies.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, ClassVar, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from playground.accounts.scopes import Scope
from playground.api.auth import A_PERSON, WHO_ADMINISTERS, caller_of, client_behind, count_one, refuse_unless, viewer_of
from playground.api.error_handlers import Refused, none_such
from playground.api.pagination import Limit, Offset, piece
from playground.api.parsers import Id, ScenarioOrItsText, Sent, Text, scenario_of
from playground.api.schemas import Experiments, ExperimentState, RevisionRow, Revisions, responses, responses_of_writing
from playground.api.serializers import experiment_states, revision_rows, with_what_is_told
from playground.experiments import editing, selectors
from playground.experiments.details_form import DetailsForm, details_of, form_of, sharings
from playground.experiments.models import Experiment
from playground.experiments.viewer import Viewer
from playground.runs import submission
from playground.text import normalize

router = Router(tags=["experiments"], by_alias=True)

Tags = Annotated[list[Text], Field(max_length=normalize.TAGS_MAX)]


class Described(Sent):
    """What an experiment is about and who may open it. ``team`` is the id of your team, with visibility team."""

    title: Annotated[Text, Field(max_length=normalize.TITLE_CHARACTERS_MAX)] | None = None
    description: Annotated[Text, Field(max_length=normalize.DESCRIPTION_CHARACTERS_MAX)] | None = None
    tags: Tags | None = None
    visibility: Literal["public", "unlisted", "team", "private"] | None = None
    team: Id | None = None


class ExperimentIn(Described):
    """A new experiment: its first revision and its description."""

    example: ClassVar[str] = '{"scenario": …, "title": …}'
    first_field: ClassVar[str] = "scenario"

    scenario: ScenarioOrItsText


class RevisionIn(Sent):
    """The next revision."""

    example: ClassVar[str] = '{"scenario": …}'
    first_field: ClassVar[str] = "scenario"

    scenario: ScenarioOrItsText


@router.get("experiments", response=responses({200: Experiments}, 422), url_name="api-experiments")
def list_experiments(
    request: HttpRequest,
    mine: Annotated[bool, Query(description="Only what is yours, without what is public.")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Experiments:
    """List experiments visible to you: public ones, yours and your teams', newest first."""
    viewer = viewer_of(request)
    listed = Experiment.objects.listed_for(viewer)
    wanted = listed.filter(owner_id=viewer.user_id) if mine and viewer.user_id else listed.none() if mine else listed
    found, following = piece(request, with_what_is_told(wanted), limit, offset)
    return Experiments(items=experiment_states(request, found, viewer), next=following)


@router.post(
    "experiments",
    response=responses_of_writing({201: ExperimentState}, 400, 413, 422, 429),
    url_name="api-experiments",
    auth=A_PERSON,
)
def create_experiment(request: HttpRequest, sent: ExperimentIn) -> Status[ExperimentState]:
    """Create an experiment of yours; nothing runs yet."""
    viewer, scenario = viewer_of(request), scenario_of(sent.scenario, client_behind(request))
    count_one(request)
    with transaction.atomic():
        made = submission.store(scenario, by=viewer).experiment
        _describe(made, sent, viewer)
    return Status(HTTPStatus.CREATED, _state(request, made.pk, viewer))


@router.get(
    "experiments/{slug:experiment_id}", response=responses({200: ExperimentState}, 404), url_name="api-experiment"
)
def read_experiment(request: HttpRequest, experiment_id: str) -> ExperimentState:
    """Read what an experiment is about and who may open it."""
    return _state(request, experiment_id, viewer_of(request))


@router.patch(
    "experiments/{slug:experiment_id}",
    response=responses_of_writing({200: ExperimentState}, 400, 404, 413, 422),
    url_name="api-experiment",
    auth=A_PERSON,
)
def change_experiment(request: HttpRequest, experiment_id: str, sent: Described) -> ExperimentState:
    """Change what it is about or who may open it. Fields left out stay; tags are replaced as a whole.

    Who may open it is changed by a token of the scope `admin`.
    """
    viewer = viewer_of(request)
    if sent.visibility or sent.team:
        refuse_unless(caller_of(request), Scope.ADMIN)
    _describe(_editable(experiment_id, viewer), sent, viewer)
    return _state(request, experiment_id, viewer)


@router.delete(
    "experiments/{slug:experiment_id}",
    response=responses_of_writing({204: None}, 404),
    url_name="api-experiment",
    auth=WHO_ADMINISTERS,
)
def delete_experiment(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """Delete it for everyone, with its revisions and runs; it can be restored for a time."""
    viewer = viewer_of(request)
    if not editing.delete(_editable(experiment_id, viewer).pk, viewer):
        raise none_such("experiment")
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@router.post(
    "experiments/{slug:experiment_id}/restore",
    response=responses_of_writing({200: ExperimentState}, 404),
    url_name="api-experiment-restore",
    auth=WHO_ADMINISTERS,
)
def restore_experiment(request: HttpRequest, experiment_id: str) -> ExperimentState:
    """Restore what you deleted, within the grace period."""
    viewer = viewer_of(request)
    if not editing.restore(experiment_id, viewer):
        raise none_such("deleted experiment")
    return _state(request, experiment_id, viewer)


# --- revisions ----------------------------------------------------------------------------------------------------


@router.get(
    "experiments/{slug:experiment_id}/revisions",
    response=responses({200: Revisions}, 404, 422),
    url_name="api-experiment-revisions",
)
def list_revisions(request: HttpRequest, experiment_id: str, limit: Limit = 50, offset: Offset = 0) -> Revisions:
    """List its revisions, newest first, without their scenarios."""
    viewer = viewer_of(request)
    revisions = openable(experiment_id, viewer).revisions.order_by("-number").defer("scenario_blob")
    found, following = piece(request, revisions, limit, offset)
    return Revisions(items=revision_rows(request, found, viewer), next=following)


@router.post(
    "experiments/{slug:experiment_id}/revisions",
    response=responses_of_writing({201: RevisionRow}, 400, 404, 413, 422, 429),
    url_name="api-experiment-revisions",
    auth=A_PERSON,
)
def add_revision(request: HttpRequest, experiment_id: str, sent: RevisionIn) -> Status[RevisionRow]:
    """Add a revision; nothing runs yet. Identical content is not stored twice."""
    viewer, scenario = viewer_of(request), scenario_of(sent.scenario, client_behind(request))
    newest = _editable(experiment_id, viewer).revisions.order_by("-number").first()
    count_one(request)
    made = submission.store(scenario, by=viewer, parent=newest)
    return Status(HTTPStatus.CREATED, revision_rows(request, [made], viewer)[0])


def openable(experiment_id: str, viewer: Viewer) -> Experiment:
    """Find an experiment.

    :raises Refused: the caller can see none.
    """
    found = selectors.openable_experiment(experiment_id, viewer)
    if found is None:
        raise none_such("experiment")
    return found


def _editable(experiment_id: str, viewer: Viewer) -> Experiment:
    found = openable(experiment_id, viewer)
    if not selectors.may_edit(found, viewer):
        raise Refused(HTTPStatus.FORBIDDEN, "You may read this experiment and not change it; make a copy of it.")
    return found


def _state(request: HttpRequest, experiment_id: str, viewer: Viewer) -> ExperimentState:
    found = with_what_is_told(Experiment.objects.openable_by(viewer).filter(pk=experiment_id)).first()
    if found is None:
        raise none_such("experiment")
    return experiment_states(request, [found], viewer)[0]


def _describe(experiment: Experiment, sent: Described, viewer: Viewer) -> None:
    """Store the description, validated as in the form.

    :raises Refused: a field is invalid; nothing is stored.
    """
    details, errors = details_of(_form(experiment, sent), sharings(experiment, viewer))
    if sharing := errors.pop("sharing", ""):
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, _sharing_sentence(sent) or sharing, field=_sharing_field(sent))
    for field, sentence in errors.items():
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, sentence, field=field)
    if not editing.describe(experiment, details, viewer):
        raise none_such("experiment")


def _form(experiment: Experiment, sent: Described) -> DetailsForm:
    form = form_of(experiment)
    written = {name: value for name in ("title", "description") if (value := getattr(sent, name)) is not None}
    if sent.tags is not None:
        written["tags"] = ", ".join(sent.tags)
    visibility = sent.visibility or ("team" if sent.team else None)
    if visibility is not None:
        written["sharing"] = f"team:{sent.team or experiment.team_id}" if visibility == "team" else visibility
    return replace(form, **written)


def _sharing_field(sent: Described) -> str:
    return "team" if sent.team or sent.visibility == "team" else "visibility"


def _sharing_sentence(sent: Described) -> str:
    if sent.team:
        return "You are in no team of that id; name one that you are in."
    return "The team is missing; name one that you are in." if sent.visibility == "team" else ""
