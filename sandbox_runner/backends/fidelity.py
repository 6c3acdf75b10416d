"""How each backend implements each aspect of Lambda's environment. Pure."""

from __future__ import annotations

from typing import Final

from sandbox_runner.limits import (
    FILE_DESCRIPTORS_MAX,
    MEMORY_MB_PER_PROCESSOR,
    PROCESSES_AND_THREADS_MAX,
    SANDBOX_GID,
    SANDBOX_UID,
)
from sandbox_runner.messages import Message, say

_EVERYWHERE: Final = {
    "network": say("network-loopback-only"),
    "read-only-root": say("root-read-only"),
    "shared-memory": say("shared-memory-absent"),
    "tmp": say("tmp-bounded"),
    "file-descriptors": say("descriptors-bounded", most=FILE_DESCRIPTORS_MAX),
}
_CPU: Final = say("cpu-unthrottled", full_mb=MEMORY_MB_PER_PROCESSOR)


def docker_fidelity() -> dict[str, Message]:
    """For a container."""
    return {
        **_EVERYWHERE,
        "cpu": _CPU,
        "memory-limit": say("memory-supervised", behind="container"),
        "pids-limit": _processes(shared=False),
        "seccomp": say("system-calls-filtered"),
        "user": _user(rootless=False),
    }


def namespace_fidelity(*, grouped: bool, rootless: bool) -> dict[str, Message]:
    """For namespaces; ``grouped``: a control group can be created; ``rootless``: nobody is root outside."""
    return {
        **_EVERYWHERE,
        "cpu": _CPU if grouped else say("cpu-never-throttled"),
        "memory-limit": say("memory-supervised", behind="group" if grouped else "nothing"),
        "pids-limit": _processes(shared=not grouped),
        "seccomp": say("system-calls-unfiltered"),
        "user": _user(rootless=rootless),
    }


def _processes(*, shared: bool) -> Message:
    return say("processes-bounded", most=PROCESSES_AND_THREADS_MAX, shared=shared)


def _user(*, rootless: bool) -> Message:
    return say("user-unprivileged", uid=SANDBOX_UID, gid=SANDBOX_GID, rootless=rootless)
