"""The codes of what is said of code that came from a folder, a zip or a template. Pure."""

from __future__ import annotations

from typing import Any, Final

SOURCE: Final[dict[str, dict[str, Any]]] = {
    # What of a folder or a zip was left out, and why.
    "left-out-folder": {"name": str, "files": int},
    "left-out-hidden": {"files": int, "names": list[str], "more": int},
    "task-root-inside": {"folder": str},
    "lock-left-out": {"path": str},
    "program-not-executable": {"path": str},
    "left-out-links": {"files": int, "names": list[str], "more": int},
    "left-out-large": {"files": int, "names": list[str], "more": int},
    "left-out-untransformed": {"files": int, "names": list[str], "more": int},
    "no-handler-found": {"handler": str},
    # What of a template was not understood, or is played another way.
    "template-unreadable": {"path": str, "line": int, "detail": str},
    "template-too-large": {"path": str},
    "template-not-understood": {"place": str, "text": str},
    "template-value-unknown": {"place": str, "text": str},
    "template-setting-unknown": {"place": str, "text": str},
    "template-name-assumed": {"place": str, "name": str, "used": str},
    "manifest-made": {"path": str, "manifest": str},
    "package-added": {"package": str, "manifest": str, "runtime": str},
    "template-runtime": {"place": str, "runtime": str, "used": str},
    "template-runtime-unknown": {"place": str, "runtime": str, "bootstrap": str},
    "template-image": {"place": str},
    "built-from": {"handler": str, "path": str},
    "template-code-beside": {"place": str, "uri": str},
    "template-code-elsewhere": {"place": str, "uri": str},
}
