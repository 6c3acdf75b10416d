"""What became of an experiment over its revisions."""

from __future__ import annotations

import pytest

from playground.experiments.models import Revision, Run, Status
from playground.library.story import stories, story
from playground.runs import submission
from tests.playground.people import experiment_of
from tests.playground.stored import a_run


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ([(1, "leak"), (2, "clean")], "leak in revision 1, fixed in revision 2"),
        ([(1, "retained"), (2, "leak"), (4, "clean")], "leak in revision 2, fixed in revision 4"),
        ([(1, "clean"), (3, "history-dependent")], "clean in revision 1, depends on history since revision 3"),
        ([(1, "leak"), (2, "clean"), (3, "leak")], "clean in revision 2, leak since revision 3"),
        ([(1, "leak"), (2, "leak")], ""),
        ([(1, "clean"), (2, "undetermined")], ""),
        ([], ""),
    ],
)
def test_a_story_is_what_changed(verdicts, sentence):
    assert story(verdicts) == sentence


@pytest.mark.django_db
def test_stories_are_told_of_the_newest_verdict_of_each_revision():
    experiment = experiment_of()
    first = a_run(verdict="clean", status=Status.FINISHED)
    second = Revision.objects.create(experiment=experiment, number=2, scenario_blob=b"", sha256="2")
    for revision, verdicts in ((experiment.revisions.get(number=1), ["clean", "leak"]), (second, ["leak", "clean"])):
        for verdict in verdicts:
            run = submission.play_again(revision)
            Run.objects.filter(pk=run.pk).update(verdict=verdict)

    ids = [experiment.id, first.revision.experiment_id]
    assert stories(ids) == {experiment.id: "leak in revision 1, fixed in revision 2"}
