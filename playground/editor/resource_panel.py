"""The panel that writes common resources into the account of the form: a table with items, a bucket with objects. Pure.

What it writes is the YAML of the field below it, so that a person goes on there with what it has no fields for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from playground.editor.account_field import account_mapping
from playground.editor.scenario_yaml import as_yaml
from playground.editor.to_scenario import variables_of
from playground.i18n.marking import N_, _
from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.handler_code.aws_resources import wanted_by

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.editor.form_state import Fields, FormState
    from sandbox_runner.handler_code.aws_resources import Wanted

ADD_RESOURCE: Final = "add-resource"
"""What the button is called that adds what the panel's fields say."""
ADD_WANTED: Final = "add-wanted-resources"
"""And the one that adds whatever the code asks for and is not there."""
KINDS: Final = (
    ("table", N_("DynamoDB table"), N_("Items, each a JSON object on a line of its own")),
    ("bucket", N_("S3 bucket"), N_("Objects, one a line: the key, a colon, the text")),
    ("queue", N_("SQS queue"), N_("Messages, one a line")),
    ("secret", N_("Secrets Manager secret"), N_("Its value")),
    ("parameter", N_("Parameter Store parameter"), N_("Its value")),
    ("topic", N_("SNS topic"), N_("Queues that get its messages, one a line")),
)
# A person makes a start here; more is written as YAML.
CONTENTS_MAX: Final = 50
Operation = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ResourceForm:
    """The panel's fields as typed; ``error`` is a sentence, or empty, and ``said`` says what was added."""

    kind: str = "table"
    name: str = ""
    key: str = "id"
    contents: str = ""
    error: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class ResourcePanel:
    """What the page draws it from. ``wanted`` are names that the code has and the account has not."""

    form: ResourceForm
    wanted: tuple[str, ...]
    kinds: tuple[tuple[str, str, str], ...] = KINDS


class _NotWrittenError(Exception):
    """The fields do not say a resource; the text is a sentence about it."""


def read_resource(fields: Fields) -> ResourceForm:
    """What was typed into the panel."""
    kind, name, key = (fields.get(f"resource_{each}", "").strip() for each in ("kind", "name", "key"))
    return ResourceForm(kind, name, key, fields.get("resource_contents", "").replace("\r\n", "\n"))


def panel_of(state: FormState, form: ResourceForm | None = None) -> ResourcePanel:
    """The panel beside what the form holds."""
    found = _lacking(state)
    return ResourcePanel(form or ResourceForm(), tuple(dict.fromkeys(map(_name, found.resources))) if found else ())


def with_resource(state: FormState, form: ResourceForm) -> tuple[FormState, ResourceForm]:
    """The form with the resource in its account, and the panel emptied; or the panel with what is wrong in it."""
    try:
        account = _added(state.account, _operations(form))
    except _NotWrittenError as problem:
        return state, replace(form, error=str(problem))
    said = _("%(name)s was added.") % {"name": form.name}
    return replace(state, account=account), ResourceForm(form.kind, said=said)


def with_wanted(state: FormState) -> tuple[FormState, ResourceForm]:
    """The form with the resources and variables that its code asks for and that are not there."""
    found = _lacking(state)
    if found is None or not (found.resources or found.variables):
        return state, ResourceForm(said=_("The code names nothing that is not there already."))
    try:
        account = _added(state.account, found.resources)
    except _NotWrittenError as problem:
        return state, ResourceForm(error=str(problem))
    lines = [*state.environment.rstrip("\n").splitlines(), *(f"{key}={each}" for key, each in found.variables.items())]
    names = ", ".join(dict.fromkeys(map(_name, found.resources)))
    said = _("%(name)s was added.") % {"name": names} if names else ""
    return replace(state, account=account, environment="\n".join(lines)), ResourceForm(said=said)


def _lacking(state: FormState) -> Wanted | None:
    """What the code asks for without what there is; nothing while the account cannot be read."""
    errors: dict[str, str] = {}
    known = {json.dumps(each, sort_keys=True, default=str) for each in _named(state.account, errors)}
    if errors:
        return None
    found = wanted_by((row.text for row in state.files), variables_of(state.environment, {}))
    lacking = (each for each in found.resources if json.dumps([*each, _name(each)], sort_keys=True) not in known)
    return replace(found, resources=tuple(lacking))


def _named(account: str, errors: dict[str, str]) -> list[list[str]]:
    """Each operation of the account with the name that it gives."""
    resources = account_mapping(account, errors).get("account") or {}
    listed = resources.get("resources") if isinstance(resources, dict) else None
    return [
        [*each, _name(each)]
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and all(isinstance(said, dict) for said in each.values())
    ]


def _name(operation: Operation) -> str:
    """The name that an operation gives: what its first parameter says."""
    return next((str(value) for said in operation.values() for value in said.values()), "")


def _added(account: str, operations: Iterable[Operation]) -> str:
    """The account's text with more operations; a list is only added to, so that its comments stay."""
    more, errors = as_yaml(list(operations)), dict[str, str]()
    known = account_mapping(account, errors).get("account") or {}
    if errors:
        raise _NotWrittenError(_("The YAML below cannot be read; fix it first."))
    if not account.strip():
        return more
    if isinstance(known, dict) and known.keys() == {"resources"} and account.lstrip().startswith(("-", "#")):
        return f"{account.rstrip()}\n{more}"
    said = known if isinstance(known, dict) else {}
    return as_yaml({**said, "resources": [*(said.get("resources") or ()), *operations]})


def _operations(form: ResourceForm) -> list[Operation]:
    if not form.name:
        raise _NotWrittenError(_("It needs a name."))
    lines = [line for line in form.contents.split("\n") if line.strip()]
    if len(lines) > CONTENTS_MAX and form.kind not in {"secret", "parameter"}:
        raise _NotWrittenError(
            _("That is %(lines)s lines, over the %(most)s that fit here.") % {"lines": len(lines), "most": CONTENTS_MAX}
        )
    match form.kind:
        case "table":
            return _table(form, lines)
        case "bucket":
            return [{"s3.create_bucket": {"Bucket": form.name}}, *(_object(form.name, line) for line in lines)]
        case "queue":
            return _queue(form.name, lines)
        case "secret":
            return [{"secretsmanager.create_secret": {"Name": form.name, "SecretString": form.contents}}]
        case "parameter":
            return [{"ssm.put_parameter": {"Name": form.name, "Value": form.contents, "Type": "String"}}]
        case "topic":
            return [{"sns.create_topic": {"Name": form.name}}, *(_subscription(form.name, line) for line in lines)]
        case _:
            raise _NotWrittenError(_("Choose what to add."))


def _table(form: ResourceForm, lines: list[str]) -> list[Operation]:
    items = [_item(line, number) for number, line in enumerate(lines, 1)]
    keys = [key.strip() for key in form.key.split(",") if key.strip()] or ["id"]
    if len(keys) > 2:
        raise _NotWrittenError(_("A table has a partition key and at most one sort key."))
    for number, item in enumerate(items, 1):
        if lacking := next((key for key in keys if key not in item), ""):
            raise _NotWrittenError(_("Item %(number)s has no %(key)s.") % {"number": number, "key": lacking})
    first = items[0] if items else {}
    kinds = {key: "N" if isinstance(first.get(key), int | Decimal) else "S" for key in keys}
    schema = [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
    made = {
        "TableName": form.name,
        "KeySchema": schema,
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": kind} for key, kind in kinds.items()],
        "BillingMode": "PAY_PER_REQUEST",
    }
    puts = ({key: _attribute(value) for key, value in item.items()} for item in items)
    put: list[Operation] = [{"dynamodb.put_item": {"TableName": form.name, "Item": item}} for item in puts]
    return [{"dynamodb.create_table": made}, *put]


def _item(line: str, number: int) -> dict[str, Any]:
    try:
        item = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError):
        item = None
    if not isinstance(item, dict):
        raise _NotWrittenError(_("Line %(number)s is not a JSON object.") % {"number": number})
    return item


def _attribute(value: Any) -> dict[str, Any]:
    """A value with the name of its type, as DynamoDB has it.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case dict():
            return {"M": {key: _attribute(each) for key, each in value.items()}}
        case list():
            return {"L": [_attribute(each) for each in value]}
        case _:
            return {"S": value}


def _object(bucket: str, line: str) -> Operation:
    key, _colon, text = line.partition(":")
    return {"s3.put_object": {"Bucket": bucket, "Key": key.strip(), "Body": text.strip()}}


def _queue(name: str, lines: list[str]) -> list[Operation]:
    is_fifo = name.endswith(".fifo")
    made: dict[str, Any] = {"QueueName": name, **({"Attributes": {"FifoQueue": "true"}} if is_fifo else {})}
    sent: list[Operation] = [
        {"sqs.send_message": {"QueueUrl": name, "MessageBody": line, **(_in_order(at) if is_fifo else {})}}
        for at, line in enumerate(lines, 1)
    ]
    return [{"sqs.create_queue": made}, *sent]


def _in_order(number: int) -> dict[str, str]:
    """What a message of a FIFO queue says besides."""
    return {"MessageGroupId": "1", "MessageDeduplicationId": str(number)}


def _subscription(topic: str, line: str) -> Operation:
    queue = line.strip()
    arn = queue if queue.startswith("arn:") else f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"
    to = {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}", "Protocol": arn.split(":")[2], "Endpoint": arn}
    return {"sns.subscribe": to}
