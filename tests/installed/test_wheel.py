"""What an installed package is: the command alone with little else, and the whole server by an extra."""

import contextlib
import os
import re
import signal
import subprocess
import sys

import httpx
import pytest

from playground.config.environment import CHECKOUT
from sandbox_runner.image.paths import cache_dir
from tests.faults.keeping import wait_until

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(1800)]

READY_S = 600
# What the command stands on, with what those need: nothing of a server.
PACKAGES_MAX = 25
SCENARIO = """
function:
  runtime: python3.13
  handler: app.handler
  files: {app.py: "def handler(event, context): return event"}
steps:
  - invoke: {payload: {user: ada}}
"""


class Installed:
    """The wheel in an empty environment."""

    def __init__(self, folder, wheel, extra=""):
        self.bin = folder / "bin"
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        quiet = ("--quiet", "--disable-pip-version-check")
        subprocess.run([self.bin / "pip", "install", *quiet, f"{wheel}{extra}"], check=True)

    def run(self, *words, **more):
        return subprocess.run([self.bin / words[0], *words[1:]], capture_output=True, text=True, check=False, **more)

    def packages(self):
        listed = self.run("pip", "list", "--format", "freeze", "--exclude", "pip", "--exclude", "setuptools").stdout
        return {line.partition("==")[0].lower() for line in listed.splitlines()} - {"holdover"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    words = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, CHECKOUT)
    subprocess.run(words, check=True)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def command(tmp_path_factory, wheel):
    return Installed(tmp_path_factory.mktemp("command") / "venv", wheel)


@pytest.fixture(scope="module")
def server(tmp_path_factory, wheel):
    return Installed(tmp_path_factory.mktemp("server") / "venv", wheel, "[server]")


def test_the_command_comes_with_nothing_of_the_server(command):
    packages = command.packages()

    assert packages.isdisjoint({"django", "celery", "redis", "docker", "ruff", "uvicorn"})
    assert len(packages) <= PACKAGES_MAX, packages
    assert "push" in command.run("holdover", "--help").stdout


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (("holdover", "run", "scenario.yaml"), "pip install 'holdover[run]'"),
        (("holdover-server",), "pip install 'holdover[server]'"),
    ],
)
def test_what_is_not_installed_says_what_to_install(command, words, cure):
    said = command.run(*words)

    assert said.returncode != 0
    assert cure in said.stderr
    assert "Traceback" not in said.stderr


@contextlib.contextmanager
def serving(server, data):
    """The address of a server that was started there."""
    heard = data / "heard"
    environment = os.environ | {"HOLDOVER_DATA": str(data), "HOLDOVER_CACHE": str(cache_dir().parent)}
    with heard.open("w") as log:
        words = [server.bin / "holdover-server"]
        started = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=data)

    def address():
        assert started.poll() is None, heard.read_text()
        return re.search(r"http://127\.0\.0\.1:\d+", heard.read_text())

    try:
        wait_until("the server is up", address, READY_S)
        yield address()[0]
    finally:
        started.send_signal(signal.SIGINT)
        started.wait(60)


def test_the_server_of_the_extra_shows_its_pages_and_plays(server, tmp_path):
    (tmp_path / "scenario.yaml").write_text(SCENARIO)

    with serving(server, tmp_path) as address:
        pages = {path: httpx.get(address + path) for path in ("/", "/gallery", "/fidelity", "/r/none")}
        styles = re.findall(r'href="(/static/[^"]+\.css)"', pages["/"].text)
        pushed = server.run("holdover", "push", "scenario.yaml", "--url", address, cwd=tmp_path)

        assert {path: page.status_code for path, page in pages.items()} == {
            "/": 200,
            "/gallery": 200,
            "/fidelity": 200,
            "/r/none": 404,
        }
        assert [httpx.get(address + each).status_code for each in styles] == [200] * len(styles) != []
        assert httpx.get(address, headers={"Accept-Language": "ja"}).text.count("リクエスト")
    assert (pushed.returncode, f"{address}/r/" in pushed.stdout) == (0, True), pushed
