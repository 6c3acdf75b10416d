"""The isolation of a container, in full: a weaker flag must show up as a change of this file."""

from __future__ import annotations

import pytest

from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.docker_command import container_config

SPEC = SandboxSpec(owner="worker-1", memory_mb=128, tmp_mb=512)
MEMORY = (128 + 512 + 16 + 1 + 72 + 128) * 1024 * 1024


def test_a_container_is_allowed_exactly_this():
    assert container_config("holdover-sandbox:abc", "0123", SPEC) == {
        "Image": "holdover-sandbox:abc",
        "Hostname": "sandbox",
        "User": "0:0",
        "WorkingDir": "/",
        "Env": ["PATH", "HOSTNAME", "HOME"],
        "Labels": {"holdover.owner": "worker-1", "holdover.sandbox": "0123"},
        "Tty": False,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "OpenStdin": True,
        "StdinOnce": True,
        "NetworkDisabled": True,
        "HostConfig": {
            "AutoRemove": True,
            "Privileged": False,
            "ReadonlyRootfs": True,
            "NetworkMode": "none",
            "IpcMode": "none",
            "CgroupnsMode": "private",
            "CapDrop": ["ALL"],
            "CapAdd": ["KILL", "SETGID", "SETUID"],
            "SecurityOpt": ["no-new-privileges"],
            "Init": False,
            "LogConfig": {"Type": "none", "Config": {}},
            "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
            "Memory": MEMORY,
            "MemorySwap": MEMORY,
            "PidsLimit": 1025,
            "OomScoreAdj": 500,
            "Ulimits": [
                {"Name": "core", "Soft": 1, "Hard": 1},
                {"Name": "memlock", "Soft": 65536, "Hard": 65536},
                {"Name": "nofile", "Soft": 4096, "Hard": 4096},
                {"Name": "stack", "Soft": 8 * 1024 * 1024, "Hard": -1},
            ],
            "Tmpfs": {
                "/tmp": "rw,exec,nosuid,nodev,size=524288k,nr_inodes=32768,mode=1777",
                "/run": "rw,exec,nosuid,nodev,size=1024k,nr_inodes=256,mode=0755",
                "/run/store": "rw,exec,nosuid,nodev,size=4k,nr_inodes=2,mode=0700",
                "/dev/mqueue": "ro,noexec,nosuid,nodev,size=0k,mode=0555",
            },
            "Mounts": [
                {
                    "Type": "volume",
                    "Source": "holdover-0123",
                    "Target": "/run/store/task",
                    "VolumeOptions": {
                        "NoCopy": True,
                        "Labels": {"holdover.owner": "worker-1"},
                        "DriverConfig": {
                            "Name": "local",
                            "Options": {
                                "type": "tmpfs",
                                "device": "tmpfs",
                                "o": "nosuid,nodev,size=16384k,nr_inodes=4096,mode=0755",
                            },
                        },
                    },
                },
                {
                    "Type": "volume",
                    "Source": "holdover-0123",
                    "Target": "/var/task",
                    "ReadOnly": True,
                    "VolumeOptions": {"NoCopy": True},
                },
            ],
        },
    }


def test_another_runtime_is_named_only_where_one_was_asked_for():
    assert container_config("i", "s", SPEC, runtime="runsc")["HostConfig"]["Runtime"] == "runsc"


@pytest.mark.parametrize(("memory_mb", "tmp_mb"), [(128, 512), (1769, 512), (10_240, 10_240)])
def test_a_full_tmp_leaves_the_function_its_memory(memory_mb, tmp_mb):
    limit = container_config("i", "s", SandboxSpec("o", memory_mb, tmp_mb))["HostConfig"]["Memory"]

    assert limit - tmp_mb * 1024 * 1024 > memory_mb * 1024 * 1024


def test_a_share_of_a_processor_is_given_in_small_pieces():
    host = container_config("i", "s", SandboxSpec("o", 128, 512, processors=128 / 1769))["HostConfig"]

    assert (host["CpuPeriod"], host["CpuQuota"]) == (20_000, 1_447)
