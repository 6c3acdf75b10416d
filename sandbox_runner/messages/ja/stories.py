"""日本語: what one carrier did between several requests. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

STORIES: Final = {
    "more-requests-alike": "同じことが、ほかに {requests} 件のリクエストで起きています。",
    "more-values-alike": "ほかに {values} 個の値も該当します。",
    "proven-for-all": "{all} 件のうち {proven} 件を再生で証明し、残りの代表としています。",
    "report-pair": "ほかに {reader:=number}{path:、{path}|}: {confidence:=word}",
    "report-pair-of": (
        "ほかに {reader:=number}{path:、{path}|}、{writer:=number} から{leaf: ({leaf})|}: {confidence:=word}"
    ),
    "report-more-pairs": "ほかに {more} 件",
}
