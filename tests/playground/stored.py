"""Stored rows for tests: everything has a default, a test varies what it is about."""

from django.utils import timezone

from playground.experiments.models import Run
from playground.experiments.viewer import Viewer
from playground.runs import submission
from tests.builders import scenario


def a_run(*steps, browser_key="", by=None, **fields):
    """A stored run of a scenario of ``steps``; ``fields`` are set on its row."""
    run = submission.submit(scenario(*steps), by=by or Viewer(browser_key=browser_key))
    Run.objects.filter(pk=run.pk).update(**fields)
    return Run.objects.get(pk=run.pk)


def ago(seconds):
    """The time that many seconds before now."""
    return timezone.now() - timezone.timedelta(seconds=seconds)
