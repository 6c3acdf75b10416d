"""The page of a proof: live while it is proven, every cell with an address, verified again, and what to do next."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import LEAKY, VERDICT_MS, expect_verdict, press_run, scenario, sideways, to_its_page

# Waits, so that a busy browser, too, asks for the page's live part while it is proven.
WAITING = LEAKY.replace("def handler(event, context):\n", "def handler(event, context):\n    time.sleep(0.3)\n")
THREE = scenario("import time\n" + WAITING, {"who": "alice-4711"}, {"who": "bob-0815"}, {"who": "carol-2342"})
# Keeps every sentence that the page says on its way, because some are there for a moment only.
LISTEN = """
window.said = [];
new MutationObserver(() => {
  for (const one of document.querySelectorAll("[data-now], .so-far, #verdict h2")) {
    const text = one.innerText.replace(/\\s+/g, " ").trim();
    if (text && !window.said.includes(text)) window.said.push(text);
  }
}).observe(document, { childList: true, subtree: true, characterData: true });
"""


@pytest.fixture(scope="module")
def proven(browser, site):
    """The address of a run with a proven leak, and what was said beside its code until it was proven."""
    context = browser.new_context(base_url=site)
    context.add_init_script(LISTEN)
    page = context.new_page()
    press_run(page, THREE)
    expect_verdict(page, "LEAK")
    said = page.evaluate("window.said")
    to_its_page(page)
    yield page.url, said
    context.close()


def test_proving_is_said_live_with_its_budget_and_the_page_says_proven_by_itself(proven):
    _, said = proven
    progress = [text for text in said if re.search(r"Proving: \d+ of \d+ replays? \(.* at most 60 replays\.", text)]
    assert len(progress) > 1
    assert any(
        re.match(r"▲ LEAK \((suspected|strong evidence|proven)\) so far; the proof goes on", text) for text in said
    )
    assert said[-1] == "▲ LEAK (proven)"


def test_a_stream_that_breaks_off_again_and_again_is_no_complaint_of_the_page(page):
    page.route("**/events", lambda route: route.fulfill(content_type="text/event-stream", body=""))
    press_run(page, scenario(LEAKY, {"who": "alice-4711"}, {"who": "bob-0815"}))
    expect_verdict(page, "LEAK")


def test_the_two_answers_stand_side_by_side_with_what_changed_marked(page, proven):
    page.goto(proven[0])
    figure = page.locator("#finding-1 .evidence").first
    expect(figure.locator("figcaption")).to_have_text(re.compile(r"Changing the input: seen, 4 of 4 replays agree"))
    marks = figure.locator(".differs").all_inner_texts()
    assert marks[:2] == ["alice-4711"] * 2
    assert marks[2] == marks[3] != "alice-4711"
    expect(page.locator("svg.timeline a.arrow-leak").first).to_contain_text("app.KEPT")


def test_what_was_checked_says_what_the_proof_used(page, proven):
    page.goto(proven[0])
    expect(page.locator(".checks summary")).to_have_text(re.compile(r"\d+ of 60 replays, \d+\.\d s of \d+(\.\d)? s"))


def test_every_cell_of_the_state_has_an_address_that_selects_it(page, proven):
    page.goto(proven[0])
    page.locator(".xray .foreign a.cell").first.click()
    address = page.url
    assert "#state-env-1-" in address
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator(".xray td.selected")).to_have_count(1)
    expect(page.locator(".xray td.selected")).to_contain_text("alice-4711")


def test_verified_again_every_claim_comes_out_the_same_and_the_original_stays(page, proven):
    page.goto(proven[0])
    before = page.locator("#verdict").inner_html()
    page.get_by_role("button", name="Re-verify").click()
    expect(page.locator(".again-none [role=status]")).to_be_visible()
    expect(page.locator(".again-same")).to_contain_text("The same claims", timeout=VERDICT_MS)
    expect(page.locator(".again-same .claim-same")).to_have_count(page.locator("#evidence .finding").count())
    expect(page.locator(".again-same")).to_contain_text("the image of the original")
    expect(page.locator("#reverifications[hx-trigger]")).to_have_count(0)
    assert page.locator("#verdict").inner_html() == before
    page.locator(".again-same").get_by_role("link", name="its run").click()
    expect(page.locator(".note")).to_contain_text("verifies")
    expect_verdict(page, "LEAK")


def test_only_the_needed_requests_are_kept_and_show_the_leak_again(page, proven):
    page.goto(proven[0])
    page.get_by_role("link", name="Keep only these two requests").first.click()
    expect(page.locator("[name=step_principal]")).to_have_count(2)
    expect(page.locator(".notice")).to_contain_text("they suffice to see finding 1 again")
    page.locator("[data-run-button]").click()
    to_its_page(page)
    expect_verdict(page, "LEAK")


def test_a_fixed_copy_is_clean(page, proven):
    page.goto(proven[0])
    expect(page.locator("#remedy-1")).to_contain_text("A name of the module lives as long as")
    page.locator("#remedy-1").get_by_role("link", name="Apply suggested fix").click()
    expect(page.locator(".notice")).to_contain_text("KEPT is now created inside the handler (app.py line 4)")
    expect(page.locator(".cm-activeLineGutter").first).to_have_text("4")
    page.locator("[data-run-button]").click()
    to_its_page(page)
    expect_verdict(page, "CLEAN")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_a_proof_scrolls_sideways(new_context, proven, shoot, width, scheme):
    page = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    for name, link in (("proof", None), ("fix", "Apply suggested fix"), ("keep", "Keep only these two requests")):
        page.goto(proven[0])
        if link:
            page.get_by_role("link", name=link).first.click()
        page.wait_for_load_state("networkidle")
        assert sideways(page) <= 0, name
        shoot(page, f"{name}-{width}-{scheme}")
