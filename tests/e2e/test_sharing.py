"""Sending a run to somebody: the exact view, the comparison, the file that opens offline, the frame in another site."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import LEAKY, VERDICT_MS, expect_verdict, play, scenario, sideways, to_its_page

FIXED = (
    LEAKY.replace("KEPT[0]", 'event["who"]').replace('    KEPT.append(event["who"])\n', "").replace("KEPT = []\n", "")
)


@pytest.fixture(scope="module")
def leak_address(browser, site):
    """A finished run with a leak, in this module for all."""
    context = browser.new_context(base_url=site)
    page = context.new_page()
    play(page, scenario(LEAKY, {"who": "alice-4711"}, {"who": "bob-0815"}))
    expect_verdict(page, "LEAK")
    yield page.url
    context.close()


# --- the exact view -----------------------------------------------------------------------------------------------


def drag_over_the_axis(page, share_from, share_to):
    """Drag along the timeline with Shift, from one share of its picture's width to another."""
    page.locator("#timeline svg.timeline").scroll_into_view_if_needed()
    box = page.locator("#timeline svg.timeline").bounding_box()
    page.mouse.move(box["x"] + box["width"] * share_from, box["y"] + 24)
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * share_to, box["y"] + 30, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")


def test_a_dragged_range_is_in_the_address_beside_the_selection_and_survives_a_reload(page, leak_address, shoot):
    page.goto(f"{leak_address}#request-2")
    drag_over_the_axis(page, 0.3, 0.9)
    page.wait_for_url("**?t=*#request-2")
    shown = page.locator("[data-range] [name=t]").input_value()
    page.reload()
    expect(page.locator("[data-range] [name=t]")).to_have_value(shown)
    expect(page.locator("#request-2.selected")).to_have_count(1)
    shoot(page, "range-1440-light")
    page.get_by_role("link", name="The whole run").click()
    expect(page.locator("[data-range] [name=t]")).to_have_value("")


def test_a_range_is_asked_for_by_keyboard_and_without_scripts(new_context, leak_address):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(leak_address)
    page.get_by_label("Zoom to (ms)").fill("0-0.001")
    page.get_by_label("Zoom to (ms)").press("Enter")
    page.wait_for_url("**?t=0-0.001#timeline")
    expect(page.locator("svg.timeline .mark-invoke")).to_have_count(0)
    page.get_by_label("Zoom to (ms)").fill("noon")
    page.get_by_label("Zoom to (ms)").press("Enter")
    expect(page.locator("#range-problem")).to_contain_text("write it as t=43.9-51.44")
    expect(page.locator("svg.timeline .mark-invoke")).to_have_count(2)


def test_copying_the_link_copies_the_exact_view(new_context, leak_address):
    context = new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{leak_address}?t=0-9000#log-line-2")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("[data-copied]")).to_have_text("Link copied.")
    assert page.evaluate("navigator.clipboard.readText()") == f"{leak_address}?t=0-9000#log-line-2"


# --- the comparison -----------------------------------------------------------------------------------------------


def test_an_edited_copy_is_compared_with_its_original(new_context, leak_address, shoot):
    page = new_context().new_page()
    page.goto(leak_address)
    page.get_by_role("link", name="Edit a copy", exact=True).first.click()
    page.get_by_text("Paste a whole scenario").click()
    page.locator("#scenario-text").fill(scenario(FIXED, {"who": "alice-4711"}, {"who": "bob-0815"}))
    page.locator("[data-run-button]").click()
    to_its_page(page)
    expect_verdict(page, "CLEAN")
    page.get_by_role("link", name="Compare with the original").click()
    expect(page.locator("h1")).to_have_text("Before and after the change")
    expect(page.locator(".verdict-mark")).to_contain_text(["LEAK", "CLEAN"])
    expect(page.locator(".finding-list li").first).to_contain_text("gone")
    expect(page.locator("#code .diff-removed").first).to_contain_text("KEPT")
    page.locator("svg.timeline").nth(1).locator("a.mark-invoke").nth(1).focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#second-request-2")
    expect(page.locator("#second-request-2.selected")).to_have_count(1)
    for width in (1440, 390):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            assert sideways(page) <= 0
            shoot(page, f"compare-{width}-{scheme}")


# --- the file -----------------------------------------------------------------------------------------------------


def look(page):
    """What a person sees of a run's page: its parts' words, their colours, and where the timeline's bars are."""
    return page.evaluate(
        """() => ({
          words: ["#verdict .sentence", "#evidence .chain", "#timeline svg", "#environments", "#faithful h2"].map(
            (part) => document.querySelector(part).textContent.replace(/\\s+/g, " ").trim()),
          bars: [...document.querySelectorAll("svg.timeline .mark rect")].map((bar) => {
            const box = bar.getBoundingClientRect();
            const frame = bar.ownerSVGElement.getBoundingClientRect();
            return [box.x - frame.x, box.y - frame.y, box.width, box.height, getComputedStyle(bar).fill].join(" ");
          }),
          colours: ["body", "#verdict", ".verdict-mark", "#code .marked"].map((part) => {
            const style = getComputedStyle(document.querySelector(part));
            return [style.color, style.backgroundColor, style.fontSize].join(" ");
          }),
        })"""
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_file_opens_from_disk_without_a_network_and_looks_the_same(browser, leak_address, tmp_path, shoot, scheme):
    path = tmp_path / "run.html"
    # The file has no scripts: it is the page as it is without them.
    online = browser.new_context(
        color_scheme=scheme, viewport={"width": 1440, "height": 900}, java_script_enabled=False
    )
    page = online.new_page()
    page.goto(leak_address)
    shoot(page, f"page-to-compare-{scheme}")
    with page.expect_download() as download:
        page.get_by_role("link", name="HTML", exact=True).click()
    download.value.save_as(path)
    offline = browser.new_context(offline=True, color_scheme=scheme, viewport={"width": 1440, "height": 900})
    file, asked, said = offline.new_page(), [], []
    file.on("request", lambda request: asked.append(request.url))
    file.on("console", lambda message: said.append(message.text))
    file.goto(path.as_uri())
    shoot(file, f"file-to-compare-{scheme}")
    assert look(file) == look(page)
    file.goto(f"{path.as_uri()}#request-2")
    assert file.locator("#request-2").evaluate("row => row.matches(':target')")
    online.close()
    offline.close()
    assert {url.partition(":")[0] for url in asked} == {"file"}
    assert said == []


# --- another site -------------------------------------------------------------------------------------------------


@pytest.fixture
def foreign_site():
    """Another site whose page shows what it is told to; its address, and the function that tells it."""
    shown = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>A blog</title>{''.join(shown)}".encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", shown.append
    server.shutdown()
    server.server_close()


def test_a_run_is_shown_in_a_frame_of_another_site(new_context, site, leak_address, foreign_site, shoot):
    address, show = foreign_site
    page = new_context().new_page()
    show(page.request.get(f"{site}/oembed", params={"url": leak_address}).json()["html"])
    page.goto(address)
    frame = page.frame_locator("iframe")
    expect(frame.locator(".verdict-mark")).to_contain_text("LEAK", timeout=VERDICT_MS)
    expect(frame.locator("svg.timeline .mark-invoke")).to_have_count(2)
    shoot(page, "foreign-site")
    assert page.context.cookies() == []
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="2", exact=True).click()
    assert opened.value.url == f"{leak_address}#request-2"


def test_no_other_page_is_shown_in_a_frame_of_another_site(browser, leak_address, foreign_site):
    address, show = foreign_site
    show(f'<iframe src="{leak_address}" width="800" height="400"></iframe>')
    context = browser.new_context()
    page = context.new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert any("frame-ancestors" in text for text in refused)
    context.close()
