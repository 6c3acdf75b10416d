"""What a person does and sees, as the browser tests say it."""

from __future__ import annotations

import json

from playwright.sync_api import expect

VERDICT_MS = 60_000

LEAKY = """\
KEPT = []

def handler(event, context):
    KEPT.append(event["who"])
    return {"seen": KEPT[0]}
"""
SLOW = """\
import time

def handler(event, context):
    time.sleep(60)
"""


def scenario(code, *payloads, timeout_s=3):
    """A scenario to paste: each payload is a request of a tenant of its own."""
    steps = [{"invoke": {"payload": payload, "as": f"tenant-{'abc'[at]}"}} for at, payload in enumerate(payloads)]
    function = {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": code}, "timeout_s": timeout_s}
    return json.dumps({"version": 1, "function": function, "steps": steps})


def play(page, text):
    """Paste a scenario, run it and go to the page of the run."""
    press_run(page, text)
    to_its_page(page)


def paste(page, text):
    """Replace all of the editor's text from the clipboard."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.evaluate(
        """(text) => {
            const at = document.querySelector(".editor-host").shadowRoot.activeElement;
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const how = {clipboardData: data, bubbles: true, composed: true, cancelable: true};
            at.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        text,
    )


def press_run(page, text):
    """Paste a scenario and run it: the result comes beside it."""
    page.goto("/")
    page.get_by_text("Paste a whole scenario").click()
    page.locator("#scenario-text").fill(text)
    expect_workbench(page)
    page.locator("[data-run-button]").click()


def expect_workbench(page):
    """The home page's scripts are there: until then Run leads to the page of the run, as it does without them."""
    expect(page.locator("[data-result][data-ready]")).to_have_count(1)


def to_its_page(page):
    """From the result beside the code to the page that the run has of its own; there already without scripts."""
    link = "[data-result] .run-facts a"
    page.locator(f"main > #run, {link}").first.wait_for()
    if "/r/" not in page.url:
        page.locator(link).click()
    page.wait_for_url("**/r/*")


def expect_verdict(page, word):
    """The page is, or becomes, the finished page of a run with that verdict."""
    expect(page.locator("#verdict .verdict-mark")).to_contain_text(word, timeout=VERDICT_MS)


def sideways(page):
    """By how many pixels the page as a whole can be scrolled to the side."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
