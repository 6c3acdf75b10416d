"""The whole life cycle as a person asks for it and sees it."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import play, sideways, to_its_page

SLOW = """\
import time

time.sleep(0.2)

def handler(event, context):
    if event.get("hang"):
        time.sleep(60)
    time.sleep(event.get("sleep", 0))
    return "done"
"""


def scenario(*steps, **settings):
    """A scenario to paste of these steps; a busy machine may take a second to start the function again."""
    function = {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": SLOW}, "timeout_s": 3}
    return json.dumps({"version": 1, "function": function, "steps": steps} | settings)


def invoke(**payload):
    return {"invoke": {"payload": payload, "as": "alice"}}


def test_requests_at_the_same_moment_are_asked_for_by_keyboard_alone(page):
    page.goto("/")
    page.get_by_role("button", name="+ at the same time").press("Enter")
    expect(page.locator("[data-steps] [name=step_kind]").last).to_have_value("together")
    page.get_by_text("Initialisation, concurrency").press("Enter")
    page.get_by_label("Reserved concurrency").fill("1")
    page.keyboard.press("Control+Enter")
    to_its_page(page)
    expect(page.locator("#requests .reason")).to_have_text(
        "ReservedFunctionConcurrentInvocationLimitExceeded", timeout=60_000
    )
    expect(page.locator("svg.timeline .outline-throttled")).to_have_count(1)


def test_settings_survive_a_reload(page):
    page.goto("/")
    page.get_by_text("Initialisation, concurrency").click()
    page.get_by_label("Spin-down after").fill("5m")
    page.get_by_role("button", name="+ peer").click()
    page.locator("[data-peers] [name=peer_name]").fill("backend")
    page.reload()
    expect(page.get_by_label("Spin-down after")).to_be_visible()
    expect(page.get_by_label("Spin-down after")).to_have_value("5m")
    expect(page.locator("[data-peers] [name=peer_name]")).to_have_value("backend")


def test_a_contradiction_is_said_at_both_fields(page):
    page.goto("/")
    page.get_by_text("Initialisation, concurrency").click()
    page.get_by_label("Initialisation", exact=True).select_option("provisioned-concurrency")
    page.locator("[data-run-button]").click()
    expect(page.locator("#initialization-field-error")).to_contain_text("number of provisioned environments is 0")
    expect(page.locator("#provisioned_concurrency-field-error")).to_be_visible()


def test_everything_can_be_asked_for_without_scripts(new_context):
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_role("button", name="+ pre-initialise").click()
    expect(page.locator("[name=step_kind]").nth(2)).to_have_value("initialize")
    page.get_by_text("Initialisation, concurrency").click()
    page.get_by_role("button", name="+ peer").click()
    page.locator("[name=peer_name]").first.fill("backend")
    page.get_by_role("button", name="▸ Run").click()
    page.wait_for_url("**/r/*")


def test_a_hidden_init_is_a_bar_of_its_own_with_its_arithmetic(page):
    play(page, scenario(invoke(hang=1), invoke(sleep=0.5)))
    expect(page.locator("svg.timeline .mark-suppressed-init").first).to_be_visible(timeout=60_000)
    expect(page.locator(".sum figcaption").first).to_contain_text("ms suppressed init +", timeout=60_000)
    expect(page.locator(".sum figcaption").first).to_contain_text("START was written only after the init")


def test_a_run_links_to_the_rows_of_the_ledger_that_mattered(page):
    play(page, scenario({"initialize": 1}, invoke()))
    expect(page.locator(".mattered a").first).to_be_visible(timeout=60_000)
    page.locator(".mattered a").first.click()
    anchor = page.url.partition("#")[2]
    expect(page.locator(f"[id='{anchor}']")).to_be_in_viewport()


@pytest.fixture(scope="module")
def crowd_address(browser, site):
    """A finished run with more environments than a page holds at once."""
    context = browser.new_context(base_url=site)
    page = context.new_page()
    requests = [{"payload": {"sleep": 0.3}, "as": f"tenant-{number}"} for number in range(16)]
    play(page, scenario({"concurrent": requests}))
    page.locator("#verdict .verdict-mark").wait_for(timeout=120_000)
    yield page.url
    context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_many_environments_are_folded_and_all_of_them_can_be_seen(new_context, crowd_address, width):
    page = new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(crowd_address)
    expect(page.locator("svg.timeline .lane:visible")).to_have_count(12)
    page.get_by_text("4 more environments, 16 in all").click()
    expect(page.locator("svg.timeline .lane:visible")).to_have_count(16)
    assert sideways(page) <= 0


def test_attempts_of_an_asynchronous_request_are_rows_with_what_became_of_it(page):
    fails = {"invoke": {"payload": {"hang": 1}, "type": "event"}}
    play(page, scenario(fails, max_retry_attempts=1))
    expect(page.locator("#request-1-attempt-2")).to_be_visible(timeout=60_000)
    page.locator("#verdict .verdict-mark").wait_for(timeout=60_000)
    page.locator("#request-1-attempt-2 summary").first.click()
    expect(page.locator("#request-1-attempt-2")).to_contain_text("RetriesExhausted")
    expect(page.locator("#timeline .break-label", has_text="compressed").first).to_be_visible()
