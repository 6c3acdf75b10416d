"""Old root file systems are forgotten, those in use are not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sandbox_runner.image.rootfs import forget_old

if TYPE_CHECKING:
    from pathlib import Path


def tree(folder: Path, name: str, *, modified_s: int) -> Path:
    path = folder / name
    path.mkdir()
    path.with_name(f"{name}.digest").write_text("sha256:0\n")
    os.utime(path, (modified_s, modified_s))
    return path


def test_all_but_the_newest_three_go_with_their_digests(tmp_path):
    trees = [tree(tmp_path, f"rootfs-{n}", modified_s=n) for n in range(1, 6)]

    forget_old(tmp_path, in_use=())

    assert [path.exists() for path in trees] == [False, False, True, True, True]
    assert not (tmp_path / "rootfs-1.digest").exists()


def test_the_tree_in_use_stays_however_old_it_looks(tmp_path):
    trees = [tree(tmp_path, f"rootfs-{n}", modified_s=n) for n in range(1, 6)]

    forget_old(tmp_path, in_use=(trees[0],))

    assert trees[0].exists()
    assert not trees[1].exists()
