"""The field that completes names of packages: by keyboard, and not there for a runtime without an index."""

import os

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.skipif(
    "HOLDOVER_E2E_URL" in os.environ, reason="that playground has an index of its own, and not the tests'"
)


def test_a_package_is_added_by_keyboard_from_the_names_that_the_index_tells(page, shoot):
    page.goto("/")
    page.locator("[name=runtime]").select_option("python3.12")
    page.get_by_text("Dependencies", exact=True).click()
    field = page.get_by_role("combobox", name="Add a package")
    field.press_sequentially("req")
    options = page.locator("#package-names option")
    expect(options).to_have_count(2)
    assert [each.get_attribute("value") for each in options.all()] == ["requests", "requests-toolbelt"]
    field.fill("requests")
    field.press("Enter")
    expect(page.get_by_role("status").filter(has_text="requests was added.")).to_be_visible()
    expect(page.locator("#dependencies")).to_have_value("requests\n")
    expect(field).to_be_focused()
    shoot(page, "package-added")
    field.press_sequentially("reque")
    expect(options).to_have_count(2)
    field.press("Enter")
    expect(
        page.get_by_role("status").filter(has_text="reque was added, but the index does not offer it")
    ).to_be_visible()


def test_a_runtime_that_has_no_index_has_no_field_for_a_name(page):
    page.goto("/")
    page.locator("[name=runtime]").select_option("python3.13")
    page.get_by_text("Dependencies", exact=True).click()
    expect(page.get_by_role("combobox", name="Add a package")).to_be_visible()
    page.locator("[name=runtime]").select_option("provided.al2023")
    expect(page.get_by_role("combobox", name="Add a package")).to_be_hidden()
