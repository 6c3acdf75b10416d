"""No page breaks a rule of WCAG 2.2 AA that axe-core can see, in both colour schemes, on wide and narrow screens.

The pages are those of the URL configuration: a new one is covered by itself.
"""

from __future__ import annotations

from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError as TooSlow

from tests.pages.world import pages

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}


def violations(page, where):
    """What axe finds on this page, a line for each element."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{where}: {one['id']}: {node['target']} {node['html'][:160]}" for one in found for node in one["nodes"]]


def is_page(answer):
    return answer is not None and answer.ok and "text/html" in answer.headers.get("content-type", "")


def opened(page, address):
    """Whether a page is at that address; a download and a redirect to another page are none of its own."""
    try:
        answer = page.goto(address)
    except Exception as error:  # noqa: BLE001 - Playwright has no class of its own for a download
        assert "Download is starting" in str(error) or "ERR_ABORTED" in str(error), error
        return False
    with suppress(TooSlow):
        page.wait_for_load_state("networkidle", timeout=3_000)
    return is_page(answer)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_page_has_a_violation(visit, world, shoot, width, scheme, language):
    page = visit(width=width, scheme=scheme, language=language)
    addresses = pages(world) | {f"run-{status}": run.get_absolute_url() for status, run in world.others.items()}
    found, seen = [], []
    for name, address in addresses.items():
        if name.endswith("events") or not opened(page, address):
            continue
        seen.append(name)
        found += violations(page, f"{name} {address}")
        shoot(page, f"{name.replace(':', '-')}-{width}-{scheme}-{language}")

    assert {"home", "run", "experiment", "mine", "gallery", "incident", "fidelity"} <= set(seen)
    assert found == []
