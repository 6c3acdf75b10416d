"""A request's payload is filled in from an event template: by keyboard, with undo, and without scripts."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import paste


def row(page, number):
    return page.locator("[data-step]").nth(number - 1)


def payload(page, number):
    return json.loads(row(page, number).locator("textarea").input_value())


def test_a_payload_is_filled_in_by_keyboard_for_its_caller_and_undone(page, shoot):
    page.goto("/")
    before = payload(page, 2)
    choice = page.get_by_label("Event template of step 2")
    choice.focus()
    choice.press("s")
    choice.select_option("sqs")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    undo = page.get_by_role("status").filter(has_text="Step 2 has the payload of “SQS”.")
    expect(undo).to_be_visible()
    assert json.loads(payload(page, 2)["Records"][0]["body"])["name"] == "bob"
    expect(page.get_by_role("button", name="Fill in the payload of step 2")).to_be_focused()
    shoot(page, "event-filled")
    undo.get_by_role("button", name="Undo").click()
    assert payload(page, 2) == before


READS_S3 = "for (const record of event.Records) { console.log(record.s3.bucket.name); }"


def test_pasted_code_is_offered_its_event_for_all_requests_with_one_undo(page, shoot):
    page.goto("/")
    row(page, 1).locator("[name=step_principal]").fill("carol")
    before = [payload(page, number) for number in (1, 2)]
    paste(page, READS_S3)
    page.get_by_role("button", name="Fill in events of S3").click()
    undo = page.get_by_role("status").filter(has_text="The requests have events of S3.")
    expect(undo).to_be_visible()
    assert all(payload(page, number)["Records"][0]["s3"]["bucket"]["name"] for number in (1, 2))
    expect(page.locator("[data-fill-every]")).to_have_count(0)
    shoot(page, "events-filled")
    undo.get_by_role("button", name="Undo").click()
    assert [payload(page, number) for number in (1, 2)] == before


def test_a_templates_requests_become_the_events_and_have_the_services_of_pasted_code(page, shoot):
    page.goto("/")
    before = [payload(page, number) for number in (1, 2)]
    paste(page, f'import {{ S3Client }} from "@aws-sdk/client-s3";\n{READS_S3}')
    undo = page.get_by_role("status").filter(has_text="The requests have events of S3. AWS services were added.")
    expect(undo).to_be_visible()
    bucket = payload(page, 1)["Records"][0]["s3"]["bucket"]["name"]
    expect(page.locator("#account")).to_have_value(re.compile(f"Bucket: {bucket}"))
    shoot(page, "events-fitted")
    undo.get_by_role("button", name="Undo").click()
    assert [payload(page, number) for number in (1, 2)] == before
    expect(page.locator("#account")).to_have_value("")
    expect(page.get_by_role("button", name="Fill in events of S3")).to_be_visible()


def test_a_request_that_was_added_and_moved_is_filled_in_too(page):
    page.goto("/")
    page.get_by_role("button", name="+ request").click()
    row(page, 3).locator("[name=step_principal]").fill("carol")
    page.get_by_role("button", name="Move step 3 up").click()
    page.get_by_label("Event template of step 2").select_option("apigateway-v2")
    page.get_by_role("button", name="Fill in the payload of step 2").click()
    expect(page.get_by_role("status").filter(has_text="Step 2 has the payload of")).to_be_visible()
    assert json.loads(payload(page, 2)["body"])["name"] == "carol"
    page.get_by_role("button", name="Fill in the payload of step 1").click()
    expect(page.get_by_text("Choose an event template for step 1 first.")).to_be_visible()


def test_an_event_is_filled_in_and_undone_without_scripts(new_context):
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    before = payload(page, 1)
    page.get_by_label("Event template of step 1").select_option("kinesis")
    page.get_by_role("button", name="Fill in the payload of step 1").click()
    assert payload(page, 1)["Records"][0]["kinesis"]["partitionKey"] == "alice"
    row(page, 1).get_by_role("button", name="Undo").click()
    assert payload(page, 1) == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_picker_fits_the_page(new_context, shoot, width, scheme):
    locale = {"light": "en-US", "dark": "ja-JP"}[scheme]
    options = {"viewport": {"width": width, "height": 900}, "locale": locale, "color_scheme": scheme}
    page = new_context(**options).new_page()
    page.goto("/")
    row(page, 1).locator("[name=step_template]").select_option("sqs")
    row(page, 1).locator("[data-fill]").click()
    expect(row(page, 1).locator("textarea")).to_have_value(re.compile("receiptHandle"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, f"event-picker-{width}-{locale}")


def test_aws_services_that_pasted_code_calls_are_added_with_one_undo(page, shoot):
    page.goto("/")
    row(page, 1).locator("[name=step_principal]").fill("carol")
    paste(page, 'import boto3\ntable = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])\n')
    page.get_by_role("button", name="Add AWS services with orders").click()
    undo = page.get_by_role("status").filter(has_text="AWS services were added.")
    expect(undo).to_be_visible()
    expect(page.locator("#account")).to_have_value(re.compile("TableName: orders"))
    expect(page.locator("#environment")).to_have_value("ORDERS_TABLE=orders")
    expect(page.locator("[data-add-account]")).to_have_count(0)
    shoot(page, "aws-services")
    undo.get_by_role("button", name="Undo").click()
    expect(page.locator("#account")).to_have_value("")
    expect(page.locator("#environment")).to_have_value("")


def test_a_new_request_is_the_next_callers_with_values_of_its_own(page):
    page.goto("/")
    page.get_by_role("button", name="+ request").click()
    expect(row(page, 3).locator("[name=step_principal]")).to_have_value("carol")
    assert payload(page, 3) == {"queryStringParameters": {"customer": "carol", "order": "C-3003"}}


def test_a_pasted_curl_command_becomes_its_event(page):
    page.goto("/")
    field = row(page, 2).locator("textarea")
    field.focus()
    command = """curl 'https://shop.example/orders/7?limit=3' -H 'X-Tier: gold' --json '{"order": "B-2002"}'"""
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        command,
    )
    expect(row(page, 2)).to_contain_text("Made from API Gateway, HTTP API (2.0)")
    event = payload(page, 2)
    assert event["requestContext"]["http"]["method"] == "POST"
    assert (event["rawPath"], event["queryStringParameters"]) == ("/orders/7", {"limit": "3"})
    assert event["headers"]["x-tier"] == "gold"
    assert json.loads(event["body"]) == {"order": "B-2002"}


def test_a_step_is_dragged_by_its_number(page):
    page.goto("/")
    names = page.locator("[data-steps] [name=step_principal]")
    row(page, 2).locator("[data-step-number]").drag_to(row(page, 1), target_position={"x": 30, "y": 4})
    expect(names.first).to_have_value("bob")
    expect(names.nth(1)).to_have_value("alice")
    expect(row(page, 1).locator("[data-step-number]")).to_have_text("1")
