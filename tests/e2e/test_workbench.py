"""The result beside the code: one plays, sees, mends and plays again without leaving the page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.steps import expect_verdict, expect_workbench, paste, to_its_page
from tests.pages.test_accessibility import violations

EVENT = '{"queryStringParameters": {"customer": "alice", "order": "A-1001"}}'


def first_run(page):
    page.goto("/")
    expect_workbench(page)
    page.locator("[data-run-button]").click()
    expect_verdict(page, "LEAK")


def test_a_run_is_shown_beside_its_code_mended_and_played_again(page, shoot):
    first_run(page)
    expect(page.locator(".cm-named-written")).to_have_attribute("data-said", "kept here")
    expect(page.locator("[data-result] svg.timeline .mark-invoke")).to_have_count(2)
    expect(page.locator("[data-result] ol.log").first).to_contain_text("INIT_START")
    page.get_by_role("link", name="written at app.mjs:6").click()
    expect(page.locator(".cm-activeLineGutter").first).to_have_text("6")
    shoot(page, "result beside the code")
    assert violations(page, "workbench") == []

    page.keyboard.press("Home")
    page.keyboard.type("// ")
    before = page.locator("[data-run]").get_attribute("data-run")
    page.keyboard.press("Control+Enter")
    expect_verdict(page, "CLEAN")
    assert page.locator("[data-run]").get_attribute("data-run") != before
    expect(page.locator(".cm-named")).to_have_count(0)
    assert page.url.endswith("/")
    # Nothing but the verdict lies between the head of the result and its timeline.
    heights = [page.locator(f"[data-result] {one}").bounding_box()["height"] for one in (".headline", "#verdict")]
    assert heights[0] == heights[1]


def test_the_result_is_there_after_a_reload_and_leads_to_its_page(page):
    first_run(page)
    sentence = page.locator("#verdict .sentence").inner_text()
    page.reload()
    expect(page.locator("[data-result] #verdict")).to_contain_text("LEAK")
    to_its_page(page)
    assert page.locator("#verdict .sentence").inner_text() == sentence


def test_what_is_not_played_is_said_at_its_field_and_the_result_before_stays(page):
    first_run(page)
    payload = page.locator("[data-steps] [name=step_payload]").first
    payload.fill("{")
    page.locator("[data-run-button]").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was run.")
    expect(page.locator("[data-step-error]").first).to_contain_text("step 1")
    expect(page.locator("[data-result] #verdict")).to_contain_text("LEAK")
    payload.fill(EVENT)
    page.locator("[data-run-button]").click()
    expect_verdict(page, "LEAK")


def test_the_width_of_the_code_is_set_by_keyboard_and_kept(page):
    page.goto("/")
    bar = page.get_by_role("separator", name="Width of the code")
    narrow = page.locator("#code-pane").bounding_box()["width"]
    for _ in range(5):
        bar.press("ArrowRight")
    expect(bar).to_have_attribute("aria-valuenow", "60")
    page.reload()
    expect(bar).to_have_attribute("aria-valuenow", "60")
    assert page.locator("#code-pane").bounding_box()["width"] > narrow
    bar.dblclick()
    expect(bar).to_have_attribute("aria-valuenow", "50")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(bar).to_be_hidden()


def test_a_template_brings_its_example_and_leaves_code_of_ones_own(page):
    page.goto("/")
    code = page.locator("[name=file_text]").first
    example = code.input_value()
    page.get_by_role("link", name="Crash, then reuse").click()
    assert "process.exit" in code.input_value()
    page.get_by_role("button", name="Undo").click()
    assert code.input_value() == example

    paste(page, "export const handler = async () => 1;")
    page.get_by_role("link", name="Crash, then reuse").click()
    expect(page.get_by_text("Your handler must end its process")).to_be_visible()
    assert code.input_value() == "export const handler = async () => 1;"
    page.get_by_role("button", name="Use the example's code").click()
    assert "process.exit" in code.input_value()
