"""Event templates on the form: every one is offered, and a row is filled in and put back."""

import json
from dataclasses import replace

import pytest
from django.urls import reverse

from playground.editor.event_picker import GROUPS
from playground.editor.form_state import FormState, StepRow, edited
from playground.editor.to_scenario import form_of, scenario_of
from sandbox_runner.event_templates import NAMES, Caller, made
from sandbox_runner.scenario.reader import parse_scenario

pytestmark = pytest.mark.django_db

ROW = StepRow("invoke", "alice", "{}", template="sns")
STATE = FormState(steps=(StepRow("idle", idle="1s"), ROW))


def test_the_form_offers_every_template_once():
    offered = [name for _, choices in GROUPS for name, _ in choices]
    assert sorted(offered) == sorted(NAMES)


def test_a_row_gets_the_payload_of_its_template_for_its_caller():
    row = edited(STATE, "fill-step-2").steps[1]
    assert json.loads(row.payload) == made({"template": "sns"}, Caller("alice", 2))
    assert (row.before, row.error) == ("{}", "")


def test_a_copy_keeps_the_template_and_its_parts():
    event = {"template": "sqs", "body": {"card": "4111"}, "queue": "jobs"}
    function = {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": "handler = print"}}
    steps = [{"invoke": {"event": event, "as": "alice"}}, {"invoke": {"payload": {}, "as": "bob"}}]
    scenario = parse_scenario({"version": 2, "function": function, "steps": steps})
    state = form_of(scenario)
    first, second = state.steps
    assert (first.template, first.origin) == ("sqs", "Made from SQS; set in it: body, queue.")
    assert (second.template, second.origin) == ("", "")
    assert scenario_of(state).steps == scenario.steps
    again = edited(state, "fill-step-1").steps[0]
    assert json.loads(again.payload) == json.loads(first.payload)
    assert again.made_from == first.made_from


def test_another_template_takes_none_of_the_parts_of_the_one_before():
    row = replace(ROW, template="sqs", made_from='{"template": "sns", "parts": {"subject": "x"}}')
    row = edited(FormState(steps=(row,)), "fill-step-1").steps[0]
    assert json.loads(row.made_from) == {"template": "sqs"}


@pytest.mark.parametrize("written", ["x", "[]", '{"template": "sns", "parts": {"subjekt": 1}}'])
def test_what_a_browser_says_of_the_template_is_not_believed(written):
    row = edited(FormState(steps=(replace(ROW, made_from=written),)), "fill-step-1").steps[0]
    assert json.loads(row.payload) == made({"template": "sns"}, Caller("alice", 1))


def test_the_payload_before_comes_back():
    assert edited(edited(STATE, "fill-step-2"), "restore-step-2").steps[1] == ROW


@pytest.mark.parametrize("template", ["", "nonsense"])
def test_a_row_without_a_template_keeps_its_payload_and_says_what_to_do(template):
    state = replace(STATE, steps=(replace(ROW, template=template),))
    row = edited(state, "fill-step-1").steps[0]
    assert (row.payload, row.error) == ("{}", "Choose an event template for step 1 first.")


def test_the_page_is_given_the_row_that_it_asks_for(client):
    fields = {
        "action": "fill-step-2",
        "step_kind": ["idle", "invoke"],
        "step_principal": ["", "bob"],
        "step_template": ["", "sqs"],
    }
    page = client.post(reverse("step"), fields)
    assert page.status_code == 200
    assert page.content.decode().count("data-step>") == 1
    assert "fill-step-2" in page.content.decode()
    assert "bob@example.com" in page.content.decode()


@pytest.mark.parametrize(
    "action", ["", "fill-step-", "fill-step-0", "fill-step-2", "fill-step-99999999", "fill-step-²"]
)
def test_a_row_that_was_not_sent_is_refused(client, action):
    assert client.post(reverse("step"), {"action": action, "step_kind": "invoke"}).status_code == 400
