"""Layers and kept zips on this machine's disk."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from sandbox_runner import limits
from sandbox_runner.bundles.archive_folder import ArchiveFolder
from sandbox_runner.bundles.zip_archive import read_zip
from sandbox_runner.dependencies.layers import unpacked, unpacked_archive
from sandbox_runner.dependencies.store import Store
from sandbox_runner.errors import ArchiveMissing, ScenarioError
from sandbox_runner.limits import MB
from sandbox_runner.messages import render
from sandbox_runner.scenario.carried import Layer, StoredArchive

FILES = {"python/lib/a.py": "eA==", "bin/tool": "IyEvYmluL3NoCg=="}


class World:
    """A store, and a folder of zips."""

    def __init__(self, folder):
        self.folder = folder
        self.store = Store(folder / "store", 1024 * MB)
        self.archives = ArchiveFolder(folder / "zips")

    def kept(self, files, name="large.zip"):
        """A layer that names a zip with these files."""
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in files.items():
                archive.writestr(path, content)
        return Layer(**self.archives.keep(name, read_zip(data, is_layer=True)))

    def files(self, *layers):
        """What is at ``/opt`` then, by path."""
        top = Path(unpacked(layers, self.store, self.archives).folder.files)
        return {path.relative_to(top).as_posix(): path.read_text() for path in top.rglob("*") if path.is_file()}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def carried(files):
    return Layer(name="a", files=files)


def test_layers_are_kept_once_by_what_is_in_them(world):
    one = unpacked([carried(FILES)], world.store, world.archives).folder

    again = carried({name: FILES[name] for name in reversed(FILES)})
    assert unpacked([again], world.store, world.archives).folder == one
    changed = carried(FILES | {"python/lib/a.py": "eQ=="})
    assert unpacked([changed], world.store, world.archives).folder.name != one.name
    assert (Path(one.files) / "python" / "lib" / "a.py").read_text() == "x"
    assert (Path(one.files) / "bin" / "tool").stat().st_mode & 0o111
    assert Path(one.archive).stat().st_size > 0


def test_a_later_layer_wins_whether_it_is_carried_or_kept(world):
    kept = world.kept({"python/lib/a.py": "kept", "python/b.py": "kept"})

    assert world.files(carried(FILES), kept)["python/lib/a.py"] == "kept"
    assert world.files(kept, carried(FILES)) == {
        "python/lib/a.py": "x",
        "python/b.py": "kept",
        "bin/tool": "#!/bin/sh\n",
    }


def test_a_zip_that_is_not_kept_is_named_with_its_digest_and_size(world):
    gone = StoredArchive(name="pandas.zip", sha256="3f" * 32, bytes=41_943_040)

    with pytest.raises(ArchiveMissing) as missing:
        unpacked_archive(gone, world.store, world.archives)

    said = render(missing.value.message)
    assert said.startswith(f"pandas.zip is not kept on this installation (41,943,040 bytes, SHA-256 {'3f' * 32}).")


def test_a_zip_that_has_become_another_one_is_missing(world):
    kept = world.kept({"a.py": "1"})
    (world.folder / "zips" / f"{kept.sha256}.zip").write_bytes(b"PK")

    with pytest.raises(ArchiveMissing):
        world.files(kept)


def test_layers_are_together_no_more_than_lambda_takes(world, monkeypatch):
    monkeypatch.setattr(limits, "UNZIPPED_BYTES_MAX", 3 * MB)
    large = [world.kept({f"{number}.bin": bytes(2 * MB)}, f"{number}.zip") for number in range(2)]

    with pytest.raises(
        ScenarioError, match="unpacked, the function has 4 MB; Lambda takes 3 MB with packages and layers"
    ):
        world.files(*large)
    assert not list((world.folder / "store").glob("*/facts.json"))


def test_a_file_cannot_be_the_folder_of_another_layer_s_file(world):
    with pytest.raises(ScenarioError, match="x is a file and also the folder of x/y"):
        world.files(world.kept({"x": "1"}), world.kept({"x/y": "2"}))


def test_a_large_zip_is_never_in_memory_as_a_whole(world):
    kept = world.kept({"large.bin": bytes(40 * MB), "small.txt": "x"})
    tracemalloc.start()
    entry = unpacked([kept], world.store, world.archives)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert entry.facts["bytes"] == 40 * MB + 1
    assert most < 8 * MB
    assert not list((world.folder / "store").rglob("0.zip")), "the copy that was compared is gone"
