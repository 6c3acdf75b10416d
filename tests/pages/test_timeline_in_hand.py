"""The timeline in a browser: it fits, zooms, moves, stays in view, and is in the address."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.playground.run_results import SPANS

WIDTHS = "rects => rects.map(rect => Number(rect.getAttribute('width')))"


@pytest.fixture
def page(visit, world):
    page = visit()
    page.goto(world.run.get_absolute_url())
    return page


def box_of(page):
    return page.locator("#timeline .timeline-scroll")


def inner(page):
    """How much wider the picture is than what is seen of it."""
    return page.evaluate(
        "(box => box.scrollWidth - box.clientWidth)(document.querySelector('#timeline .timeline-scroll'))"
    )


def place_of(page, mark):
    box = page.locator(f"#timeline {mark}").first.bounding_box()
    return box["x"] + box["width"] / 2


def test_it_is_as_wide_as_the_window_and_the_keyboard_zooms_and_fits_it_again(page):
    assert inner(page) == 0
    assert page.locator("#timeline svg.timeline").bounding_box()["width"] > 1_200

    box_of(page).focus()
    page.keyboard.press("+")
    expect(page.locator("[name=t]")).to_have_value(re.compile(r"^[\d.]+-[\d.]+$"))
    assert inner(page) > 0
    assert "?t=" in page.url
    page.keyboard.press("0")
    expect(page.locator("[name=t]")).to_have_value("")
    assert inner(page) == 0
    assert "?t=" not in page.url


def test_the_wheel_zooms_around_the_pointer_and_a_drag_moves_the_picture_and_selects_nothing(page):
    box_of(page).scroll_into_view_if_needed()
    bar = page.locator("#timeline a.mark-invoke").first.bounding_box()
    x, y = bar["x"] + bar["width"] / 2, bar["y"] + 4
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -240)
    page.keyboard.up("Control")
    expect(page.locator("[name=t]")).not_to_have_value("")
    assert place_of(page, "a.mark-invoke") == pytest.approx(x, abs=2)

    page.mouse.down()
    page.mouse.move(x - 80, y, steps=4)
    page.mouse.up()
    assert place_of(page, "a.mark-invoke") == pytest.approx(x - 80, abs=2)
    assert "#" not in page.url


def test_what_is_selected_in_it_is_shown_below_it_while_it_stays_in_view(page):
    page.locator("#timeline a.mark-invoke").nth(1).click()
    expect(page.locator("#request-2")).to_be_in_viewport()
    expect(page.locator("#timeline a.mark-invoke.selected")).to_be_in_viewport()
    timeline, row = (page.locator(one).bounding_box() for one in ("#timeline", "#request-2"))
    assert row["y"] >= timeline["y"] + timeline["height"]

    page.locator("#log").scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    expect(page.locator("#timeline a.mark-invoke.selected")).to_be_in_viewport()


def test_a_narrow_screen_shows_the_arrow_of_the_leak_and_no_script_the_same_picture(visit, world):
    narrow = visit(width=390)
    narrow.goto(world.run.get_absolute_url())
    shown = box_of(narrow).bounding_box()
    arrow = narrow.locator("#timeline .arrow-leak .arrow-line").bounding_box()
    assert shown["x"] <= arrow["x"]
    assert arrow["x"] + arrow["width"] <= shown["x"] + shown["width"]

    plain = visit(java_script_enabled=False)
    plain.goto(world.run.get_absolute_url())
    expect(plain.locator("#timeline .arrow-leak")).to_have_count(1)
    expect(plain.locator("#timeline a.mark-invoke")).to_have_count(narrow.locator("#timeline a.mark-invoke").count())
    expect(plain.locator("[data-zoom=in]")).to_be_hidden()


def test_it_is_to_scale_until_the_reader_says_otherwise_which_is_kept(page):
    switch = page.get_by_role("button", name="To scale")
    init, first, second = (one.end_us - one.start_us for one in SPANS if one.phase in ("init", "invoke"))

    expect(switch).to_have_attribute("aria-pressed", "true")
    widths = page.locator("#timeline .mark-init > rect, #timeline .mark-invoke > rect").evaluate_all(WIDTHS)
    assert [width / widths[0] for width in widths] == pytest.approx([1, first / init, second / init], abs=0.02)

    switch.click()
    expect(page.get_by_text("Short phases are drawn wider than their time.")).to_be_visible()
    widened = page.locator("#timeline .mark-init > rect, #timeline .mark-invoke > rect").evaluate_all(WIDTHS)
    assert widened[1] > 1.5 * widths[1]
    page.reload()
    expect(switch).to_have_attribute("aria-pressed", "false")
    assert page.locator("#timeline .mark-invoke > rect").evaluate_all(WIDTHS) == pytest.approx(widened[1:], abs=1)


def test_the_keyboard_zooms_around_the_bar_that_has_the_focus(page):
    bar = page.locator("#timeline a.mark-invoke").nth(1)
    bar.focus()
    for _ in range(8):
        page.keyboard.press("+")
    expect(bar).to_be_in_viewport()
    assert bar.locator("rect").bounding_box()["width"] > 300
