"""How each backend implements each aspect of Lambda's environment, in words for a page. Pure."""

from __future__ import annotations

from typing import Final

_EVERYWHERE: Final = {
    "network": "none but a loopback of its own; on Lambda the internet can be reached",
    "read-only-root": "yes; only /tmp can be written to",
    "shared-memory": "no /dev/shm, as on Lambda",
    "tmp": "a tmpfs of the size that was asked for, with a bounded number of files",
    "file-descriptors": "1,024 for each process, as on Lambda",
}
_CPU: Final = "not throttled unless the function asks for cpu: proportional; Lambda gives one processor for 1,769 MB"
_MEMORY: Final = "the supervisor ends what uses more than the function's memory"
_USER: Final = "uid 993 and gid 990, no capabilities, no new privileges"


def docker_fidelity() -> dict[str, str]:
    """For a container."""
    return {
        **_EVERYWHERE,
        "cpu": _CPU,
        "memory-limit": f"{_MEMORY}; the container's own limit, without swap, is behind it",
        "pids-limit": "1,024 processes and threads for each sandbox",
        "seccomp": "the engine's default filter",
        "user": f"{_USER}; the supervisor is root with three capabilities",
    }


def namespace_fidelity(*, grouped: bool, rootless: bool) -> dict[str, str]:
    """For namespaces; ``grouped``: a control group can be created; ``rootless``: nobody is root outside."""
    wall = (
        "a control group's limit, without swap, is" if grouped else "no control group can be made here, so nothing is"
    )
    whose = "for each sandbox" if grouped else "for all sandboxes of this user together"
    root = "root of a user namespace" if rootless else "root"
    return {
        **_EVERYWHERE,
        "cpu": _CPU
        if grouped
        else "never throttled, whatever the function asks for: no control group can be made here",
        "memory-limit": f"{_MEMORY}; {wall} behind it",
        "pids-limit": f"1,024 processes and threads {whose}",
        "seccomp": "none: every system call that an unprivileged user has can be made",
        "user": f"{_USER}; the supervisor is {root} with three capabilities",
    }
