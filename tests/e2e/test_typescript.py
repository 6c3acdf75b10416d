"""TypeScript from the clipboard to the finding: what a page shows are the lines that the person wrote."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import expect_verdict, paste, play, sideways

HANDLER = """\
import { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { remember } from './store';

export const handler = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
  const { user } = event as unknown as { user: string };
  return { statusCode: 200, body: JSON.stringify({ before: remember(user) }) };
};
"""
STORE = """\
interface User {
  name: string;
}

let current: User | undefined;

export function remember(name: string): string | undefined {
  const before = current?.name;
  current = { name };
  return before;
}
"""


def scenario(store):
    files = {"index.ts": HANDLER, "store.ts": store}
    steps = [{"invoke": {"payload": {"user": f"{name}-4711"}, "as": name}} for name in ("alice", "bob")]
    function = {"runtime": "nodejs24.x", "handler": "index.handler", "files": files}
    return json.dumps({"version": 1, "function": function, "steps": steps})


def test_pasted_typescript_brings_its_runtime_file_name_and_handler(page, shoot):
    page.goto("/")
    expect(page.locator(".cm-editor")).to_be_visible()
    paste(page, HANDLER)
    expect(page.get_by_role("status").filter(has_text="detected")).to_contain_text(
        "TypeScript detected: runtime nodejs24.x, app.ts, app.handler."
    )
    expect(page.get_by_label("File name")).to_have_value("app.ts")
    shoot(page, "typescript-pasted")


@pytest.fixture(scope="module")
def leak(browser, site):
    """The address of a run of TypeScript with a proven leak."""
    context = browser.new_context(base_url=site)
    page = context.new_page()
    play(page, scenario(STORE))
    expect_verdict(page, "LEAK")
    yield page.url
    context.close()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_leak_is_marked_in_the_lines_that_the_person_wrote(new_context, leak, shoot, width, scheme):
    page = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    page.goto(leak)
    expect(page.locator("#finding-1")).to_contain_text("store.current")
    marked = page.locator("tr.marked-written")
    expect(marked).to_contain_text("current = { name };")
    expect(marked.locator(".ln")).to_have_text("9")
    assert sideways(page) == 0
    shoot(page, f"typescript-leak-{width}-{scheme}")


def test_a_mistake_is_the_headline_and_its_line_is_marked(page, shoot):
    play(page, scenario(STORE.replace("{ name };", "{ name ];")))
    expect_verdict(page, "DID NOT LOAD")
    expect(page.locator("#verdict")).to_contain_text("store.ts, line 9, column 20")
    expect(page.locator("tr.marked-failed")).to_contain_text("current = { name ];")
    shoot(page, "typescript-mistake")
