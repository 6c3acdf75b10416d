"""What every answer has, whatever the address, the viewer or the mistake; and that no form is forged."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from playground.accounts.models import ApiToken, Membership, Team, User
from playground.asgi import BodyLimit
from playground.experiments.models import Experiment, Revision, Run
from playground.infrastructure.static_files import StaticFiles
from playground.library.models import Collection, Note
from playground.settings import STORAGES as PRODUCT
from tests.hostile_web.addresses import ADDRESSES, OURS
from tests.playground.pages.walk_world import SENT, build, clients
from tests.playground.people import person, signed_in

pytestmark = pytest.mark.django_db

HEADERS = {
    "Content-Security-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
}
# Other sites may show these and nothing else.
FRAMED = {"run-embed"}
SHOWN_ELSEWHERE = {"run-embed", "run-preview", "oembed"}


# A name of this machine with a port that nobody listens at.
CHOSEN = "localhost:6666"


def wrong_with(answer, name=""):
    """What a browser would be free to do with an answer."""
    policy = answer.headers.get("Content-Security-Policy", "")
    found = [header for header in HEADERS if header not in answer.headers]
    if name not in FRAMED and answer.headers.get("X-Frame-Options") != "DENY":
        found.append("may be framed")
    if "unsafe" in policy or "default-src 'none'" not in policy:
        found.append(policy)
    if name not in SHOWN_ELSEWHERE and answer.headers.get("Cross-Origin-Resource-Policy") != "same-origin":
        found.append("may be shown by others")
    if "no-cache" not in (kept := answer.headers.get("Cache-Control", "")) and "no-store" not in kept:
        found.append("may be kept by a cache that does not ask again")
    if not answer.streaming and CHOSEN.encode() in answer.content:
        found.append("a link to where the request says that we are")
    return found


def test_every_address_answers_with_every_header_and_no_link_that_the_request_chose(configure, walked):
    configure(trusted_origins=("https://holdover.example",))
    world = build()
    browsers = {"stranger": Client(), "maker": clients(world)["maker"]}

    wrong = {
        (who, one.route): found
        for who, browser in browsers.items()
        for one in OURS
        if (found := wrong_with(browser.get(one.of(world, world.kept[0]), headers={"Host": CHOSEN}), one.name))
    }
    walked["answers whose headers were read"] += len(browsers) * len(OURS)

    assert not wrong


MISTAKES = {
    "an address that is none": lambda: Client().get("/nothing/here"),
    "a host that is not ours": lambda: Client().get("/", headers={"Host": "evil.example"}),
    "a host that is none": lambda: Client().get("/", headers={"Host": "a b"}),
    "too many fields": lambda: Client().post("/", {f"f{number}": "" for number in range(5000)}),
    "a forged form": lambda: Client(enforce_csrf_checks=True).post("/", {}),
    "a method that is none": lambda: Client().generic("BREW", "/"),
    "a file that is none": lambda: Client().get("/static/nothing.js"),
    "a failure of ours": lambda: _failing().get("/"),
    "an address of the API that is none": lambda: Client().get("/api/v1/nothing"),
}


def _failing():
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "x"
    return browser


@pytest.mark.parametrize("make", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_answered_with_every_header(make, monkeypatch, request):
    if "failure" in request.node.callspec.id:
        monkeypatch.setattr("playground.pages.run_views._filled_home_page", lambda _: 1 / 0)

    answer = make()

    assert answer.status_code >= 400
    assert not wrong_with(answer)


async def test_a_body_that_is_too_large_is_answered_with_every_header():
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/", "headers": [(b"content-length", b"99")]}
    await BodyLimit(None, 10)(scope, receive, send)

    names = {name.decode() for name, _ in sent[0]["headers"]}
    assert {header.lower() for header in {*HEADERS, "X-Frame-Options"}} <= names


def test_the_list_of_static_files_is_not_among_them():
    assert "static_files.StaticFiles" in PRODUCT["staticfiles"]["BACKEND"]
    kept = Path(StaticFiles().manifest_storage.path("staticfiles.json"))

    assert Path(settings.STATIC_ROOT) not in kept.parents


def in_production(folder, *command):
    environ = {
        "DJANGO_SETTINGS_MODULE": "playground.settings",
        "HOLDOVER_DATA": str(folder),
        "HOLDOVER_PRODUCTION": "1",
        "HOLDOVER_HTTPS": "1",
        "HOLDOVER_BACKEND": "docker",
        "HOLDOVER_SECRET_KEY": "a-key-of-the-tests-" + "0123456789abcdefghij" * 3,
        "HOLDOVER_ALLOWED_HOSTS": "holdover.example",
        "HOLDOVER_TRUSTED_ORIGINS": "https://holdover.example",
    }
    root = Path(__file__).parents[2]
    # Nothing of what the run of the tests has in its environment.
    environ |= {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, *command], cwd=root, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


DEPLOYED = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from playground.experiments import browser_keys
from playground.infrastructure import message_storage
call_command("check", deploy=True, fail_level="WARNING")
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
print(browser_keys.cookie_name(), message_storage.cookie_name())
"""


def test_in_production_djangos_checks_warn_of_nothing_and_no_other_host_sets_our_cookies(tmp_path):
    done = in_production(tmp_path, "-c", DEPLOYED)
    checked, *cookies = done.stdout.splitlines()

    assert "no issues" in checked
    assert re.fullmatch(r"(__Host-\w+ ?){5}", " ".join(cookies))
    assert settings.SILENCED_SYSTEM_CHECKS == ["security.W005", "security.W021"]


# --- forms from elsewhere -------------------------------------------------------------------------------------------

FORGED = {
    "no token": {},
    "no token, another origin": {"headers": {"Origin": "https://evil.example"}},
    "another referrer": {"headers": {"Referer": "https://evil.example/"}, "secure": True},
    "a token of somebody else's": {"data": {"csrfmiddlewaretoken": "a" * 64}},
    "a text that is JSON": {"content_type": "text/plain", "data": '{"title": "Taken"}'},
}
KINDS = (ApiToken, Collection, Experiment, Membership, Note, Revision, Run, Team, User)


def everything():
    return {kind: list(kind.objects.order_by("pk").values()) for kind in KINDS}


def changed(before):
    """What is not as it was; that somebody came by is no change."""
    for rows in (before, after := everything()):
        for row in rows[Experiment] + rows[User]:
            row.pop("visited_at", None)
            row.pop("last_login", None)
    return [kind for kind in KINDS if before[kind] != after[kind]]


def test_no_address_takes_a_form_that_none_of_our_pages_made(walked):
    world = build()
    staff = person("boss", is_staff=True, is_superuser=True)
    browser = clients(world)["maker"]
    browser.handler.enforce_csrf_checks = True
    admin = signed_in(staff)
    admin.handler.enforce_csrf_checks = True
    before = everything()
    taken = []

    for one in ADDRESSES:
        if one.is_api:
            continue
        for way, forged in FORGED.items():
            sent = {"data": SENT} | forged
            answer = (admin if one.is_admin else browser).post(one.of(world, world.kept[0]), **sent)
            walked["forged posts"] += 1
            if answer.status_code not in {403, 404, 405} and one.name != "admin:login":
                taken.append((one.route, way, answer.status_code))

    assert not taken
    assert not changed(before)
