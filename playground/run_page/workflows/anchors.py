"""Where executions are on the page of their run. Pure."""

from __future__ import annotations

import hashlib


def execution_anchor(execution: str) -> str:
    """The place of one, by its ARN."""
    return f"execution-{hashlib.sha256(execution.encode('utf-8', 'replace')).hexdigest()[:10]}"
