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
    # ``nearest`` are requirements by which every package has one.
    "packages-without-wheel": {"package": str, "nearest": list[str]},
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

# Why a zip, a layer or a folder is not unpacked or taken: when a scenario is read, and before it is played.
BUNDLES: Final[dict[str, dict[str, Any]]] = {
    "file-is-folder": {"path": str, "other": str},
    "archive-too-large": {"mb": int, "most": int, "bytes": int},
    "archive-too-large-here": {"mb": int, "most": int},
    "archive-too-many-files": {"files": int, "most": int},
    "archive-unknown": {"name": str, "sha256": str},
    "archive-broken": {},
    "archive-name-not-utf-8": {},
    "archive-overlaps": {},
    "archive-encrypted": {"path": str},
    "archive-method": {"path": str},
    "archive-damaged": {"path": str},
    "bundle-unreadable": {"name": str, "reason": str},
    "bundle-changed": {"path": str},
    "bundle-path-outside": {"path": str},
    "bundle-path-unusual": {"path": str},
    "bundle-twice": {"path": str},
    "bundle-case": {"path": str, "other": str},
    "bundle-too-large": {"mb": int, "most": int, "bytes": int},
    "bundle-too-many-files": {"files": int, "most": int},
}
