"""The codes of what is said of packages that functions ask for. Pure."""

from __future__ import annotations

from typing import Any, Final

DEPENDENCIES: Final[dict[str, dict[str, Any]]] = {
    # What of a manifest or a lock is not installed as it is written.
    "requirement-direct": {"path": str, "line": int, "requirement": str},
    "requirement-option": {"path": str, "line": int, "option": str},
    "requirement-malformed": {"path": str, "line": int, "requirement": str},
    "requirements-too-many": {"path": str, "count": int, "most": int},
    "manifest-unusable": {"path": str, "what": str},
    "lock-line-unusable": {"path": str, "line": int, "requirement": str},
    "lock-entry-unusable": {"path": str, "requirement": str},
    "lock-does-not-fit": {"path": str, "manifest": str, "name": str},
    # Why packages cannot be installed. ``reason`` is the resolver's own.
    "package-unknown": {"package": str, "nearest": str},
    "package-version-unknown": {"requirement": str},
    "package-without-wheel": {"package": str},
    "packages-conflict": {"reason": str},
    "package-needs-another": {"package": str, "needed": str, "found": str},
    "packages-too-large": {"bytes": int, "most": int},
    "packages-too-many-files": {"files": int, "most": int},
    "package-unsound": {"entry": str},
    "packages-took-too-long": {"seconds": int, "package": str},
    "packages-not-installed": {"reason": str},
    # ``variable`` is what the installation's operator would set; empty where he has turned it off.
    "packages-not-offered": {"path": str, "variable": str},
}
