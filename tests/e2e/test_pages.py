"""How the pages hold up: narrow screens, both colour schemes, hostile text, links into the middle."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import LEAKY, expect_verdict, play, scenario, sideways

HOSTILE = r"""
def handler(event, context):
    print("\x1b[31mred\x1b[0m \x1b[2J \u202egnp.exe <img src=x onerror=alert(1)>")
    return "<script>alert(1)</script>\u202eevil\u200b"
"""


@pytest.fixture(scope="module")
def leak_address(browser, site):
    """A finished run with a leak, in this module for all."""
    context = browser.new_context(base_url=site)
    page = context.new_page()
    play(page, scenario(LEAKY, {"who": "alice-4711"}, {"who": "bob-0815"}))
    expect_verdict(page, "LEAK")
    yield page.url
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_scrolls_sideways(new_context, leak_address, shoot, width, scheme):
    page = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    addresses = {
        "home": "/",
        "run": leak_address,
        "gallery": "/gallery",
        "incident": "/gallery/python-module-global",
        "mine": "/mine",
    }
    for name, address in addresses.items():
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert sideways(page) <= 0, name
        shoot(page, f"{name}-{width}-{scheme}")


def test_a_selection_is_in_the_address_and_shows_everywhere(page, leak_address):
    page.goto(f"{leak_address}#request-2")
    expect(page.locator("#request-2")).to_have_class("reads reads-leak selected")
    expect(page.locator("svg.timeline a.mark-invoke.selected")).to_have_count(1)
    expect(page.locator("#request-2-details")).to_have_attribute("open", "")
    page.locator("#evidence a.place").first.click()
    assert "#code-app-py-" in page.url
    expect(page.locator("#request-2.selected")).to_have_count(0)


def test_the_carrier_is_marked_in_the_state_and_in_the_code(page, leak_address):
    page.goto(leak_address)
    expect(page.locator(".xray .foreign").first).to_contain_text("alice-4711")
    expect(page.locator(".xray .foreign .whose").first).to_contain_text("data of request 1 (tenant-a)")
    expect(page.locator("table.code .marked-written")).to_contain_text("KEPT.append")


def test_the_page_says_which_sandbox_ran_it_and_where_figures_come_from(page, leak_address):
    page.goto(leak_address)
    expect(page.locator(".badge")).to_contain_text("sandbox")
    expect(page.locator("#faithful")).to_contain_text("measured on this machine")


def test_a_run_is_edited_as_a_copy_and_run_again(page, leak_address):
    page.goto(leak_address)
    page.get_by_role("link", name="Edit a copy").click()
    expect(page.locator("[name=file_text]").first).to_have_value(LEAKY)
    page.goto(leak_address)
    page.get_by_role("button", name="Run again").click()
    page.wait_for_url(lambda url: "/r/" in url and url != leak_address)
    expect_verdict(page, "LEAK")


def test_what_was_run_can_be_downloaded(page, leak_address):
    page.goto(leak_address)
    with page.expect_download() as scenario_file:
        page.get_by_role("link", name="Scenario", exact=True).click()
    assert "KEPT" in scenario_file.value.path().read_text()
    with page.expect_download() as result_file:
        page.get_by_role("link", name="JSON", exact=True).click()
    assert '"verdict"' in result_file.value.path().read_text()


def test_hostile_output_is_text(page):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    play(page, scenario(HOSTILE, {}))
    expect(page.locator("#requests")).to_contain_text("<script>alert(1)</script>", timeout=60_000)
    expect_verdict(page, "NOTHING TO COMPARE")
    expect(page.locator("#requests .answer")).to_contain_text("U+202E")
    expect(page.locator("#log .ansi-fg-1")).to_have_text("red")
    expect(page.locator("#log")).to_contain_text("␛[2J")
    expect(page.locator("#log")).to_contain_text("<img src=x onerror=alert(1)>")
    assert asked == []


def test_an_address_that_names_nothing_says_so(page):
    answer = page.request.get("/r/nothing")
    assert answer.status == 404
    assert "There is nothing at this address" in answer.text()
