"""Which AWS service a request failed for want of, because nothing answers for it here. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from sandbox_runner.messages import cut, say
from sandbox_runner.results.model import Outcome

if TYPE_CHECKING:
    from sandbox_runner.messages import Message
    from sandbox_runner.verdict.evidence.case import Case

# As clients say it: 'Could not connect to the endpoint URL: "https://…"', and 'getaddrinfo ENOTFOUND …'.
_HOST: Final = re.compile(
    r"(?:endpoint URL: \"https?://|ENOTFOUND |EAI_AGAIN )"
    r"(?P<host>[A-Za-z0-9.-]{1,253}\.(?:amazonaws\.com|api\.aws))\b"
)
# Code may call a service in its handler, and while it loads.
_RAISED: Final = (Outcome.FUNCTION_ERROR, Outcome.INIT_ERROR)


def unreachable(case: Case) -> tuple[Message, ...]:
    """The first service that a request could not reach; nothing where none failed for that."""
    for request in case.facts.requests.values():
        if request.answer is None or request.answer.outcome not in _RAISED:
            continue
        if found := _HOST.search(_said(request.answer.response)):
            return (say("aws-unreachable", host=cut(found["host"]), known=list(case.services)),)
    return ()


def _said(response: str) -> str:
    try:
        told = json.loads(response)
    except (ValueError, RecursionError):
        return ""
    return str(told.get("errorMessage", "")) if isinstance(told, dict) else ""
