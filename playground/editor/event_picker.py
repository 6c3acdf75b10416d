"""A request's payload from an event template: the choice that the form offers, and the row once it is filled in. Pure.

Titles are marked here and translated where they are shown; names of products stay as they are.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import N_, _
from sandbox_runner.event_templates import TEMPLATES, Caller, made

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


def filled(row: StepRow, number: int) -> StepRow:
    """Row ``number`` with the payload of its template; with a sentence where it names none."""
    if row.template not in TEMPLATES:
        return replace(row, error=_("Choose an event template for step %(number)s first.") % {"number": number})
    payload = made({"template": row.template}, Caller(row.principal or f"request-{number}", number))
    return replace(row, payload=json.dumps(payload, ensure_ascii=False, indent=2), before=row.payload, error="")


def restored(row: StepRow, _number: int) -> StepRow:
    """The row with the payload that it had before a template filled it in."""
    return replace(row, payload=row.before, before="", error="")


ACTIONS: Final[dict[str, Callable[[StepRow, int], StepRow]]] = {"fill-step": filled, "restore-step": restored}
"""What the row's buttons do, by the beginning of their names."""
