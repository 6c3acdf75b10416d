"""No page breaks a rule of WCAG 2.2 AA that axe-core can see, in both colour schemes, on wide and narrow screens.

The pages are those of the URL configuration: a new one is covered by itself.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages.world import pages

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}


def violations(page, where):
    """What axe finds on this page, a line for each element."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{where}: {one['id']}: {node['target']} {node['html'][:160]}" for one in found for node in one["nodes"]]


LOOKS = {
    f"{language}-{width}-{scheme}": {"language": language, "width": width, "scheme": scheme}
    for language in ("en", "ja")
    for width in (1440, 390)
    for scheme in ("light", "dark")
}


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_has_a_violation(visit, world, client, shoot, look):
    page = visit(**LOOKS[look])
    addresses = pages(world, client)
    found = []
    for name, address in addresses.items():
        page.goto(address)
        found += violations(page, f"{name} {address}")
        shoot(page, f"{name.replace(':', '-')}-{look}")

    assert {"home", "run", "experiment", "mine", "gallery", "incident", "fidelity", "take"} <= set(addresses)
    assert found == [], "\n".join(["", *found])
