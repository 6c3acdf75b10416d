"""Every page of the product, with something on it, before a real browser: no sandbox is needed for that.

Perfetto reads two kinds of run; the matrix plays the others.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.dividing import below, leave_to_the_matrix
from tests.e2e.conftest import browser, shoot  # noqa: F401 - fixtures
from tests.pages.world import make_world
from tests.playground.conftest import (  # noqa: F401 - fixtures
    configure,
    django_db_modify_db_settings,
    emptied_quickly,
    empty_broker,
    in_english,
    redis_url,
    surroundings,
)

# Playwright runs an event loop in this thread, which Django takes for a reason not to ask the database here.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# Of each parameter, what every run plays.
DAILY = {
    "name": {"hostile texts", "late work and a throttle"},
    "complaint": {"flow_no_enclosing_slice"},
}


def pytest_collection_modifyitems(items):
    folder = Path(__file__).parent
    for item in below(folder, items):
        item.add_marker(pytest.mark.e2e)
    leave_to_the_matrix(items, folder, lambda item: hasattr(item, "callspec") and not _represents(item.callspec))


def _represents(of):
    return all(of.params[name] in daily for name, daily in DAILY.items() if name in of.params)


@pytest.fixture
def world(transactional_db):
    """An installation in which every kind of page has something to show."""
    return make_world()


@pytest.fixture
def visit(browser, live_server, world, client):  # noqa: F811 - a fixture of another place
    """Opens a browser as its user asks for it: size, colours, language, signed in or not."""
    contexts = []

    def open_page(*, as_owner=True, width=1440, scheme="light", language="en", **options):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale=language,
            **options,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        if as_owner:
            client.force_login(world.owner)
            session = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
