"""English: what one carrier did between several requests. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

STORIES: Final = {
    "more-requests-alike": "The same happened in {requests:one more request|{requests} more requests}.",
    "more-values-alike": "{values:One more value is|{values} more values are} concerned.",
    "proven-for-all": "Replays proved {proven:one|{proven}} of these {all} cases, which {proven:stands|stand} for the rest.",
    "report-pair": "also {reader:=number}{path:, {path}|}: {confidence:=word}",
    "report-pair-of": (
        "also {reader:=number}{path:, {path}|}, from {writer:=number}{leaf: ({leaf})|}: {confidence:=word}"
    ),
    "report-more-pairs": "and {more} more",
}
