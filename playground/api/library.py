"""The library: search, collections, and notes on runs.

Annotations are read at run time: they define parameters and bodies.
"""

from http import HTTPStatus
from typing import Annotated, ClassVar

from django.http import HttpRequest
from ninja import Query, Router
from ninja.responses import Status
from pydantic import BaseModel, Field

from playground.api import library_serializers
from playground.api.auth import A_PERSON, caller_of, viewer_of
from playground.api.error_handlers import Refused, TooMuch, none_such
from playground.api.library_serializers import Collections, CollectionState, Found, Notes, NoteState
from playground.api.pagination import Limit, Offset, piece
from playground.api.parsers import Sent, Text
from playground.api.schemas import responses, responses_of_writing
from playground.api.serializers import openable_run
from playground.experiments import page_parts
from playground.experiments.models import Run
from playground.experiments.viewer import Viewer
from playground.library.collections import stored as collections
from playground.library.models import Collection, Note
from playground.library.notes import stored as stored_notes
from playground.library.notes.anchors import NoteAnchor, Places
from playground.library.search.params import CHOSEN_MAX, PAGES_MAX, read_search_params
from playground.library.search.searching import search
from playground.runs import throttling

router = Router(tags=["library"], by_alias=True)


class NoteIn(Sent):
    """A note. ``place`` is an anchor of the run's page, `finding-1`, `request-2`, `log-line-3`; empty for the run.

    ``reply_to`` is the id of a note on the run; a reply is at the place of that.
    """

    example: ClassVar[str] = '{"text": …}'
    first_field: ClassVar[str] = "text"

    text: Annotated[Text, Field(min_length=1, max_length=stored_notes.TEXT_CHARACTERS_MAX)]
    place: Annotated[Text, Field(max_length=200)] = ""
    reply_to: Annotated[Text, Field(max_length=22)] = ""


class Filters(BaseModel):
    """Search parameters: the fields of the library's own address."""

    q: Text = Field(default="", description="Words, phrases in quotes, and - before what must not be there.")
    verdict: list[Text] = Field(default=[], max_length=CHOSEN_MAX)
    runtime: list[Text] = Field(default=[], max_length=CHOSEN_MAX)
    carrier: list[Text] = Field(default=[], max_length=CHOSEN_MAX)
    error: list[Text] = Field(default=[], max_length=CHOSEN_MAX)
    tag: list[Text] = Field(default=[], max_length=CHOSEN_MAX)
    team: list[Text] = Field(default=[], max_length=CHOSEN_MAX)
    fingerprint: list[Text] = Field(default=[], max_length=CHOSEN_MAX)
    page: int = Field(default=1, ge=1, le=PAGES_MAX)
    before: int | None = Field(default=None, ge=0, le=10**14, description="As `next` has it.")


@router.get("search", response=responses({200: Found}, 422), url_name="api-search")
def search_experiments(request: HttpRequest, filters: Annotated[Filters, Query()]) -> Found:  # noqa: ARG001 - checks the address, which the library reads itself
    """Search the experiments visible to you, best first, with counts by facet."""
    asked = read_search_params(request.GET)
    if asked.query.problem:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, asked.query.problem, field="q")
    return library_serializers.found(request, search(asked, viewer_of(request)), asked)


@router.get("collections", response=responses({200: Collections}), url_name="api-collections")
def list_collections(request: HttpRequest) -> Collections:
    """List the newest collections visible to you."""
    listed = collections.listed_collections(viewer_of(request))
    return Collections(items=[library_serializers.collection_row(request, one, count) for one, count in listed])


@router.get(
    "collections/{slug:collection_id}", response=responses({200: CollectionState}, 404), url_name="api-collection"
)
def read_collection(request: HttpRequest, collection_id: str) -> CollectionState:
    """Read a collection with its experiments that you may see, in order."""
    viewer = viewer_of(request)
    found = Collection.objects.openable_by(viewer).select_related("owner").filter(pk=collection_id).first()
    if found is None:
        raise none_such("collection")
    return library_serializers.collection_state(request, found, collections.items_of(found, viewer))


@router.get("runs/{slug:run_id}/notes", response=responses({200: Notes}, 404, 422), url_name="api-run-notes")
def list_notes(request: HttpRequest, run_id: str, limit: Limit = 50, offset: Offset = 0) -> Notes:
    """List the notes on a run, oldest first."""
    viewer = viewer_of(request)
    run = openable_run(run_id, viewer)
    notes = stored_notes.readable_by(viewer).filter(run=run).select_related("author", "run")
    found, following = piece(request, notes, limit, offset)
    return Notes(items=[library_serializers.note_state(request, one) for one in found], next=following)


@router.post(
    "runs/{slug:run_id}/notes",
    response=responses_of_writing({201: NoteState}, 400, 404, 409, 413, 422, 429),
    url_name="api-run-notes",
    auth=A_PERSON,
)
def write_note(request: HttpRequest, run_id: str, sent: NoteIn) -> Status[NoteState]:
    """Write a note on a run, or on a place in it."""
    viewer = viewer_of(request)
    run = openable_run(run_id, viewer)
    text = stored_notes.note_text({"text": sent.text})
    if problem := stored_notes.text_problem(text):
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, problem, field="text")
    where = _where(run, sent, viewer)
    if refusal := throttling.note_refusal(request, caller_of(request).counted_as):
        raise TooMuch(refusal)
    if isinstance(where, Note):
        note = stored_notes.reply(where, text, viewer, "")
    else:
        note = stored_notes.write(run, where, text, viewer, "")
    if note is None:
        sentence = f"This run has {stored_notes.NOTES_OF_A_RUN_MAX} notes, the most allowed."
        raise Refused(HTTPStatus.CONFLICT, sentence)
    return Status(HTTPStatus.CREATED, library_serializers.note_state(request, note))


def _where(run: Run, sent: NoteIn, viewer: Viewer) -> NoteAnchor | Note:
    """The place that a note is pinned to, or the note that it answers.

    :raises Refused: there is none.
    """
    if sent.reply_to:
        if (answered := stored_notes.answered(run, sent.reply_to, viewer)) is None:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "This run has no such note.", field="reply_to")
        return answered
    if (place := Places(page_parts.of(run)).get(sent.place)) is None:
        sentence = "This run has no such place; name an anchor of its page."
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, sentence, field="place")
    return place
