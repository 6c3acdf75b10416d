"""As somebody who has never been here."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import SLOW, expect_verdict, play, scenario, to_its_page


def test_the_first_press_of_run_shows_a_leak_that_can_be_shared(page, new_context, shoot):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/")
    expect(page.get_by_label("Handler")).to_have_value("app.handler")
    page.get_by_role("button", name="Run", exact=False).first.click()

    expect_verdict(page, "LEAK")
    expect(page.locator("#verdict .sentence")).to_contain_text(
        "bob received alice's queryStringParameters.order (A-1001)."
    )
    expect(page.locator("#verdict .sentence")).to_contain_text("app.basket")
    proof, marker = (
        page.locator("#evidence .evidence").nth(0),
        page.locator("#evidence .evidence", has_text="Exact value found"),
    )
    expect(proof).to_contain_text("4 of 4 replays agree")
    expect(marker).to_contain_text("B-2002")
    shoot(page, "leak")

    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("[data-copied]")).to_have_text("Link copied.")
    address = page.evaluate("navigator.clipboard.readText()")
    other = new_context().new_page()
    other.goto(address)
    assert other.locator("#verdict .sentence").inner_text() == page.locator("#verdict .sentence").inner_text()
    answers = [each.locator("#requests .answer").all_inner_texts() for each in (other, page)]
    assert len(answers[0]) == 2
    assert answers[0] == answers[1]


def test_a_run_is_live_until_it_is_done_and_keeps_its_address(page):
    play(page, scenario("import time\ndef handler(e, c):\n    time.sleep(1.5)\n    return e", {"n": 1}, {"n": 2}))
    address = page.url
    expect(page.locator("[data-now]")).to_contain_text("Request 1 (tenant-a) is running.", timeout=30_000)
    expect(page.locator(".live svg.timeline")).to_be_visible()
    expect(page.locator(".live #request-2")).to_contain_text("waiting")
    expect_verdict(page, "CLEAN")
    assert page.url == address
    expect(page.locator(".live")).to_have_count(0)


def test_a_run_can_be_cancelled_from_its_page(page):
    play(page, scenario(SLOW, {}, timeout_s=90))
    expect(page.locator("[data-now]")).to_contain_text("running", timeout=30_000)
    page.get_by_role("button", name="Cancel").click()
    expect_verdict(page, "CANCELLED")
    expect(page.locator("#requests")).to_contain_text("not played")


def test_only_the_browser_that_started_a_run_is_offered_to_cancel_it(page, new_context):
    play(page, scenario(SLOW, {}, timeout_s=90))
    other = new_context().new_page()
    other.goto(page.url)
    expect(other.locator(".run-head")).to_be_visible()
    expect(other.get_by_role("button", name="Cancel")).to_have_count(0)
    page.get_by_role("button", name="Cancel").click()
    expect_verdict(page, "CANCELLED")


def test_a_run_needs_nothing_but_the_keyboard(page):
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    to_its_page(page)
    expect_verdict(page, "LEAK")
    page.locator("svg.timeline a.mark-invoke").nth(1).focus()
    expect(page.locator("[data-readout]")).to_contain_text("invoke of request 2 (bob)")
    page.keyboard.press("Enter")
    assert page.url.endswith("#request-2")
    expect(page.locator("#request-2")).to_have_class("reads reads-leak selected")


@pytest.mark.parametrize(("button", "verdict"), [("▸ Run", "LEAK"), ("▸ Run the fix", "CLEAN")])
def test_an_incident_of_the_gallery_runs_from_its_page(page, button, verdict):
    page.goto("/gallery")
    page.get_by_role("link", name="The same in Python").click()
    page.get_by_role("button", name=button, exact=True).first.click()
    page.wait_for_url("**/r/*")
    expect_verdict(page, verdict)


def test_everything_but_liveness_works_without_scripts(new_context):
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_role("button", name="+ request").click()
    expect(page.locator("[data-steps] [name=step_payload]")).to_have_count(3)
    page.locator("[data-steps] [name=step_payload]").nth(2).fill(
        '{"queryStringParameters": {"customer": "carol", "order": "C-3003"}}'
    )
    page.get_by_role("button", name="Run", exact=False).last.click()
    expect_verdict(page, "LEAK")
    expect(page.locator("#requests tbody")).to_have_count(3)


def test_a_browser_lists_its_own_runs(page, new_context):
    play(page, scenario("def handler(e, c):\n    return 1", {}))
    name = page.url.rsplit("/", 1)[1]
    page.get_by_role("link", name="My runs").click()
    expect(page.locator(f'a[href="/r/{name}"]')).to_be_visible()
    other = new_context().new_page()
    other.goto("/mine")
    expect(other.locator("main")).to_contain_text("Nothing has been run here yet.")
