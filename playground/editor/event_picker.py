"""A request's payload from an event template: the choice that the form offers, and the row once it is filled in. Pure.

Titles are marked here and translated where they are shown; names of products stay as they are.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from playground.i18n.marking import N_, _
from sandbox_runner.event_templates import TEMPLATES, Caller, made
from sandbox_runner.scenario.parts import MadeFrom

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.editor.form_state import StepRow

Choice = tuple[str, str]
Group = tuple[str, tuple[Choice, ...]]

GROUPS: Final[tuple[Group, ...]] = (
    (
        N_("HTTP requests"),
        (
            ("apigateway-v2", N_("API Gateway, HTTP API (2.0)")),
            ("apigateway-v1", N_("API Gateway, REST API (1.0)")),
            ("function-url", N_("Function URL")),
            ("alb", "Application Load Balancer"),
        ),
    ),
    (
        N_("Messages and streams"),
        (
            ("sqs", "SQS"),
            ("sns", "SNS"),
            ("s3", "S3"),
            ("eventbridge", "EventBridge"),
            ("dynamodb", N_("DynamoDB stream")),
            ("kinesis", "Kinesis"),
        ),
    ),
    (
        N_("Cognito triggers"),
        (
            ("cognito-pre-sign-up", N_("Cognito: pre sign-up")),
            ("cognito-post-confirmation", N_("Cognito: post confirmation")),
            ("cognito-pre-token-generation", N_("Cognito: pre token generation")),
            ("cognito-custom-message", N_("Cognito: custom message")),
        ),
    ),
    (
        N_("Workflows"),
        (
            ("custom-resource", N_("CloudFormation custom resource")),
            ("step-functions", N_("Step Functions task")),
        ),
    ),
)


_TITLES: Final = {name: title for _, choices in GROUPS for name, title in choices}


def filled(row: StepRow, number: int) -> StepRow:
    """Row ``number`` with the payload of its template; with a sentence where it names none."""
    if row.template not in TEMPLATES:
        return replace(row, error=_("Choose an event template for step %(number)s first.") % {"number": number})
    known = made_from(row)
    parts = known.parts if known and known.template == row.template else {}
    caller = Caller(row.principal or f"request-{number}", number)
    try:
        payload = made({**parts, "template": row.template}, caller)
    except ValidationError:
        parts, payload = {}, made({"template": row.template}, caller)
    return replace(
        row,
        payload=json.dumps(payload, ensure_ascii=False, indent=2),
        before=row.payload,
        made_from=written(MadeFrom(template=row.template, parts=parts)),
        error="",
    )


def title_of(template: str) -> str:
    """The title of an event template for a person, translated."""
    return _(_TITLES.get(template, template))


def restored(row: StepRow, _number: int) -> StepRow:
    """The row with the payload that it had before a template filled it in."""
    return replace(row, payload=row.before, before="", made_from="", error="")


def written(origin: MadeFrom) -> str:
    """What a row has as ``made_from``."""
    return json.dumps(origin.model_dump(mode="json"))


def made_from(row: StepRow) -> MadeFrom | None:
    """What the row's payload was made from; ``None`` where it was written."""
    try:
        return MadeFrom.model_validate_json(row.made_from) if row.made_from else None
    except ValidationError:
        return None


def origin(row: StepRow) -> str:
    """The template of the payload and the parts set in it; empty where none is: the choice beside it says the rest."""
    known = made_from(row)
    if known is None or not known.parts:
        return ""
    said = {"template": title_of(known.template), "parts": ", ".join(known.parts)}
    return _("Made from %(template)s; set in it: %(parts)s.") % said


ACTIONS: Final[dict[str, Callable[[StepRow, int], StepRow]]] = {"fill-step": filled, "restore-step": restored}
"""What the row's buttons do, by the beginning of their names."""
