"""No page breaks a rule of WCAG 2.2 AA that axe-core can see, in both colour schemes, on wide and narrow screens.

The pages are those of the URL configuration: a new one is covered by itself.
Every run sees each page light and wide, and turned dark and narrow; each on its own, and in both languages, is for the
matrix.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages.world import pages

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
# The rules about what a style sheet colours, moves, shows and hides.
TURNED = [
    "aria-hidden-focus",
    "button-name",
    "color-contrast",
    "label",
    "link-in-text-block",
    "link-name",
    "nested-interactive",
    "region",
    "scrollable-region-focusable",
    "target-size",
]
OPTIONS_TURNED = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": TURNED}}


def violations(page, where, options=OPTIONS):
    """What axe finds on this page, a line for each element."""
    found = Axe().run(page, options=options).response["violations"]
    return [f"{where}: {one['id']}: {node['target']} {node['html'][:160]}" for one in found for node in one["nodes"]]


LOOKS = {
    f"{language}-{width}-{scheme}": {"language": language, "width": width, "scheme": scheme}
    for language in ("en", "ja")
    for width in (1440, 390)
    for scheme in ("light", "dark")
}


def test_no_page_has_a_violation_light_and_wide_or_dark_and_narrow(visit, world, client):
    page = visit()
    found = []
    for name, address in pages(world, client).items():
        page.goto(address)
        found += violations(page, f"{name} {address}")
        turn(page, "dark", 390)
        found += violations(page, f"{name} {address}, turned", OPTIONS_TURNED)
        turn(page, "light", 1440)

    assert found == [], "\n".join(["", *found])


def turn(page, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})


@pytest.mark.matrix
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
