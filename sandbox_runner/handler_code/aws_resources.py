"""Which of AWS's resources a handler's code asks for, and what makes them. Pure; looks at the text, runs nothing.

Names are those that stand in the code, in the function's environment variables or as their defaults there. What cannot
be seen is guessed: a table's key is the first that the code gives, else ``id``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.limits import CODE_CHARACTERS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RESOURCES_MAX: Final = 10

_NAME: Final = r"""(?P<quoted>["'`](?P<name>[A-Za-z0-9_.\-/]{1,200})["'`])"""
_VARIABLE: Final = (
    r"""(?:os\.environ\.get|os\.getenv)\(\s*["'](?P<got>\w+)["']\s*(?:,\s*["'](?P<usual>[^"'\n]{1,200})["'])?\s*\)"""
    r"""|os\.environ\[\s*["'](?P<asked>\w+)["']\s*\]"""
    r"""|process\.env(?:\.(?P<own>\w+)|\[\s*["'](?P<listed>\w+)["']\s*\])"""
    r"""(?:\s*(?:\|\||\?\?)\s*["'`](?P<instead>[^"'`\n]{1,200})["'`])?"""
)
_CONSTANT: Final = re.compile(
    rf"^\s*(?:const |let |var |export const )?(?P<constant>\w+)\s*=\s*(?:{_NAME}|{_VARIABLE})", re.MULTILINE
)
_VALUE: Final = rf"(?:{_NAME}|{_VARIABLE}|(?P<variable>[A-Za-z_]\w*))"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How code of one service names what it asks for: ``used`` tells the service, ``named`` is before the name."""

    service: str
    used: str
    named: str


_KINDS: Final = (
    _Kind("dynamodb", r"dynamodb|DynamoDB", r"(?:\.Table\(\s*(?:table_name\s*=\s*)?|\bTableName[\"']?\s*[=:]\s*)"),
    _Kind("s3", r"""["']s3["']|client-s3|\bS3\(""", r"(?:\.Bucket\(\s*|\bBucket[\"']?\s*[=:]\s*)"),
    _Kind("sqs", r"""["']sqs["']|client-sqs|\bSQS\(""", r"(?:\bQueueName[\"']?\s*[=:]\s*|\bQueueUrl[\"']?\s*[=:]\s*)"),
    _Kind("sns", r"""["']sns["']|client-sns|\bSNS\(""", r"\bTopicArn[\"']?\s*[=:]\s*"),
    _Kind("secretsmanager", r"secretsmanager|secrets-manager|SecretsManager", r"\bSecretId[\"']?\s*[=:]\s*"),
    _Kind(
        "ssm",
        r"""["']ssm["']|client-ssm|\bSSM\(""",
        r"get_parameter\(\s*Name\s*=\s*|GetParameterCommand\(\s*\{\s*Name\s*:\s*",
    ),
    _Kind(
        "stepfunctions",
        r"""["']stepfunctions["']|client-sfn|\bStepFunctions\(""",
        r"\bstateMachineArn[\"']?\s*[=:]\s*",
    ),
)
_KEY: Final = re.compile(r"""\bKey["']?\s*[=:]\s*\{(?P<inside>[^{}]{1,300})""")
_KEY_NAME: Final = re.compile(r"""(?:^|,)\s*["']?(\w+)["']?\s*(?=[:,]|$)""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """``resources`` as a scenario's account has them; ``variables`` are those that the code asks for and nobody set."""

    resources: tuple[dict[str, dict[str, Any]], ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    services: tuple[str, ...] = ()


def wanted_by(codes: Iterable[str], environment: Mapping[str, str]) -> Wanted:
    """What code asks of AWS.

    :param codes: the text of each file, of which the first :data:`CODE_CHARACTERS_MAX` characters are looked at.
    :param environment: the function's environment variables.
    """
    code = "\n".join(text[:CODE_CHARACTERS_MAX] for text in codes)
    variables: dict[str, str] = {}
    resources: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    services: list[str] = []
    for kind in _KINDS:
        if not re.search(kind.used, code):
            continue
        services.append(kind.service)
        for name in _names(code, kind, environment, variables):
            resources.setdefault((kind.service, name), _making(kind.service, name, code))
    return Wanted(tuple(resources.values())[:RESOURCES_MAX], variables, tuple(services))


def objects_of(payloads: Iterable[object]) -> tuple[dict[str, dict[str, Any]], ...]:
    """The buckets and objects that events of S3 are about.

    Keys are URL-encoded in them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html.
    """
    found: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for record in (each for payload in payloads for each in _records(payload)):
        match record:
            case {"s3": {"bucket": {"name": str(bucket)}, "object": {"key": str(key)}}}:
                found.setdefault((bucket, ""), {"s3.create_bucket": {"Bucket": bucket}})
                put = {"Bucket": bucket, "Key": unquote_plus(key), "Body": "example"}
                found.setdefault((bucket, key), {"s3.put_object": put})
    return tuple(found.values())[:RESOURCES_MAX]


def _records(payload: object) -> Iterable[object]:
    records = payload.get("Records") if isinstance(payload, dict) else None
    return records[:RESOURCES_MAX] if isinstance(records, list) else ()


def _names(code: str, kind: _Kind, environment: Mapping[str, str], variables: dict[str, str]) -> Iterator[str]:
    constants = {each["constant"]: each for each in _CONSTANT.finditer(code)}
    for found in re.finditer(rf"(?:{kind.named}){_VALUE}", code):
        meant = constants.get(found["variable"], found) if found["variable"] else found
        if name := _name(meant, kind, environment, variables):
            yield name


def _name(found: re.Match[str], kind: _Kind, environment: Mapping[str, str], variables: dict[str, str]) -> str:
    """The name that a match stands for; a variable that nobody set gets a value, in ``variables``."""
    if found["name"]:
        return _short(found["name"])
    variable = next((found[each] for each in ("got", "asked", "own", "listed") if found[each]), None)
    if variable is None:
        return ""
    said = environment.get(variable) or found["usual"] or found["instead"]
    if said:
        return _short(said)
    parts = [part for part in variable.lower().split("_") if part and part not in _OF_ANY]
    name = "-".join(parts) or _USUAL[kind.service]
    variables[variable] = _FORMS.get(kind.service, "{}").format(name)
    return name


_OF_ANY: Final = frozenset(
    {"name", "url", "arn", "id", "table", "bucket", "queue", "topic", "secret", "dynamodb", "s3"}
)
_USUAL: Final = {
    "dynamodb": "items",
    "s3": "files",
    "sqs": "jobs",
    "sns": "news",
    "secretsmanager": "secret",
    "ssm": "parameter",
    "stepfunctions": "workflow",
}
# What a variable has for it, where that is not its name.
_FORMS: Final = {
    "sqs": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{{}}",
    "sns": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{}}",
    "stepfunctions": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{{}}",
}


def _short(name: str) -> str:
    """The name within a URL or an ARN."""
    return re.split(r"[/:]", name)[-1] if name.startswith(("https://", "arn:")) else name


def _making(service: str, name: str, code: str) -> dict[str, dict[str, Any]]:
    made: dict[str, tuple[str, dict[str, Any]]] = {
        "s3": ("s3.create_bucket", {"Bucket": name}),
        "sqs": ("sqs.create_queue", {"QueueName": name}),
        "sns": ("sns.create_topic", {"Name": name}),
        "secretsmanager": ("secretsmanager.create_secret", {"Name": name, "SecretString": "{}"}),
        "ssm": ("ssm.put_parameter", {"Name": name, "Value": "value", "Type": "String"}),
        "stepfunctions": ("stepfunctions.create_state_machine", _machine(name)),
    }
    operation, parameters = made.get(service) or ("dynamodb.create_table", _table(name, code))
    return {operation: parameters}


def _machine(name: str) -> dict[str, Any]:
    """One that gives back what it gets, for somebody to go on with."""
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    return {"name": name, "roleArn": f"arn:aws:iam::{ACCOUNT}:role/{name}", "definition": definition}


def _table(name: str, code: str) -> dict[str, Any]:
    found = _KEY.search(code)
    keys = list(dict.fromkeys(_KEY_NAME.findall(found["inside"])))[:2] if found else []
    schema = list(zip(keys or ["id"], ("HASH", "RANGE"), strict=False))
    return {
        "TableName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in schema],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key, _ in schema],
        "BillingMode": "PAY_PER_REQUEST",
    }
