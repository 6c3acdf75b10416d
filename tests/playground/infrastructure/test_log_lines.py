"""Log lines: JSON in production, readable elsewhere, each with its run's id and none with what a handler was sent."""

import io
import json
import logging
import logging.config

import pytest
from django.test import Client
from django.urls import reverse

from playground.infrastructure.logging_config import logging_configuration
from playground.runs import execution, submission
from sandbox_runner.errors import OurFailure
from tests.builders import invoke, scenario
from tests.playground.people import person, signed_in
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "a-secret-of-tenant-a"


class Lines(io.StringIO):
    """What was logged."""

    @property
    def entries(self):
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def about(self, run):
        return [entry["event"] for entry in self.entries if entry.get("run_id") == run.id]


@pytest.fixture
def lines():
    """The log as production writes it."""
    yield from written(as_json=True)


@pytest.fixture
def terminal():
    """The log as a person at a terminal reads it."""
    yield from written(as_json=False)


def written(*, as_json):
    stream, root = Lines(), logging.getLogger()
    made = logging_configuration(as_json=as_json)["formatters"]["line"].copy()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(made.pop("()")(**made))
    root.addHandler(handler)
    level, root.level = root.level, logging.INFO
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


class Talking:
    """A player that logs, and fails if it should."""

    def __init__(self, error=None):
        self.error = error

    def run(self, scenario, **_):
        logging.getLogger("sandbox_runner.run.engine").info("Playing.")
        raise self.error or OurFailure("the sandbox went away")


def played(error=None):
    run = a_run(invoke({"message": SECRET}, "one"))
    execution.execute(run.id, execution.Worker("a-worker", Talking(error)))
    return run


def test_every_line_of_a_run_says_its_id(lines):
    run = played()

    assert lines.about(run) == ["A run was submitted.", "Claimed.", "Playing.", "Internal error.", "Settled."]


def test_the_submission_says_it_too(lines):
    run = submission.submit(scenario())

    assert lines.about(run) == ["A run was submitted."]


def test_a_line_outside_of_a_run_has_no_id(lines):
    played()
    logging.getLogger("playground").info("Idle.")

    assert "run_id" not in lines.entries[-1]


def test_a_line_has_time_level_and_logger(lines):
    played()

    [entry] = [entry for entry in lines.entries if entry["event"] == "Claimed."]
    assert (entry["level"], entry["logger"]) == ("info", "playground.runs.execution")
    assert entry["timestamp"].endswith("Z")


def test_an_unexpected_error_tells_where_it_happened_and_not_what_it_quotes(lines):
    played(ValueError(f"cannot read {SECRET}"))

    [failed] = [entry for entry in lines.entries if entry["event"] == "Internal error."]
    assert failed["error"] == "ValueError"
    assert any("execution.py" in frame for frame in failed["frames"])
    assert SECRET not in lines.getvalue()


def test_an_error_of_our_own_words_is_told(lines):
    played(OurFailure("no room for another sandbox"))

    assert "OurFailure: no room for another sandbox" in lines.getvalue()


def test_what_libraries_attach_is_left_out(lines):
    logging.getLogger("django.request").warning("Not found.", extra={"request": SECRET, "status_code": 404})

    assert SECRET not in lines.getvalue()


ADDRESSES = {
    "an invitation": "/teams/join/{}",
    "a link that hands over": "/x/nothing/take/{}",
    "a link of an e-mail": "/accounts/password/reset/key/1-{}/",
    "a run": "/r/{}",
    "an address that is none": "/there/is/no/{}",
    "a run for programs": "/api/v1/runs/{}",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_the_line_of_a_request_has_its_route_and_no_secret(lines, address):
    Client().get(address.format("a-secret-key"))
    Client(enforce_csrf_checks=True).post(address.format("a-secret-key"))

    assert "a-secret-key" not in lines.getvalue()


def test_the_line_of_a_request_says_which_route_it_was(lines):
    Client().get("/teams/join/a-secret-key")

    assert [entry["event"] for entry in lines.entries] == ["Not Found: /teams/join/<slug:secret>"]


def test_a_real_engine_logs_with_the_id_too(lines, make_worker):
    run = a_run(invoke({"message": SECRET}, "one"))
    execution.execute(run.id, make_worker())

    assert lines.about(run) == ["A run was submitted.", "Claimed.", "Settled."]
    assert SECRET not in lines.getvalue()


def test_a_terminal_gets_a_sentence_a_line(terminal):
    run = played()

    assert "Claimed." in terminal.getvalue()
    assert run.id in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_the_line_of_a_refusal_says_who_asked(lines):
    ada = person("ada")
    signed_in(ada).post(reverse("team-delete", args=["none"]))
    Client(REMOTE_ADDR="192.0.2.7").get("/nothing/here")

    refused = [entry for entry in lines.entries if entry["logger"] == "django.request"]
    assert [(one["person"], one["client"]) for one in refused] == [(ada.pk, "127.0.0.1"), (None, "192.0.2.7")]
