"""What the OpenAPI document says holds: every call is sent what the document allows, and what it does not.

No answer is a failure of ours, and none is of a status, a media type or a shape that the document does not have.
"""

from functools import cache

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test

from playground.accounts.models import User
from playground.api import archives, contracts, experiments, library, runs, sessions
from playground.api.api import api
from playground.experiments.stored_json import pack
from playground.experiments.viewer import viewer_for
from playground.library.collections import stored as collections
from playground.library.models import Collection
from tests.builders import idle, scenario, two_tenants
from tests.playground.people import token_of
from tests.playground.run_results import leak
from tests.playground.stored import a_run

# A server without asynchrony sends a stream when it is over, which here it is.
pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")

load_all_checks()
# A scenario that the schema allows may contradict itself, which only the emulator can say.
PASSED_OVER = {"positive_data_acceptance"}
ASKED = [check for check in CHECKS.get_all() if check.__name__ not in PASSED_OVER]


def bounded(*phases, examples=10):
    """The same examples each time."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )


# Looking for constants in our source would import what stands below it, the gallery's folder of incidents among it.
CONFIG = SchemathesisConfig.from_dict({"analysis": {"constants": {"enabled": False}}})


@schemathesis.serializer("application/zip")
def as_it_is(_, value):
    """Whatever is made up is sent as a zip."""
    return value if isinstance(value, bytes) else str(value).encode()


ROUTERS = (runs, archives, experiments, library, sessions, contracts)
CALLS = sorted(
    call.view_func.__name__
    for part in ROUTERS
    for view in part.router.path_operations.values()
    for call in view.operations
    if call.include_in_schema
)
# So many as fit into a run of the tests, and into one of the matrix.
each_call = pytest.mark.parametrize(
    ("name", "examples"),
    [*((call, 10) for call in CALLS), *(pytest.param(call, 20, marks=pytest.mark.matrix) for call in CALLS)],
)
# The bounds of a scenario are many; in the bodies of these it is the one that `start_run` has.
SAME_BODY = {"open_session", "create_experiment", "add_revision"}
# Ids that exist, by the name that a path has for them.
known = {"name": "result"}


@cache
def whole_document():
    """Made by the one process that plays these tests, and not while all of them collect."""
    made = schemathesis.openapi.from_dict(dict(api.get_openapi_schema()), config=CONFIG)
    made.app = get_wsgi_application()
    made.hook(map_path_parameters)
    return made


def map_path_parameters(context, path_parameters):
    """Two of three ids that were made up become ids that exist."""
    return {
        name: known[name] if name in known and len(str(value)) % 3 else value
        for name, value in (path_parameters or {}).items()
    }


@pytest.fixture(autouse=True)
def one_connection():
    """Requests leave the test's connection open, as Django's own test client sees to."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def ann(db):
    return User.objects.create_user("ann")


@pytest.fixture(autouse=True)
def rows(ann):
    """Something to ask for. The run is over: the stream of one that goes on has no end."""
    run = a_run(by=viewer_for(ann), status="finished", result_blob=pack(leak().to_json()), verdict="leak")
    collection = Collection.objects.create(title="Ours", owner=ann)
    collections.put(collection, run.revision.experiment)
    known.update(collection_id=collection.pk)
    known.update(run_id=run.pk, revision_id=run.revision_id, experiment_id=run.revision.experiment_id)


@pytest.fixture
def secret(ann):
    return token_of(ann, "these tests")[1]


def asked_by(secret):
    return {"checks": ASKED, "headers": {"Authorization": f"Bearer {secret}"} if secret else {}}


def ask(name, settings, secret):
    """Send a call what its part of the document allows, and what it does not."""
    operation = whole_document().find_operation_by_id(name)

    def answered(case):
        case.call_and_validate(**asked_by(secret))

    build_operation_test(
        config=operation.schema.config,
        operation=operation,
        test_func=answered,
        given_kwargs={},
        feedback=FeedbackSources(),
        explicit_settings=settings,
    )()


def test_every_call_of_the_document_is_asked():
    assert sorted(call.ok().definition.raw["operationId"] for call in whole_document().get_all_operations()) == CALLS


@each_call
def test_a_stranger_is_answered_as_the_document_says(name, examples):
    ask(name, bounded(Phase.generate, examples=examples), secret=None)


@each_call
def test_a_person_is_answered_as_the_document_says(name, examples, secret):
    ask(name, bounded(Phase.generate, examples=examples), secret)


@pytest.mark.parametrize("name", [call for call in CALLS if call not in SAME_BODY])
def test_every_bound_of_the_document_is_kept(name, secret):
    ask(name, bounded(Phase.explicit), secret)


GOOD = {
    "start_run": {"scenario": scenario().to_json()},
    "create_experiment": {"scenario": scenario().to_json(), "title": "A cache", "tags": ["cache"]},
    "add_revision": {"scenario": scenario(idle(1), *two_tenants()).to_json()},
    "change_experiment": {"visibility": "public"},
    "write_note": {"text": "It is the *global*.", "place": "request-2"},
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_stored_is_answered_as_the_document_says(name, secret):
    call = whole_document().find_operation_by_id(name)
    path = {part.name: known[part.name] for part in call.path_parameters}

    answer = call.Case(path_parameters=path, body=GOOD[name], media_type="application/json").call_and_validate(
        **asked_by(secret)
    )

    assert answer.status_code in {200, 201, 202}
