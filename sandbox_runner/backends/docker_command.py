"""Every isolation flag of a container, in one pure function. A weaker flag is a visible change here.

The result is the body of ``POST /containers/create`` of the Docker Engine API 1.41,
https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.image.volumes import volume_of
from sandbox_runner.limits import MB

from .resource_limits import (
    CORE_BYTES,
    CPU_PERIOD_US,
    DESCRIPTORS,
    HOSTNAME,
    MEMLOCK_BYTES,
    OOM_SCORE_ADJ,
    PIDS,
    STACK_BYTES,
    TASK_ROOT,
    TASK_STORE,
    cpu_quota_us,
    memory_mb,
    writable,
)

if TYPE_CHECKING:
    from .base import SandboxSpec

OWNER_LABEL: Final = "holdover.owner"
SANDBOX_LABEL: Final = "holdover.sandbox"

# The supervisor starts children under another uid and ends them; it uses no other privilege of root.
CAPABILITIES: Final = ("KILL", "SETGID", "SETUID")


def container_config(image: str, sandbox_id: str, spec: SandboxSpec, runtime: str = "") -> dict[str, Any]:
    """The configuration of a container of ``image``. ``runtime`` names an OCI runtime, such as gVisor's.

    The engine creates the volume :func:`task_volume` with it, in memory; the container's remover removes both.
    """
    return {
        "Image": image,
        "Hostname": HOSTNAME,
        "User": "0:0",
        "WorkingDir": "/",
        # A name without a value removes what the image or the engine sets.
        "Env": ["PATH", "HOSTNAME", "HOME"],
        "Labels": {OWNER_LABEL: spec.owner, SANDBOX_LABEL: sandbox_id},
        "Tty": False,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        # When the one attached connection closes, the supervisor reads end of file and ends everything.
        "OpenStdin": True,
        "StdinOnce": True,
        "NetworkDisabled": True,
        "HostConfig": _host_config(spec, sandbox_id) | _cpu(spec) | ({"Runtime": runtime} if runtime else {}),
    }


def task_volume(sandbox_id: str) -> str:
    """The name of the volume with a sandbox's function, which is also the container's name."""
    return f"holdover-{sandbox_id}"


def _host_config(spec: SandboxSpec, sandbox_id: str) -> dict[str, Any]:
    memory = memory_mb(spec) * MB
    places = writable(spec)
    task = places.pop(TASK_STORE)
    return {
        "AutoRemove": True,
        "Privileged": False,
        "ReadonlyRootfs": True,
        "NetworkMode": "none",
        # "none" gives a private namespace without /dev/shm, which Lambda does not have either.
        "IpcMode": "none",
        "CgroupnsMode": "private",
        "CapDrop": ["ALL"],
        "CapAdd": list(CAPABILITIES),
        "SecurityOpt": ["no-new-privileges"],
        "Init": False,
        "LogConfig": {"Type": "none", "Config": {}},
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "Memory": memory,
        # Equal to the memory: no swap at all.
        "MemorySwap": memory,
        "PidsLimit": PIDS,
        "OomScoreAdj": OOM_SCORE_ADJ,
        "Ulimits": [
            _limit("core", CORE_BYTES),
            _limit("memlock", MEMLOCK_BYTES),
            _limit("nofile", DESCRIPTORS),
            {"Name": "stack", "Soft": STACK_BYTES, "Hard": -1},
        ],
        "Tmpfs": {path: f"rw,exec,nosuid,nodev,{options}" for path, options in places.items()}
        # Replaces the message queues, which anyone could write to.
        | {"/dev/mqueue": "ro,noexec,nosuid,nodev,size=0k,mode=0555"},
        "Mounts": [*_task_mounts(task_volume(sandbox_id), spec.owner, task), *_shown_mounts(spec)],
    }


def _task_mounts(volume: str, owner: str, options: str) -> list[dict[str, Any]]:
    """One in-memory volume at two places. A container's own tmpfs can only be mounted once, and stays as it is."""
    memory = {"type": "tmpfs", "device": "tmpfs", "o": f"nosuid,nodev,{options}"}
    made = {"Labels": {OWNER_LABEL: owner}, "DriverConfig": {"Name": "local", "Options": memory}}
    return [
        {"Type": "volume", "Source": volume, "Target": TASK_STORE, "VolumeOptions": {"NoCopy": True, **made}},
        {
            "Type": "volume",
            "Source": volume,
            "Target": TASK_ROOT,
            "ReadOnly": True,
            "VolumeOptions": {"NoCopy": True},
        },
    ]


def _shown_mounts(spec: SandboxSpec) -> list[dict[str, Any]]:
    """Volumes that were filled before; see :mod:`sandbox_runner.image.volumes`."""
    return [
        {
            "Type": "volume",
            "Source": volume_of(folder.name),
            "Target": target,
            "ReadOnly": True,
            "VolumeOptions": {"NoCopy": True},
        }
        for target, folder in spec.shown
    ]


def _cpu(spec: SandboxSpec) -> dict[str, int]:
    if spec.processors is None:
        return {}
    return {"CpuPeriod": CPU_PERIOD_US, "CpuQuota": cpu_quota_us(spec.processors)}


def _limit(name: str, value: int) -> dict[str, str | int]:
    return {"Name": name, "Soft": value, "Hard": value}
