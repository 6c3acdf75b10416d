"""Control groups in both layouts, on a folder that stands for the kernel's file system."""

from __future__ import annotations

import os
import time

from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.cgroups import make_group, stray_groups

SPEC = SandboxSpec("worker", 128, 512)
LIMIT = str((128 + 512 + 16 + 1 + 72 + 128) * 1024 * 1024)


def test_in_the_old_layout_each_controller_has_its_folder(tmp_path):
    group = make_group("abc", SPEC, tmp_path)

    assert group is not None
    assert group.doors == [
        f"{tmp_path}/memory/holdover/abc/cgroup.procs",
        f"{tmp_path}/pids/holdover/abc/cgroup.procs",
    ]


def test_in_the_new_layout_one_folder_has_everything(tmp_path):
    (tmp_path / "cgroup.controllers").write_text("memory pids")
    group = make_group("abc", SPEC, tmp_path)

    assert group is not None
    assert group.doors == [f"{tmp_path}/holdover/abc/cgroup.procs"]
    assert (tmp_path / "holdover" / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_a_group_is_gone_after_its_removal(tmp_path):
    group = make_group("abc", SPEC, tmp_path)
    assert group is not None
    group.remove()

    assert list(tmp_path.glob("*/holdover/*")) == []


def test_where_none_can_be_made_there_is_none(tmp_path):
    (tmp_path / "memory").write_text("a file where a folder should be")

    assert make_group("abc", SPEC, tmp_path) is None


def test_an_old_group_that_nobody_lives_in_is_a_stray(tmp_path):
    for name, inhabitants, age in (("abandoned", "", 3600), ("alive", "42\n", 3600), ("just made", "", 0)):
        folder = tmp_path / "pids" / "holdover" / name
        folder.mkdir(parents=True)
        (folder / "cgroup.procs").write_text(inhabitants)
        os.utime(folder, (time.time() - age,) * 2)

    assert [group.folders[0].name for group in stray_groups(tmp_path)] == ["abandoned"]


SHARED = SandboxSpec("worker", 128, 512, processors=0.25)


def test_a_share_of_a_processor_has_a_folder_of_its_own_in_the_old_layout(tmp_path):
    group = make_group("abc", SHARED, tmp_path)

    assert group is not None
    assert group.doors[2] == f"{tmp_path}/cpu/holdover/abc/cgroup.procs"


def test_a_share_of_a_processor_opens_its_controller_in_the_new_layout(tmp_path):
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids")
    make_group("abc", SHARED, tmp_path)

    assert (tmp_path / "holdover" / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"


def test_what_is_counted_can_be_seen_inside_where_a_container_would_show_it(tmp_path):
    old = make_group("abc", SPEC, tmp_path)
    assert old is not None
    assert old.views == {name: f"{tmp_path}/{name}/holdover/abc" for name in ("memory", "pids")}

    (tmp_path / "cgroup.controllers").write_text("memory pids")
    new = make_group("def", SPEC, tmp_path)
    assert new is not None
    assert new.views == {"": f"{tmp_path}/holdover/def"}
