"""Which event the code reads that no request sends, which is why all of them failed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.event_templates.recognising import lacks, read_by
from sandbox_runner.messages import cut, say

if TYPE_CHECKING:
    from sandbox_runner.messages import Message
    from sandbox_runner.verdict.evidence.case import Case


def unfit_events(case: Case) -> tuple[Message, ...]:
    """The field that a function asks of its events and none of its requests has, and the template that has it."""
    requests = case.facts.requests.values()
    for name in dict.fromkeys(each.function for each in requests):
        sign = read_by(case.function(name).files.values())
        if sign and all(lacks(each.payload, sign) for each in requests if each.function == name):
            return (say("event-not-sent", field=cut(sign.fields[0]), template=sign.template),)
    return ()
