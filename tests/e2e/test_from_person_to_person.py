"""The way of a reproduction from one person to the next, each of them new here and with a browser of their own."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import expect_verdict, to_its_page

# The playground may have run before: names and texts that nobody else has.
RARE = secrets.token_hex(3)
TITLE = f"The basket of the customer before ({RARE})"
LEAKY = """\
const basket = [];

export const handler = async (event) => {
  basket.push(event.article);
  if (basket.length > 1) throw new Error(`Refused to price ${basket[0]} together with ${event.article}`);
  return { priced: basket };
};
"""
FIXED = LEAKY.replace("const basket = [];\n\n", "").replace(
    "  basket.push(event.article);", "  const basket = [event.article];"
)
ERROR_TEXT = f'"Refused to price lantern-{RARE}"'


@pytest.fixture
def person(new_context):
    """Opens a browser for somebody and makes an account for them there."""

    def arrive(name):
        page = new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
        page.goto("/")
        page.get_by_role("link", name="Sign in").click()
        page.get_by_role("link", name="Make one").click()
        page.get_by_label("Username").fill(f"{name}-{RARE}")
        page.get_by_label("Password").fill(f"{name} keeps a long secret")
        page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_role("banner")).to_contain_text(f"{name}-{RARE}")
        return page

    return arrive


def write_code(page, text):
    """Paste it in the place of what the editor holds."""
    page.get_by_role("textbox", name="Code of app.mjs").click()
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+v")


def run(page):
    page.get_by_role("button", name="▸ Run").click()
    to_its_page(page)


def copied_link(page):
    """What "Copy link" put on the clipboard, for sending it to somebody."""
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied.")).to_be_visible()
    return page.evaluate("navigator.clipboard.readText()")


def test_a_reproduction_is_shared_mended_compared_found_and_explained(person, shoot):
    alice, bob, charlie = person("alice"), person("bob"), person("charlie")
    shared = alice_runs_and_shares(alice)
    comparison = bob_forks_and_mends(bob, shared)
    alice_reads_the_comparison(alice, comparison)
    charlie_finds_it_and_pins_a_note(charlie, comparison, shoot)
    alice_sees_the_note(alice, shared, comparison, shoot)


def alice_runs_and_shares(page):
    page.get_by_role("link", name="Holdover").click()
    write_code(page, LEAKY)
    payloads = page.get_by_label("Payload: JSON")
    payloads.nth(0).fill(f'{{"article": "lantern-{RARE}"}}')
    payloads.nth(1).fill('{"article": "kettle-0815"}')
    run(page)
    expect_verdict(page, "LEAK")
    link = copied_link(page)
    page.get_by_role("link", name="all runs of this experiment").click()
    page.get_by_role("link", name="Describe and share").click()
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Description").fill("The *second* customer is refused because of the first one's basket.")
    page.get_by_label("public").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    return link


def bob_forks_and_mends(page, shared):
    page.goto(shared)
    expect_verdict(page, "LEAK")
    page.get_by_role("link", name="Edit a copy", exact=True).click()
    write_code(page, FIXED)
    run(page)
    expect_verdict(page, "CLEAN")
    page.get_by_role("link", name="all runs of this experiment").click()
    expect(page.get_by_text(f"Forked from {TITLE}, revision 1 by alice-{RARE}.")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Compare with the original").click()
    return copied_link(page)


def alice_reads_the_comparison(page, comparison):
    page.goto(comparison)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Before and after the change")
    expect(page.get_by_role("heading", name="LEAK")).to_be_visible()
    expect(page.get_by_role("heading", name="CLEAN")).to_be_visible()


def charlie_finds_it_and_pins_a_note(page, comparison, shoot):
    page.get_by_role("link", name="Library").click()
    page.get_by_role("searchbox").fill(ERROR_TEXT)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("heading", name="1 experiment")).to_be_visible()
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()
    shoot(page, "path-found")
    page.get_by_role("link", name="Refused to price").click()
    page.wait_for_url("**/r/*")
    expect_verdict(page, "LEAK")
    page.get_by_role("row").filter(has_text="kettle-0815").get_by_role("link", name="Write a note here").click()
    expect(page.get_by_label("Pinned to").locator("option:checked")).to_have_text("request 2 (bob)")
    page.get_by_label("Note, in Markdown").fill(f"We had the same in **checkout**; mended as in <{comparison}>.")
    page.get_by_role("button", name="Pin the note").click()
    expect(page.get_by_role("region", name="Notes")).to_contain_text("We had the same in checkout")


def alice_sees_the_note(page, shared, comparison, shoot):
    page.get_by_role("link", name="Library").click()
    page.get_by_role("link", name="Notes on yours").click()
    page.get_by_role("link", name=TITLE).click()
    page.wait_for_url(f"{shared}#note-*")
    notes = page.get_by_role("region", name="Notes")
    expect(notes.get_by_text(f"charlie-{RARE}")).to_be_visible()
    expect(notes.get_by_role("strong").filter(has_text="checkout")).to_be_visible()
    shoot(page, "path-note")
    notes.get_by_role("link", name="request 2 (bob)").click()
    assert page.url == f"{shared}#request-2"
    notes.get_by_role("link", name=comparison).click()
    page.wait_for_url(comparison)
