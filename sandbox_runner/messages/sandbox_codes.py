"""The codes of what is said of a sandbox: what it isolates, and how it does what Lambda does. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Final

SANDBOX: Final[dict[str, dict[str, Any]]] = {
    # What it isolates. ``runtime``: that of the container, empty where it is the engine's default.
    "isolated-in-container": {"runtime": str},
    "isolated-in-namespaces": {"rootless": bool},
    "isolated-by-nothing": {},
    # How an aspect of Lambda's environment is done.
    "network-loopback-only": {},
    "root-read-only": {},
    "shared-memory-absent": {},
    "tmp-bounded": {},
    "descriptors-bounded": {"most": int},
    "cpu-unthrottled": {"full_mb": int},
    "cpu-never-throttled": {},
    "memory-supervised": {"behind": Annotated[str, "word"]},
    "processes-bounded": {"most": int, "shared": bool},
    "system-calls-filtered": {},
    "system-calls-unfiltered": {},
    "user-unprivileged": {"uid": int, "gid": int, "rootless": bool},
    "init-limit-changed": {"seconds": float, "lambda_s": int},
}
