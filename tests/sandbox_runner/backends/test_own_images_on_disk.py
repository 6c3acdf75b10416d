"""What the images of single runtimes take of a disk."""

import os

import pytest

from sandbox_runner.backends.doctor import _own_images
from sandbox_runner.backends.own_images import size_of, sizes_mb
from sandbox_runner.image import reference
from sandbox_runner.image.selection import image_of
from sandbox_runner.runtimes.registry import RUNTIMES, runtime_of


@pytest.fixture
def data(monkeypatch, tmp_path):
    monkeypatch.setenv("HOLDOVER_DATA", str(tmp_path))
    return tmp_path


def test_a_file_with_two_names_counts_once(tmp_path):
    (tmp_path / "one").write_bytes(b"x" * 100_000)
    before = size_of(tmp_path)
    os.link(tmp_path / "one", tmp_path / "two")
    assert size_of(tmp_path) == before >= 100_000


def test_what_is_not_built_takes_nothing(data):
    assert sizes_mb("namespace") == {each.identifier: 0 for each in RUNTIMES if each.on_demand}


def test_the_doctor_lists_each_with_its_size(data):
    root = reference(image_of(runtime_of("python3.14"))).rootfs_path
    root.mkdir(parents=True)
    (root / "file").write_bytes(b"x" * 3_000_000)
    said = {each.name: each.sentence for each in _own_images("namespace")}
    assert said["image-python3.14"] == "python3.14 has an image of its own, 3 MB on disk."
    assert said["image-python3.11"] == "python3.11 has an image of its own, made when a function first needs it."
