"""A folder is emptied whatever was put into it, and nothing outside of it is touched."""

import os

from sandbox_runner.guest.function.wipe import empty_folder


def test_everything_in_a_folder_is_removed_and_the_folder_stays(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c").write_text("x")
    (tmp_path / ".hidden").write_text("x")
    os.mkfifo(tmp_path / "a/pipe")

    empty_folder(str(tmp_path))

    assert list(tmp_path.iterdir()) == []


def test_links_are_removed_and_not_followed(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    (outside / "kept").write_text("x")
    folder.mkdir()
    (folder / "link").symlink_to(outside)

    empty_folder(str(folder))

    assert (outside / "kept").exists()
    assert not list(folder.iterdir())


def test_depth_beyond_any_path_is_no_obstacle(tmp_path):
    root = os.open(tmp_path, os.O_RDONLY)
    here = os.dup(root)
    for _ in range(1500):
        os.mkdir("deep", dir_fd=here)
        inner = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    os.close(root)

    empty_folder(str(tmp_path))

    assert list(tmp_path.iterdir()) == []


def test_folders_that_forbid_everything_are_emptied(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b").chmod(0)
    (tmp_path / "a").chmod(0)

    empty_folder(str(tmp_path))

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_empty(tmp_path):
    empty_folder(str(tmp_path / "nowhere"))

    assert not (tmp_path / "nowhere").exists()
