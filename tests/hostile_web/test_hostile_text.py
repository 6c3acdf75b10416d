"""Hostile text in every field of every form and in every body: no failure of ours, and nothing typed is lost."""

import json
from html import escape

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.accounts.models import Team
from playground.experiments.models import Experiment
from playground.library.models import Collection, Note
from tests.hostile_web.addresses import OURS
from tests.playground.pages.test_views import FORM
from tests.playground.pages.walk_world import build, clients

pytestmark = pytest.mark.django_db

# Each of these once made a program fail, or a page say something else than it holds.
KNOWN = [
    "",
    "\x00",
    "\u202egpj.exe",
    "\ufeff\u200b\u2060\u3164",
    "a\ud800b".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "<script>alert(1)</script>\"'`</textarea>",
    "{{ 7*7 }}{% load x %}%(name)s {0} ${a}",
    '[{"a":1,"a":1},',
    "[" * 3_000,
    "1" * 5_000,
    "-1e999",
    "NaN",
    "\\ud83d",
    "' OR 1=1 --",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "x" * 100_000,
    "9" * 40,
    "-1",
    "٣",
    "yaml: [*a, &a b]\n? - !!python/object:os.system x",
]
HOSTILE = st.one_of(
    st.sampled_from(KNOWN),
    st.text(max_size=60),
    st.text(alphabet="{}[]\":,\\/<>&'`%$#ud8\x00\u202e\u3164 \n\r\t", max_size=60),
)
QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LONG = settings(QUICK, max_examples=400)
# What the form repeats is sent as often as the form has it.
FIELDS = sorted({*FORM, "scenario", "archive", "function", "parent", "at", "by", "environment", "tmp_mb", "preset"})


def typed_in(fields):
    return st.dictionaries(st.sampled_from(fields), HOSTILE, min_size=1, max_size=4)


def holds(answer, text):
    """Whether a page still has what was typed, as a browser would send it again."""
    shown = answer.text.replace("&#x27;", "'").replace("&#39;", "'")
    return escape(text, quote=False).replace('"', "&quot;") in shown or text in shown


ACTIONS = ["run", "sign-in", "add-step", "add-file", "follow-code", "open", "add-layer", "fill-step-1", "\x00"]


def look_at_the_form(typed, action, walked):
    sent = FORM | typed
    walked["fuzzed bodies"] += 1
    answer = Client().post("/", sent | {"action": action})

    assert answer.status_code < 500, (typed, action)
    if answer.status_code == 422 and action == "run":
        lost = [name for name, text in typed.items() if kept_by_the_form(name, text) and not holds(answer, text)]
        assert not lost, typed


def kept_by_the_form(name, text):
    """Fields of the form itself; of signs that no form can send, a page may show the nearest."""
    return name in {"handler", "step_payload", "file_text"} and text.isprintable() and len(text) < 1_000


@given(typed=typed_in(FIELDS), action=st.sampled_from(ACTIONS))
@QUICK
def test_the_form_answers_whatever_is_typed(walked, typed, action):
    look_at_the_form(typed, action, walked)


@pytest.mark.matrix
@given(typed=typed_in(FIELDS), action=st.sampled_from(ACTIONS))
@LONG
def test_the_form_answers_whatever_is_typed_at_length(walked, typed, action):
    look_at_the_form(typed, action, walked)


# --- every other form and body --------------------------------------------------------------------------------------

NAMES = ("title", "description", "text", "tags", "sharing", "visibility", "role", "name", "username", "password1")
MORE = ("email", "login", "password", "next", "language", "place", "anchor", "reason", "runtime", "position", "q", "t")
EVERY_FIELD = sorted({*NAMES, *MORE, "collection", "experiment", "action", "by", "at"})
# A probe of the installation answers 503 where there is no worker, as here.
WRITTEN = [one for one in OURS if one.name not in {"home", "account_signup", "readyz"}]


def sent_to(browser, one, where, typed):
    if not one.is_api:
        return browser.post(where, typed)
    raw = "".join(typed.values()).encode("utf-8", "replace") if "raw" in typed else json.dumps(typed)
    return browser.post(where, raw, "application/json")


def look_at_every_address(world, browser, typed, walked, *, reading):
    failed = []
    for one in WRITTEN:
        where = one.of(world, world.kept[0])
        walked["fuzzed bodies"] += 1
        answers = [sent_to(browser, one, where, typed)] + ([browser.get(where, typed)] if reading else [])
        failed += [(one.route, answer.status_code) for answer in answers if answer.status_code >= 500]
    assert not failed, typed


@pytest.fixture
def world():
    return build()


def test_every_address_answers_a_form_that_is_hostile_in_every_field(world, walked):
    typed = {name: KNOWN[at % len(KNOWN)] for at, name in enumerate(EVERY_FIELD)}

    look_at_every_address(world, Client(raise_request_exception=False), typed, walked, reading=False)


# Twelve thousand requests.
@pytest.mark.timeout(1800)
@pytest.mark.matrix
@pytest.mark.parametrize("who", ["stranger", "maker"])
@given(typed=typed_in([*EVERY_FIELD, "raw"]))
@settings(QUICK, max_examples=40)
def test_every_address_answers_whatever_is_sent(world, walked, who, typed):
    browser = clients(world)[who]
    browser.raise_request_exception = False
    look_at_every_address(world, browser, typed, walked, reading=True)


# --- nothing typed is lost ------------------------------------------------------------------------------------------

LONGER = "x" * 30_000
REFUSED = {
    "a note": ("note-write", "run_id", "text", Note),
    "a description": ("experiment-edit", "experiment_id", "description", Experiment),
    "a team's name": ("team-rename", "team_id", "name", Team),
    "an introduction": ("collections", None, "introduction", Collection),
}


@pytest.mark.parametrize(("name", "of", "field", "kind"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_is_still_in_its_field(world, name, of, field, kind):
    kept = world.kept[0]
    known = {"run_id": kept.run.pk, "experiment_id": kept.experiment.pk, "team_id": world.team.pk, None: None}
    before = kind.objects.count()

    answer = clients(world)["owner" if of == "team_id" else "maker"].post(
        reverse(name, args=[known[of]] if of else []), {field: LONGER, "title": "", "sharing": "public"}
    )

    assert answer.status_code == 422
    assert LONGER in answer.text
    assert kind.objects.count() == before


def test_a_name_that_is_refused_is_still_in_its_field():
    answer = Client().post(reverse("account_signup"), {"username": "<script>", "password1": "x"})

    assert "&lt;script&gt;" in answer.text
