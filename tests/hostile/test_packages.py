"""Packages that want more than to be installed: each ends in one sentence, and none leaves its build sandbox."""

import io
import json
import stat
import threading
import zipfile

import pytest

from sandbox_runner import limits
from tests.contract.engines import NOTHING, traces
from tests.installing import Installation, answers, why
from tests.package_index import package_index, wheel

MARK = "a-package-was-here"


@pytest.fixture
def index():
    with package_index() as running:
        yield running


@pytest.fixture
def installation(request, index, tmp_path, monkeypatch):
    made = Installation("namespace", request, index, tmp_path / "packages", monkeypatch)
    yield made
    made.close()
    assert not made.drafts()
    assert traces(made.engine.owner) == NOTHING


def with_link(name):
    """A wheel that has a link to the machine's passwords in it."""
    file, data = wheel(name)
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo(f"{name}_link")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return file, out.getvalue()


@pytest.mark.namespace
@pytest.mark.parametrize(
    "path",
    [f"../../{MARK}.py", f"/tmp/{MARK}.py", f"x/../../../../{MARK}", "greeting/../../../home/uv/x"],
)
def test_an_entry_that_leads_out_of_a_wheel_is_not_installed(installation, path):
    """Uv refuses it or leaves it out; either way nothing of it is in the store."""
    installation.index.add_wheel("greeting", files={"greeting.py": "VERSION = 1\n", path: "VERSION = 2\n"})
    result = installation.play("greeting", requirements="greeting")
    assert answers(result) == [1] or why(result)[0] == "packages-not-installed", why(result)
    assert not [each for each in installation.folder.rglob("*") if MARK in each.name or each.name == "x"]


@pytest.mark.namespace
def test_a_link_in_a_wheel_reaches_nothing(installation):
    file, data = with_link("greeting")
    installation.index.wheels["greeting"] = {file: data}
    result = installation.play("greeting", requirements="greeting")
    assert answers(result) == ["1.0"] or why(result)[0] in {"package-unsound", "packages-not-installed"}
    assert not [each for each in installation.folder.rglob("*") if each.is_symlink()]


@pytest.mark.namespace
def test_links_and_paths_in_a_tarball_of_npm_reach_nothing(installation):
    files = {"index.js": "exports.version = 1;\n", f"../{MARK}.js": "1", f"/{MARK}.js": "1", f"x/../../../{MARK}": "1"}
    installation.index.add_package("greeting", files=files, links=[("passwords", "/etc/passwd"), ("up", "..")])
    result = installation.play("greeting", package={"dependencies": {"greeting": "1"}})
    assert answers(result) == [1] or why(result)[0] in {"package-unsound", "packages-not-installed"}, why(result)
    entries = [*installation.folder.rglob("*")]
    assert not [each for each in entries if each.is_symlink()]
    assert not [each for each in entries if MARK in each.name and "node_modules/greeting" not in str(each)]


@pytest.mark.namespace
def test_no_script_of_a_package_runs(installation):
    scripts = dict.fromkeys(("preinstall", "install", "postinstall", "prepare"), "echo ran > index.js; exit 1")
    installation.index.add_package(
        "greeting", scripts=scripts, gypfile=True, files={"index.js": "exports.version = 1;\n"}
    )
    result = installation.play("greeting", package={"dependencies": {"greeting": "1"}, "scripts": scripts})
    assert answers(result) == [1]


@pytest.mark.namespace
def test_a_file_that_is_not_what_the_lock_says_is_not_installed(installation):
    installation.index.add_wheel("greeting")
    lock = {"holdover": installation.play("greeting", requirements="greeting").dependencies[0].lock}
    installation.forget_all()
    installation.index.add_wheel("greeting", files={"greeting.py": "VERSION = 'another'\n"})
    assert why(installation.play("greeting", requirements="greeting", locks=lock))[0] == "packages-not-installed"


@pytest.mark.namespace
def test_modules_that_no_compiler_survives_are_installed_as_they_came(installation):
    files = {"greeting.py": "VERSION = 1\n", "a/deep.py": "-" * 1_000_000 + "1\n", "a/open.py": "(" * 1_000_000}
    installation.index.add_wheel("greeting", files=files)
    assert answers(installation.play("greeting", requirements="greeting")) == [1]


@pytest.mark.namespace
def test_what_is_larger_than_lambda_takes_is_refused_in_its_words(installation):
    zeros = b"\0" * (limits.UNZIPPED_BYTES_MAX + 1)
    installation.index.add_wheel("large", files={"large.bin": zeros})
    code, sentence = why(installation.play("large", requirements="large"))
    assert code == "packages-too-large"
    assert "Unzipped size must be smaller than 262144000 bytes" in sentence


@pytest.mark.namespace
def test_a_bomb_fills_its_own_sandbox_alone(installation, monkeypatch):
    monkeypatch.setattr(limits, "BUILD_DISK_MB", limits.TMP_MB_MIN)
    piece = b"\0" * (64 * limits.MB)
    installation.index.add_wheel("bomb", files={f"bomb/{number}": piece for number in range(9)})
    assert why(installation.play("bomb", requirements="bomb"))[0] == "packages-too-large"
    installation.index.add_wheel("greeting")
    assert answers(installation.play("greeting", requirements="greeting")) == ["1.0"]


@pytest.mark.namespace
def test_an_index_that_lets_wait_ends_the_build_at_its_limit(installation, monkeypatch):
    # Enough for a busy machine to have asked for the package by then.
    monkeypatch.setattr(limits, "BUILD_S", 8)
    installation.index.add_wheel("greeting")
    installation.index.holding = threading.Event()
    code, sentence = why(installation.play("greeting", requirements="greeting"))
    assert code == "packages-took-too-long"
    assert "greeting" in sentence


@pytest.mark.namespace
def test_the_credentials_of_the_index_are_nowhere_in_what_comes_out(installation, monkeypatch):
    address = installation.index.address.replace("http://", "http://operator:hush-hush@")
    monkeypatch.setenv("HOLDOVER_NPM_REGISTRY", f"{address}/npm")
    installation.index.add_package("greeting", files={"index.js": "exports.version = JSON.stringify(process.env);\n"})
    result = installation.play("greeting", package={"dependencies": {"greeting": "1"}})
    assert "Basic" in installation.index.headers[0]["Authorization"]
    assert "hush-hush" not in json.dumps(result.to_json())
