"""Experiments that can be found: everything has a default, a test varies what it is about."""

from playground.experiments import stored_json
from playground.experiments.models import Experiment, Run, Status, Visibility
from playground.experiments.viewer import STRANGER
from playground.library.models import Tag
from playground.library.search import indexing
from playground.library.search.params import SearchParams
from playground.library.search.query_text import read_query
from playground.library.search.searching import search
from tests.playground import run_results
from tests.playground.stored import a_run


def an_experiment(title="", *, description="", tags=(), visibility=Visibility.PUBLIC, result=None, **fields):
    """A stored experiment with one finished run of ``result``, indexed."""
    run = a_run(
        status=Status.FINISHED, result_blob=stored_json.pack((result or run_results.leak()).to_json()), verdict="leak"
    )
    experiment = run.revision.experiment
    fields |= {"title": title, "description": description, "visibility": visibility}
    Experiment.objects.filter(pk=experiment.pk).update(**fields)
    for name in tags:
        Tag.objects.get_or_create(name=name)[0].experiments.add(experiment)
    indexing.index(experiment.pk)
    experiment.refresh_from_db()
    return experiment


def another_run(experiment, result):
    """A second finished run of its revision, indexed."""
    revision = experiment.revisions.first()
    first = Run.objects.filter(revision=revision).first()
    run = Run.objects.create(
        revision=revision,
        status=Status.FINISHED,
        queued_at=first.queued_at,
        result_blob=stored_json.pack(result.to_json()),
    )
    indexing.index(experiment.pk)
    return run


def found(text="", *, viewer=STRANGER, chosen=(), **fields):
    """What a search for ``text`` comes to."""
    return search(SearchParams(read_query(text), tuple(chosen), **fields), viewer)


def titles(text="", **fields):
    """The titles that a search for ``text`` finds, best first."""
    return [hit.experiment.title for hit in found(text, **fields).hits]
