"""The codes of what stands around the rest where a result is written as text. Pure."""

from __future__ import annotations

from typing import Any, Final

from sandbox_runner.messages.parameter_types import Inner, Who, Word

REPORT: Final[dict[str, dict[str, Any]]] = {
    # What stands around the rest where a result is written as text.
    "report-finding": {"number": int, "grade": Word, "severity": Word, "confidence": Word},
    "report-judged": {"grade": Word, "severity": Word, "confidence": Word},
    "report-carrier": {"place": str, "root": Word, "confirmed": bool},
    "report-pair": {"reader": Who, "path": str, "confidence": Word},
    "report-pair-of": {"reader": Who, "writer": Who, "leaf": str, "path": str, "confidence": Word},
    "report-more-pairs": {"more": int},
    "report-source": {"role": Word, "file": str, "line": int},
    "report-evidence": {"oracle": Word, "path": str, "form": Word},
    "report-nothing": {},
    "report-check": {"oracle": Word, "done": bool},
    "report-proof": {"replays": int, "most": int, "seconds": float, "seconds_max": float},
    "report-no-proof": {},
    "report-sandbox": {"backend": str, "isolation": Inner},
    "report-stand-in": {"runtime": str, "label": str},
    "report-compressed": {},
    "report-not-tried": {},
    "report-cut": {"size": str},
    "report-summary": {"scenarios": int, "fail_on": str, "failed": int, "missing": int},
    "report-played": {},
    "report-ended-before": {},
    "report-no-reader": {"number": int, "kind": Word, "place": str},
    "report-fingerprint": {"fingerprint": str},
}
