"""A running playground and a real browser.

``HOLDOVER_E2E_URL`` names a playground that runs already; without it one is started as a person would, with a data
directory of its own. ``CHROMIUM`` names the browser. ``HOLDOVER_SCREENSHOTS`` is where screenshots are kept, if wanted.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.dividing import below, leave_to_the_matrix
from tests.package_index import package_index

CHECKOUT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in below(Path(__file__).parent, items):
        item.add_marker(pytest.mark.e2e)
    leave_to_the_matrix(
        items, Path(__file__).parent, lambda item: hasattr(item, "callspec") and _is_crossed(item.callspec)
    )


def _is_crossed(of):
    """Every run sees light and wide, dark and narrow; the matrix sees the other two as well."""
    looks = of.params.get("width"), of.params.get("scheme")
    return None not in looks and looks not in {(1440, "light"), (390, "dark")}


def missing(why):
    """What is needed is not here: a failure where CI runs, a skip on somebody's own machine."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def index():
    """The index of packages that the playground has, where it is one that was started here."""
    with package_index() as running:
        for name in ("requests", "requests-toolbelt"):
            running.add_wheel(name)
        yield running


@pytest.fixture(scope="session")
def site(tmp_path_factory, index):
    """The address of a running playground."""
    if url := os.environ.get("HOLDOVER_E2E_URL"):
        yield url.rstrip("/")
        return
    data = tmp_path_factory.mktemp("data")
    process, lines = started(data, index.variables())
    url = next((line.split()[-1] for line in lines if line.startswith("Holdover is at ")), "")
    try:
        if not url:
            missing("The playground did not start:\n" + "".join(lines))
        yield url.rstrip("/")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    assert secrets_in_the_log(data) == []


def secrets_in_the_log(data):
    """Words of the log that are the key of a session, or the secret whose digest a token or an invitation has."""
    text = "".join(file.read_text("utf-8", "replace") for file in (data / "log").glob("*.log"))
    with closing(sqlite3.connect(data / "holdover.sqlite3")) as database:
        sessions = {key for (key,) in database.execute("SELECT session_key FROM django_session")}
        kept = "SELECT sha256 FROM accounts_apitoken UNION SELECT sha256 FROM accounts_invitation"
        digests = {digest for (digest,) in database.execute(kept)}
    words = set(re.findall(r"[\w-]{20,}", text))
    return [word for word in words if word in sessions or hashlib.sha256(word.encode()).hexdigest() in digests]


def started(data, variables=()):
    """The process of ``manage.py holdover`` and what it said until its pages could be asked for, or until its end."""
    usual = Path(os.environ.get("HOLDOVER_DATA") or CHECKOUT / "var")
    if (usual / "image").exists():
        # The sandbox's file system takes minutes to build and is never written to.
        (data / "image").symlink_to((usual / "image").resolve())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environ = os.environ | {"HOLDOVER_DATA": str(data), "HOST": "127.0.0.1", "PORT": port}
    environ |= {"HOLDOVER_SUBMISSIONS_PER_MINUTE": "1000", **dict(variables)}
    for foreign in ("DATABASE_URL", "HOLDOVER_DATABASE_URL", "HOLDOVER_REDIS_URL"):
        environ.pop(foreign, None)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "holdover"],
        cwd=CHECKOUT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Data is kept in"):
            break
    return process, lines


@pytest.fixture(scope="package")
def browser():
    """Chromium. For a folder, not for the session: Playwright's loop would stand in the way of asynchronous tests."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        missing("There is no Chromium; install it, or name one with CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser, site):
    """Makes browser contexts without history; at the end no page of theirs may have complained."""
    contexts, complaints = [], []

    def note(text):
        # The browser itself writes a line for each answer that is an error, and a refused form is one.
        if "status of 422" not in text:
            complaints.append(text)

    def make(**options):
        context = browser.new_context(base_url=site, **({"viewport": {"width": 1440, "height": 900}} | options))
        context.set_default_timeout(30_000)
        context.on("console", lambda message: note(message.text) if message.type in ("error", "warning") else None)
        context.on("weberror", lambda error: note(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(new_context):
    """A page of a browser that was never here before."""
    return new_context().new_page()


@pytest.fixture
def shoot():
    """Keeps a screenshot where somebody asked for them."""
    folder = os.environ.get("HOLDOVER_SCREENSHOTS")

    def keep(page, name):
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return keep
