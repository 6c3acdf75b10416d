"""Every page of the product, with something on it, before a real browser: no sandbox is needed for that."""

from __future__ import annotations

import os

import pytest

from tests.e2e.conftest import browser, shoot  # noqa: F401 - fixtures
from tests.pages.world import make_world
from tests.playground.conftest import (  # noqa: F401 - fixtures
    configure,
    django_db_modify_db_settings,
    empty_broker,
    in_english,
    redis_url,
    surroundings,
)

# Playwright runs an event loop in this thread, which Django takes for a reason not to ask the database here.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def pytest_collection_modifyitems(items):
    for item in items:
        if "/tests/pages/" in str(item.path):
            item.add_marker(pytest.mark.e2e)


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
