"""What a call to an AWS service and the place that it went to are called. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.i18n.marking import N_, _, language
from playground.text.display_text import readable
from sandbox_runner.messages import word

if TYPE_CHECKING:
    from sandbox_runner.events.account_calls import Place
    from sandbox_runner.events.records import AccountCalled

_BY_LAMBDA: Final = {
    "on-success": N_("by Lambda, to the destination on success"),
    "on-failure": N_("by Lambda, to the destination on failure"),
    "dead-letter": N_("by Lambda, to the dead-letter queue"),
    "event-source": N_("by Lambda, for the messages of a queue"),
    "sns": N_("by SNS, to send a notification"),
    "s3": N_("by S3, to send a notification"),
    "eventbridge": N_("by EventBridge, to send an event"),
    "workflow": N_("by Step Functions, for a Task state"),
}


def by_lambda(call: AccountCalled) -> str:
    """Why Lambda, or which service, called by itself; empty where a function or a caller from outside did."""
    return _(_BY_LAMBDA[call.by_lambda]) if call.by_lambda else ""


def called(call: AccountCalled) -> str:
    """``DynamoDB GetItem``."""
    return f"{word('service', readable(call.service), language())} {readable(call.operation)}"


def placed(place: Place) -> str:
    """``, table notes, id=1``, to follow what was called; empty where no place is known."""
    thing = word("thing", place.thing, language())
    parts = (f"{thing} {readable(place.name)}" if place.name else "", readable(place.key))
    return "".join(f", {part}" for part in parts if part)
