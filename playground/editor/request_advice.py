"""What to say beside the requests of a form before they are sent: what the code expects, and equal values. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from playground.editor.event_picker import filled, title_of
from playground.editor.scenario_yaml import as_yaml
from playground.editor.to_scenario import FormError, scenario_of, variables_of
from playground.i18n.marking import language
from sandbox_runner.event_templates.recognising import lacks, read_by
from sandbox_runner.handler_code.aws_resources import objects_of, wanted_by
from sandbox_runner.messages import render
from sandbox_runner.verdict.evidence.values_alike import warning

if TYPE_CHECKING:
    from playground.editor.form_state import FormState, StepRow
    from sandbox_runner.event_templates.recognising import Sign

FILL_EVERY: Final = "fill-every-request"
"""What the button is called that gives every request the event which the code reads."""
ADD_ACCOUNT: Final = "add-aws-services"
"""And the one that adds AWS's services with what the code asks for."""
# The products' own names.
_SERVICES: Final = {
    "dynamodb": "DynamoDB",
    "s3": "S3",
    "sqs": "SQS",
    "sns": "SNS",
    "secretsmanager": "Secrets Manager",
    "ssm": "Parameter Store",
    "stepfunctions": "Step Functions",
}
_REQUESTS: Final = frozenset({"invoke", "together"})


@dataclass(frozen=True, slots=True)
class EventAdvice:
    """``steps`` are the rows, from 1, without the event of ``template`` that the code reads."""

    template: str
    title: str
    field: str
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AccountAdvice:
    """``services`` are called by the code; ``account`` and ``environment`` are the form's fields with what it needs."""

    services: str
    names: str
    account: str
    environment: str


@dataclass(frozen=True, slots=True)
class RequestAdvice:
    """``alike`` is a sentence, or empty."""

    alike: str
    event: EventAdvice | None = None
    account: AccountAdvice | None = None


def advice_on(state: FormState) -> RequestAdvice:
    """What is worth mending in the requests; the rows count for nothing beside a pasted scenario."""
    if state.scenario_text.strip():
        return RequestAdvice(_alike(state))
    return RequestAdvice(_alike(state), _event(state), _account(state))


def with_events(state: FormState) -> FormState:
    """The form whose requests all have the event that its code reads, for their callers; nothing else changes."""
    found = _event(state)
    if found is None:
        return state
    steps = [
        filled(replace(row, template=found.template), at) if at in found.steps else row
        for at, row in enumerate(state.steps, 1)
    ]
    return replace(state, steps=tuple(steps))


def with_account(state: FormState) -> FormState:
    """The form with AWS's services and the resources and variables that its code asks for; nothing else changes."""
    found = _account(state)
    return replace(state, account=found.account, environment=found.environment) if found else state


def _alike(state: FormState) -> str:
    try:
        found = warning(scenario_of(state))
    except FormError:
        return ""
    return render(found, language()) if found else ""


def _event(state: FormState) -> EventAdvice | None:
    sign = read_by(row.text for row in state.files)
    if sign is None:
        return None
    steps = tuple(at for at, row in enumerate(state.steps, 1) if row.kind in _REQUESTS and _lacks(row, sign))
    return EventAdvice(sign.template, title_of(sign.template), sign.fields[0], steps) if steps else None


def _account(state: FormState) -> AccountAdvice | None:
    if state.account.strip():
        return None
    wanted = wanted_by((row.text for row in state.files), variables_of(state.environment, {}))
    if not wanted.services:
        return None
    payloads = [_payload(row) for row in state.steps if row.kind in _REQUESTS] if "s3" in wanted.services else []
    resources = [dict(each) for each in (*wanted.resources, *objects_of(payloads))]
    names = dict.fromkeys(str(next(iter(parameters.values()))) for each in resources for parameters in each.values())
    added = [f"{name}={value}" for name, value in wanted.variables.items()]
    return AccountAdvice(
        services=", ".join(_SERVICES[each] for each in wanted.services),
        names=", ".join(names),
        account=as_yaml(resources or {"services": "auto"}),
        environment="\n".join([*state.environment.rstrip("\n").splitlines(), *added]),
    )


def _lacks(row: StepRow, sign: Sign) -> bool:
    return lacks(_payload(row), sign)


def _payload(row: StepRow) -> object:
    """What the row sends; nothing where it is no JSON yet."""
    try:
        return json.loads(row.payload or "{}")
    except (ValueError, RecursionError):
        return None
