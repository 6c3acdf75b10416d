"""The isolation of the namespace sandbox as far as it is a plan; the contract suite tries it out."""

from __future__ import annotations

import json
import resource
from dataclasses import asdict
from pathlib import Path

from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.cgroups import ControlGroup
from sandbox_runner.backends.namespace import plan
from sandbox_runner.backends.user_namespaces import Identity

SPEC = SandboxSpec("worker-1", 128, 512)


def planned(group=None, who=None):
    return json.loads(json.dumps(asdict(plan("0123", SPEC, Path("/images/rootfs"), group, who or Identity()))))


def test_a_plan_says_exactly_this():
    assert planned(ControlGroup((Path("/sys/fs/cgroup/holdover/0123"),))) == {
        "owner": "worker-1",
        "sandbox": "0123",
        "rootfs": "/images/rootfs",
        "command": ["/usr/bin/python3", "-I", "-S", "-u", "/usr/lib/holdover/supervisor.py"],
        "hostname": "sandbox",
        "tmpfs": {
            "/tmp": "size=524288k,nr_inodes=32768,mode=1777",
            "/run": "size=1024k,nr_inodes=256,mode=0755",
            "/run/store": "size=4k,nr_inodes=2,mode=0700",
            "/run/store/task": "size=16384k,nr_inodes=4096,mode=0755",
        },
        "read_only": {"/var/task": "/run/store/task"},
        "shown": {},
        "limits": {
            "RLIMIT_CORE": [1, 1],
            "RLIMIT_MEMLOCK": [65536, 65536],
            "RLIMIT_NOFILE": [4096, 4096],
            "RLIMIT_STACK": [8 * 1024 * 1024, resource.RLIM_INFINITY],
        },
        "oom_score_adj": 500,
        "doors": ["/sys/fs/cgroup/holdover/0123/cgroup.procs"],
        "views": {"": "/sys/fs/cgroup/holdover/0123"},
        "uid_map": [],
        "gid_map": [],
    }


def test_without_a_control_group_processes_are_counted_by_user():
    assert planned()["limits"]["RLIMIT_NPROC"] == [1025, 1025]
    assert planned()["doors"] == []


def test_who_is_not_root_gets_a_user_namespace():
    who = Identity(((0, 1000, 1), (1, 100000, 65536)), ((0, 1000, 1), (1, 100000, 65536)))

    assert planned(who=who)["uid_map"] == [[0, 1000, 1], [1, 100000, 65536]]
