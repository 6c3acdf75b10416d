"""Typing, and that nothing typed is lost."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import expect_verdict, to_its_page

BROKEN = '{"queryStringParameters": {"message": hoge}}'


@pytest.fixture
def home(page):
    page.goto("/")
    expect(page.locator(".cm-editor")).to_be_visible()
    return page


def payloads(page):
    return page.locator("[data-steps] [name=step_payload]")


def test_a_payload_that_is_no_json_is_said_at_once_with_its_place(home):
    payloads(home).first.fill(BROKEN)
    expect(home.locator("[data-step-error]").first).to_contain_text("Line 1, column 39: a value is expected here.")


def test_callers_that_would_send_the_same_are_told_of_while_one_types(home):
    said = home.get_by_text("Requests 1, 2 send the same `who` (same-7Qx)")
    payloads(home).first.fill('{"who": "same-7Qx"}')
    payloads(home).nth(1).fill('{"who": "same-7Qx"}')
    expect(said).to_be_visible()
    home.reload()
    expect(said).to_be_visible()
    home.get_by_role("button", name="Remove step 2").click()
    expect(said).to_have_count(0)


def test_a_refused_form_keeps_what_was_typed(home):
    home.locator(".cm-content").click()
    home.keyboard.press("Control+End")
    home.keyboard.type("// typed by hand")
    payloads(home).first.fill(BROKEN)
    home.locator("[data-run-button]").click()
    expect(home.get_by_role("alert")).to_contain_text("Nothing was run.")
    expect(home.locator("[data-step-error]").first).to_contain_text("step 1")
    expect(payloads(home).first).to_have_value(BROKEN)
    expect(home.locator(".cm-content")).to_contain_text("// typed by hand")
    payloads(home).first.fill('{"queryStringParameters": {"customer": "alice", "order": "A-1001"}}')
    home.locator("[data-run-button]").click()
    to_its_page(home)
    expect_verdict(home, "LEAK")


def test_what_was_typed_survives_a_reload_and_can_be_discarded(home):
    home.get_by_label("Handler").fill("app.other")
    payloads(home).nth(1).fill('{"typed": true}')
    home.get_by_text("Dependencies", exact=True).click()
    home.locator("#dependencies").fill("requests")
    home.reload()
    expect(home.get_by_label("Handler")).to_have_value("app.other")
    expect(home.locator("#dependencies")).to_have_value("requests")
    expect(home.locator("#dependencies")).to_be_visible()
    expect(payloads(home).nth(1)).to_have_value('{"typed": true}')
    home.get_by_role("button", name="Discard it").click()
    expect(home.get_by_label("Handler")).to_have_value("app.handler")


def test_what_was_typed_survives_another_language_the_way_back_and_signing_up(home):
    home.get_by_label("Handler").fill("app.other")
    home.get_by_role("button", name="日本語").click()
    expect(home.locator("html")).to_have_attribute("lang", "ja")
    expect(home.locator("[name=handler]")).to_have_value("app.other")
    home.locator("[name=handler]").fill("app.third")
    home.get_by_role("button", name="English").click()
    home.get_by_role("link", name="Library").click()
    home.wait_for_url("**/library")
    home.go_back()
    expect(home.get_by_label("Handler")).to_have_value("app.third")

    home.get_by_role("link", name="Sign in").click()
    home.get_by_role("link", name="Make one").click()
    home.get_by_label("Username").fill(f"kept-{time.time_ns()}")
    for field in home.locator("[type=password]").all():
        field.fill("a quiet harbour at 5")
    home.get_by_role("button", name="Sign up").click()
    expect(home.locator("header .who")).to_be_visible()
    expect(home.get_by_label("Handler")).to_have_value("app.third")


def test_two_tabs_keep_what_was_typed_in_each(home, page):
    other = page.context.new_page()
    other.goto("/")
    other.get_by_label("Handler").fill("app.other")
    home.get_by_label("Handler").fill("app.mine")
    home.reload()
    other.reload()
    expect(home.get_by_label("Handler")).to_have_value("app.mine")
    expect(other.get_by_label("Handler")).to_have_value("app.other")


def test_files_are_added_renamed_and_removed_with_undo(home):
    home.get_by_role("button", name="Add a file").click()
    home.get_by_label("File name").locator("visible=true").fill("lib/data.json")
    home.locator(".cm-content").locator("visible=true").click()
    home.keyboard.type("{]")
    expect(home.locator(".cm-lint-marker-error").locator("visible=true")).to_be_visible()
    expect(home.get_by_role("tab")).to_have_text(["app.mjs", "lib/data.json"])
    home.get_by_role("button", name="Remove this file").locator("visible=true").click()
    expect(home.get_by_role("tab")).to_have_text(["app.mjs"])
    home.get_by_role("button", name="Undo").click()
    expect(home.get_by_role("tab")).to_have_text(["app.mjs", "lib/data.json"])
    assert home.locator("[name=file_text]").nth(1).input_value().startswith("{")


def test_steps_are_moved_duplicated_and_removed_by_keyboard_with_undo(home):
    who = home.locator("[data-steps] [name=step_principal]")
    who.first.focus()
    home.keyboard.press("Alt+ArrowDown")
    assert [one.input_value() for one in who.all()] == ["bob", "alice"]
    home.get_by_role("button", name="Duplicate step 1").press("Enter")
    assert [one.input_value() for one in who.all()] == ["bob", "bob", "alice"]
    home.get_by_role("button", name="Remove step 3").press("Enter")
    expect(who).to_have_count(2)
    home.get_by_role("button", name="Undo").press("Enter")
    assert [one.input_value() for one in who.all()] == ["bob", "bob", "alice"]


def test_a_shape_replaces_the_steps_and_nothing_else(home):
    code = home.locator("[name=file_text]").first.input_value()
    home.get_by_role("link", name="Cold every time").click()
    kinds = home.locator("[data-steps] [name=step_kind]")
    assert [one.input_value() for one in kinds.all()] == ["invoke", "recycle", "invoke"]
    assert home.locator("[name=file_text]").first.input_value() == code
    home.get_by_role("button", name="Undo").click()
    expect(kinds).to_have_count(2)


def test_the_editor_can_be_left_by_keyboard(home):
    home.locator(".cm-content").click()
    home.keyboard.press("Escape")
    home.keyboard.press("Tab")
    assert home.evaluate("document.activeElement.name") == "handler"


def test_the_chosen_colours_last(home):
    home.get_by_role("button", name="Colours").click()
    home.get_by_role("button", name="Colours").click()
    home.reload()
    assert home.evaluate("document.documentElement.dataset.theme") == "dark"
    assert home.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 21, 23)"


def test_a_file_is_formatted_in_one_step_of_undo_and_an_error_is_said_at_its_line(home):
    code = home.locator(".cm-content")
    text, said = home.locator("[name=file_text]").first, home.locator("[data-format-said]").first

    def replaced(by):
        code.click()
        home.keyboard.press("Control+A")
        home.keyboard.insert_text(by)

    replaced("export const handler = async (e)=>{ return e }")
    home.keyboard.press("Shift+Alt+F")
    expect(said).to_have_text("Formatted.")
    expect(text).to_have_value("export const handler = async (e) => {\n  return e;\n};\n")
    home.keyboard.press("Control+z")
    expect(text).to_have_value("export const handler = async (e)=>{ return e }")

    home.get_by_label("File name").fill("app.py")
    replaced("def handler(: pass")
    home.get_by_role("button", name="Format code").click()
    expect(home.locator(".cm-named-failed")).to_have_attribute("data-said", re.compile("^Line 1, column 13: Expected"))
    expect(text).to_have_value("def handler(: pass")


def test_a_payload_is_completed_from_its_event_template(home):
    home.get_by_label("Event template of step 1").select_option("apigateway-v2")
    home.get_by_label("Fill in the payload of step 1").click()
    expect(payloads(home).first).to_have_value(re.compile("rawPath"))
    payloads(home).first.fill("{}")
    payloads(home).first.focus()
    home.keyboard.press("Control+Home")
    home.keyboard.press("ArrowRight")
    home.keyboard.type('"rawQ')
    home.get_by_role("option", name="rawQueryString").click()
    expect(payloads(home).first).to_have_value('{"rawQueryString": "user=alice"}')
    home.locator(".payload-host").get_by_text('"rawQueryString"').hover()
    expect(home.get_by_text("rawQueryString: string, such as")).to_be_visible()
    # Tab leaves the editor, as it does a field.
    home.keyboard.press("Tab")
    expect(payloads(home).first).to_be_visible()
    expect(home.get_by_label("Event template of step 1")).to_be_focused()
