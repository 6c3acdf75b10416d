"""``runtimes.json``: what the image offers and how the supervisor starts each of it; pure.

The supervisor appends the handler to ``command`` and starts it in ``/var/task``. ``environment`` holds what a
managed runtime sets by itself, as recorded from the service; what belongs to one function or one environment
(names, credentials, the Runtime API's address) is the supervisor's to add.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any, Final

from .selection import selected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.runtimes.model import Runtime

INTERPRETERS: Final = "/usr/lib/lambda"

_SHARED: Final = {
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "LD_LIBRARY_PATH": (
        "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
    ),
    "LAMBDA_TASK_ROOT": "/var/task",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    "AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1:2000",
    "_AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1",
    "_AWS_XRAY_DAEMON_PORT": "2000",
    "PWD": "/var/task",
    "SHLVL": "0",
}


def manifest(runtimes: Sequence[Runtime] | None = None) -> dict[str, Any]:
    """The manifest by runtime; ``finish.py`` fills in the patch level of the system's own interpreter.

    :param runtimes: those of the image; by default the usual one's.
    """
    return {runtime.identifier: runtime.manifest_entry(_SHARED) for runtime in runtimes or selected()}


def machine() -> str:
    """The processor's name as wheels spell it: ``x86_64`` or ``aarch64``."""
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
