"""English for what a sandbox isolates, and how it does what Lambda does. How a template is read: :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

SANDBOXES: Final = {
    "isolated-in-container": (
        "A Docker container of its own on {runtime:the {runtime} runtime|the machine's kernel}, without network, with a "
        "read-only root file system, and with user code under an unprivileged user."
    ),
    "isolated-in-namespaces": (
        "Linux namespaces on the machine's kernel ({rootless:a user namespace of its own, |}own processes, mounts, "
        "network, IPC and host name), without network, with a read-only root file system and no filter of system calls: "
        "for your own code only."
    ),
    "isolated-by-nothing": "Nothing is isolated: no sandbox was made.",
    "network-loopback-only": "none but a loopback of its own; on Lambda the internet can be reached",
    "root-read-only": "yes; only /tmp can be written to",
    "shared-memory-absent": "no /dev/shm, as on Lambda",
    "tmp-bounded": "a tmpfs of the size asked for, with a bounded number of files",
    "descriptors-bounded": "{most} for each process, as on Lambda",
    "cpu-unthrottled": (
        "not throttled unless the function asks for cpu: proportional; Lambda gives one processor for {full_mb} MB"
    ),
    "cpu-never-throttled": ("never throttled, whatever the function asks for: no control group can be made here"),
    "memory-supervised": ("the supervisor kills a function that uses more than its memory; {behind:=word}"),
    "processes-bounded": (
        "{most} processes and threads {shared:for all sandboxes of this user together|for each sandbox}"
    ),
    "system-calls-filtered": "the engine's default filter",
    "system-calls-unfiltered": "none: every system call that an unprivileged user has can be made",
    "user-unprivileged": (
        "uid {uid} and gid {gid}, no capabilities, no new privileges; the supervisor is "
        "{rootless:root of a user namespace|root} with three capabilities"
    ),
    "init-limit-changed": "{seconds} s, as the scenario asks; {lambda_s} s on Lambda",
}
SANDBOX_WORDS: Final = {
    "behind": {
        "container": "the container's own limit, without swap, is behind it",
        "group": "a control group's limit, without swap, is behind it",
        "nothing": "no control group can be made here, so nothing is behind it",
    },
    "aspect": {
        "network": "network",
        "read-only-root": "read-only root",
        "shared-memory": "shared memory",
        "tmp": "temporary files",
        "file-descriptors": "file descriptors",
        "cpu": "CPU",
        "memory-limit": "memory limit",
        "pids-limit": "process limit",
        "seccomp": "seccomp",
        "user": "user",
        "init-limit": "init limit",
    },
}
