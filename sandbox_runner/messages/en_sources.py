"""English for code that came from a folder or a zip. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

SOURCES: Final = {
    "left-out-folder": "Left out: {name}{files:| (1 file)| ({files} files)}.",
    "left-out-hidden": "Left out: {files:1 hidden file|{files} hidden files} ({names}{more:|, and 1 more|, and {more} more}).",
    "left-out-links": "Left out: {files:1 link or device|{files} links or devices} ({names}{more:|, and 1 more|, and {more} more}).",
    "no-handler-found": "No function in it looks like a handler; {handler} is used.",
    "left-out-large": (
        "Left out because all together are too large: {files:1 file|{files} files} "
        "({names}{more:|, and 1 more|, and {more} more})."
    ),
}
