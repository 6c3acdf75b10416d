"""Code that is pasted: runtime, file name and handler follow it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.steps import expect_workbench, paste

PYTHON = "import json\n\ndef lambda_handler(event, context):\n    return event\n"


def test_pasted_code_brings_its_runtime_file_name_and_handler_with_undo(page, shoot):
    page.goto("/")
    expect(page.locator(".cm-editor")).to_be_visible()
    paste(page, PYTHON)
    said = page.get_by_role("status").filter(has_text="detected")
    expect(said).to_contain_text("Python detected: runtime python3.13, app.py, app.lambda_handler.")
    fields = (page.get_by_label("Runtime"), page.get_by_label("File name"), page.get_by_label("Handler"))
    for field, value in zip(fields, ("python3.13", "app.py", "app.lambda_handler"), strict=True):
        expect(field).to_have_value(value)
    expect(page.get_by_role("tab")).to_have_text(["app.py"])
    shoot(page, "pasted")
    said.get_by_role("button", name="Undo").click()
    for field, value in zip(fields, ("nodejs24.x", "app.mjs", "app.handler"), strict=True):
        expect(field).to_have_value(value)
    page.locator("[data-run-button]").click()
    page.get_by_role("button", name="Use python3.13, app.py and app.lambda_handler").click()
    expect(fields[2]).to_have_value("app.lambda_handler")
    expect_workbench(page)
    page.get_by_label("Runtime").select_option("nodejs24.x")
    expect(page.get_by_text("The code still looks like Python.")).to_be_visible()
