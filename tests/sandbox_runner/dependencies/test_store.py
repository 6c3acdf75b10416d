"""Installed packages on disk: whole or absent, nothing but files and folders, and no more than there is room for."""

import io
import os
import tarfile
import time
from pathlib import Path

import pytest

from sandbox_runner.dependencies.store import KEPT_S, RefusedArchiveError, Store
from sandbox_runner.limits import MB

KEY = "0" * 32


def archive(*entries):
    """A tar file with each entry: a name with its bytes, or a whole ``TarInfo``."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for entry in entries:
            info, data = entry if isinstance(entry, tuple) else (entry, b"")
            if isinstance(info, str):
                info = tarfile.TarInfo(info)
                info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    return out.getvalue()


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def kept(store, data, key=KEY):
    with store.draft() as draft:
        draft.write(data, 100 * MB)
        return store.keep(draft, key, {})


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "packages", 10 * MB)


def test_what_was_kept_is_found_with_its_size(store):
    kept(store, archive(special("one", tarfile.DIRTYPE), ("one/a.py", b"1234")))
    found = store.find(KEY)
    assert found.facts["bytes"] == 4
    assert os.listdir(f"{found.folder.files}/one") == ["a.py"]  # noqa: PTH208 - as it was given


@pytest.mark.parametrize(
    "hostile",
    [
        [("../out.py", b"")],
        [("/etc/out.py", b"")],
        [("one/../../out.py", b"")],
        [special("link", tarfile.SYMTYPE, "/etc")],
        [special("link", tarfile.SYMTYPE, ".."), ("link/out.py", b"")],
        [("a", b""), special("b", tarfile.LNKTYPE, "a")],
        [special("pipe", tarfile.FIFOTYPE)],
        [special("device", tarfile.CHRTYPE)],
        [("twice.py", b"1"), ("twice.py", b"2")],
        [("file", b""), ("file/below", b"")],
        [("without/its/folder.py", b"")],
        [("n" * 300, b"")],
        [("/".join("d" * 200), b"")],
        [(".", b"")],
    ],
)
def test_an_archive_with_anything_else_is_refused_and_nothing_is_left(store, tmp_path, hostile):
    with pytest.raises(RefusedArchiveError):
        kept(store, archive(*hostile))
    assert store.find(KEY) is None
    assert {each.name for each in tmp_path.iterdir()} == {"packages"}
    assert not [each for each in (tmp_path / "packages").iterdir() if each.name.startswith(".draft")]


@pytest.mark.parametrize("data", [b"", b"no archive", b"\0" * 512 + b"x" * 512, os.urandom(2048)])
def test_what_is_no_archive_is_refused_or_empty(store, data):
    try:
        assert kept(store, data).facts["bytes"] == 0
    except RefusedArchiveError:
        assert store.find(KEY) is None


def test_a_draft_takes_no_more_than_it_may(store):
    with store.draft() as draft, pytest.raises(RefusedArchiveError):
        draft.write(b"12345", 4)


def test_what_was_not_used_for_longest_goes_first(store, tmp_path):
    for key in ("a" * 32, "b" * 32, "c" * 32):
        kept(store, archive(("big", b"1" * (2 * MB))), key)
    long_ago = time.time() - KEPT_S
    for key, before in (("a", 100), ("b", 300), ("c", 200)):
        os.utime(tmp_path / "packages" / (key * 32), (long_ago - before, long_ago - before))
    assert Store(tmp_path / "packages", 9 * MB).tidy() == 1
    assert [store.find(key * 32) is not None for key in "abc"] == [True, False, True]


def test_what_was_used_a_moment_ago_stays(store, tmp_path):
    kept(store, archive(("big", b"1" * MB)))
    assert Store(tmp_path / "packages", 0).tidy() == 0


def test_what_a_sandbox_still_shows_stays(store, tmp_path):
    kept(store, archive(("big", b"1" * MB)))
    os.utime(tmp_path / "packages" / KEY, (0, 0))
    assert Store(tmp_path / "packages", 0, forget=lambda _: False).tidy() == 0


def test_one_process_at_a_time_makes_an_entry(store):
    with store.try_to_hold(KEY):
        assert store.try_to_hold(KEY) is None
        with store.try_to_hold("1" * 32):
            pass
    with store.try_to_hold(KEY):
        pass


def test_every_file_has_a_mode_that_leaves_the_refusal_to_the_mount(store):
    found = kept(store, archive(("a.py", b"")))
    assert Path(found.folder.files, "a.py").stat().st_mode & 0o777 == 0o666
