"""The editor completes from payloads of every event template, with the fields that AWS sends only for some requests."""

import pytest
from django.urls import reverse

from playground.editor.event_examples import event_examples
from sandbox_runner.event_templates import NAMES


def test_every_event_template_has_examples():
    assert tuple(event_examples()) == NAMES


@pytest.mark.parametrize("field", ["pathParameters", "stageVariables", "body", "cookies"])
def test_fields_that_only_some_requests_have_are_in_an_example(field):
    assert any(field in payload for payload in event_examples()["apigateway-v2"])


def test_the_page_fetches_them(client):
    assert client.get(reverse("event-examples")).json()["sqs"][0]["Records"]
