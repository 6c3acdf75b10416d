"""Everything can be done with the keyboard alone, and no key is taken from whoever types."""

import re

import pytest
from playwright.sync_api import expect

from playground.experiments.signals import experiment_has_changed
from tests.e2e.steps import to_its_page


@pytest.fixture
def page(visit, world):
    page = visit()
    page.goto(world.run.get_absolute_url())
    return page


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.tagName")


def test_j_and_k_walk_through_the_requests(page):
    for key, anchor in [("j", "request-1"), ("j", "request-2"), ("j", "request-1"), ("k", "request-2")]:
        page.keyboard.press(key)
        assert page.url.endswith(f"#{anchor}")
        expect(page.locator(f"#{anchor}")).to_have_class(re.compile("selected"))


def test_n_goes_to_the_next_finding(page):
    page.keyboard.press("n")

    assert page.url.endswith("#finding-1")
    assert focused(page) in {"finding-1", "A"}


@pytest.mark.parametrize("key", ["Control+k", "/"])
def test_the_palette_lists_pages_and_actions_and_goes_there(page, key):
    page.keyboard.press(key)
    expect(page.get_by_role("dialog", name="Go to a page or do something")).to_be_visible()
    expect(page.get_by_role("option", name="Edit a copy")).to_be_visible()

    page.keyboard.type("galle")
    expect(page.locator("#palette [role=option]")).to_have_count(1)
    expect(page.locator("[data-palette-count]")).to_have_text("1 found")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gallery")


def test_the_palette_keeps_the_focus_and_gives_it_back(page):
    page.get_by_role("link", name="Gallery").focus()
    page.keyboard.press("Control+k")
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('body, #palette *')")
    page.keyboard.press("Escape")

    expect(page.locator("#palette")).to_be_hidden()
    expect(page.get_by_role("link", name="Gallery")).to_be_focused()


def test_arrows_choose_in_the_palette_and_a_screen_reader_hears_which(page):
    page.keyboard.press("/")
    first = page.locator("[data-palette-input]").get_attribute("aria-activedescendant")
    page.keyboard.press("ArrowDown")
    second = page.locator("[data-palette-input]").get_attribute("aria-activedescendant")

    assert first != second
    expect(page.locator(f"#{second}")).to_have_attribute("aria-selected", "true")
    page.keyboard.type("no such thing at all")
    expect(page.locator("[data-palette-count]")).to_have_text("Nothing here has that name.")


def test_the_question_mark_shows_the_shortcuts(page):
    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()


def test_single_keys_can_be_switched_off_for_good(page):
    page.keyboard.press("?")
    page.get_by_label("Shortcuts of a single key").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    before = page.url
    page.keyboard.press("j")
    assert page.url == before
    page.reload()
    page.keyboard.press("j")
    assert page.url == before
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_keys_typed_into_a_field_only_type(visit):
    page = visit()
    page.goto("/")
    field = page.locator("[name=handler]")
    field.fill("")
    field.focus()
    page.keyboard.type("jkn/?")

    expect(field).to_have_value("jkn/?")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_editor_keeps_its_keys_and_the_place_of_whoever_was_there_before_it(visit):
    page = visit()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    # A narrow window fetches the editor when something is touched.
    page.locator("[data-file]:not([hidden]) textarea").focus()
    expect(page.locator("[data-file]:not([hidden]) .cm-content")).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("?/")

    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("[data-file]:not([hidden]) [name=file_text]")).to_have_value(re.compile(re.escape("?/")))


def test_ctrl_enter_runs_what_the_editor_holds(visit):
    page = visit()
    page.goto("/?incident=node-module-variable")
    page.locator("[name=handler]").focus()
    page.keyboard.press("Control+Enter")

    to_its_page(page)


TAB = "document.activeElement.dataset.reached = '1'"


def test_every_control_of_the_run_page_can_be_reached_with_tab(page):
    controls = "a[href]:visible, button:visible, summary:visible"
    for _ in range(2 * page.locator(controls).count()):
        page.keyboard.press("Tab")
        page.evaluate(TAB)

    unreached = page.locator(controls).and_(page.locator(":not([data-reached]):not([tabindex='-1'])"))
    assert unreached.evaluate_all("all => all.map((one) => one.outerHTML.slice(0, 120))") == []


# --- whole tasks, with the keyboard alone -----------------------------------------------------------------------------


def go_to(page, control):
    """Press Tab until that control has the focus."""
    for _ in range(300):
        if control.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never came to {control}")


def press(page, control):
    go_to(page, control)
    page.keyboard.press("Enter")


def test_a_note_is_pinned_deleted_and_brought_back(page):
    press(page, page.get_by_text("Write a note", exact=True))
    go_to(page, page.get_by_label("Pinned to"))
    page.keyboard.press("ArrowDown")
    go_to(page, page.get_by_label("Note, in Markdown"))
    page.keyboard.type("Seen in production too.")
    press(page, page.get_by_role("button", name="Pin the note"))
    notes = page.get_by_role("region", name="Notes")
    expect(notes).to_contain_text("Seen in production too.")
    press(page, notes.get_by_role("listitem").filter(has_text="production").get_by_role("button", name="Delete"))
    expect(notes).to_contain_text("Your note is deleted.")
    press(page, notes.get_by_role("button", name="Undo"))
    expect(notes).to_contain_text("Seen in production too.")


def test_an_experiment_is_deleted_and_brought_back(page):
    press(page, page.get_by_role("link", name="all runs of this experiment"))
    press(page, page.get_by_role("link", name="Describe and share"))
    press(page, page.get_by_role("button", name="Delete this experiment"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("deleted")
    press(page, page.get_by_role("button", name="Bring it back"))
    expect(page.get_by_text("The experiment is back.")).to_be_visible()


def test_the_library_is_searched_narrowed_down_and_widened_again(visit, world):
    experiment_has_changed(world.run.revision.experiment_id)
    page = visit()
    page.goto("/library")
    go_to(page, page.get_by_role("searchbox"))
    page.keyboard.type("variable")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 experiment")).to_be_visible()
    press(page, page.get_by_role("complementary").get_by_role("link", name="leak"))
    press(page, page.get_by_role("list", name="Narrowed down to").get_by_role("link", name="leak"))
    expect(page.get_by_role("list", name="Narrowed down to")).to_have_count(0)


def test_a_comparison_is_looked_through(visit, world):
    page = visit()
    page.goto(f"/compare/{world.run.id}..{world.run.id}")
    press(page, page.locator("svg.timeline").nth(1).locator("a.mark-invoke").nth(1))
    expect(page.locator("#second-request-2")).to_have_class(re.compile("selected"))
    press(page, page.get_by_role("link", name="Swap"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Two runs compared")
