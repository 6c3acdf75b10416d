"""No page of another site makes a visitor's browser write by the API."""

import json

import pytest
from django.test import Client

from playground.experiments.models import Run
from tests.builders import scenario
from tests.playground.people import person, token_of
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db

BODY = json.dumps({"scenario": scenario().to_json()})
# What a browser sends to any site without asking it: https://fetch.spec.whatwg.org/#cors-safelisted-request-header
WITHOUT_ASKING = ("text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "multipart/form-data")
FROM_ELSEWHERE = {
    "another origin": {"Origin": "http://evil.example:9955"},
    "another port": {"Origin": "http://testserver:9955"},
    "a page without an origin": {"Origin": "null"},
    "another site, by fetch metadata": {"Sec-Fetch-Site": "cross-site"},
}


def post(headers=(), content_type="application/json", address="/api/v1/runs", body=BODY):
    return Client().post(address, body, content_type=content_type, headers=dict(headers))


@pytest.mark.parametrize("content_type", [*WITHOUT_ASKING, "", "text/json", "application/jsonp"])
def test_a_body_that_is_not_sent_as_json_is_not_read(content_type):
    answer = post(content_type=content_type)

    assert (answer.status_code, answer.headers["Content-Type"]) == (415, "application/problem+json")
    assert not Run.objects.exists()


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"])
def test_json_is_json_however_it_is_written(content_type):
    assert post(content_type=content_type).status_code == 202


@pytest.mark.parametrize("headers", FROM_ELSEWHERE.values(), ids=FROM_ELSEWHERE.keys())
def test_another_site_starts_nothing(headers):
    run = a_run()

    answers = [post(headers), post(headers, "", f"/api/v1/revisions/{run.revision_id}/runs", "")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert list(Run.objects.all()) == [run]


def test_our_own_pages_and_programs_are_no_other_site(settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://holdover.example"]
    ours = ({}, {"Origin": "http://testserver"}, {"Origin": "https://holdover.example"}, {"Sec-Fetch-Site": "none"})

    assert [post(headers).status_code for headers in ours] == [202] * 4


def test_whoever_has_a_token_may_come_from_anywhere():
    _, secret = token_of(person(), "a page of mine")

    answer = post({"Origin": "https://mine.example", "Authorization": f"Bearer {secret}"})

    assert answer.status_code == 202


def test_no_other_name_of_this_machine_is_answered(settings):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

    assert post({"Host": "rebound.example:8000", "Origin": "http://rebound.example:8000"}).status_code == 400
    assert not Run.objects.exists()


def test_a_token_that_is_sent_without_tls_is_refused_and_not_redirected(settings):
    settings.SECURE_SSL_REDIRECT = True
    headers = {"Authorization": f"Bearer {token_of(person())[1]}"}

    answers = [Client().get("/api/v1/runs", headers=headers, secure=secure) for secure in (False, True)]

    assert [answer.status_code for answer in answers] == [403, 200]
    assert "revoke it" in answers[0].text
