"""Which event a handler's code reads, by the names of the fields it asks for. Pure; looks at the text, runs nothing.

A sign is a field that only one of AWS's events has, or that it is usual in: the shapes are those of the templates, with
their sources. What the text says in comments and strings may be taken for a field; the worst that comes of it is an
offer that nobody takes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.limits import CODE_CHARACTERS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Sign:
    """``fields`` that occur together in code for the event of ``template``; ``top`` is the event's own key for them."""

    template: str
    fields: tuple[str, ...]
    top: str


# The more certain comes first: code for an SQS queue behind SNS reads both.
SIGNS: Final = (
    Sign("custom-resource", ("ResourceProperties",), "ResourceProperties"),
    Sign("custom-resource", ("LogicalResourceId",), "LogicalResourceId"),
    Sign("cognito-pre-sign-up", ("autoConfirmUser",), "triggerSource"),
    Sign("cognito-pre-token-generation", ("claimsOverrideDetails",), "triggerSource"),
    Sign("cognito-pre-token-generation", ("claimsAndScopeOverrideDetails",), "triggerSource"),
    Sign("cognito-custom-message", ("codeParameter",), "triggerSource"),
    Sign("cognito-post-confirmation", ("userAttributes",), "request"),
    Sign("dynamodb", ("NewImage",), "Records"),
    Sign("dynamodb", ("OldImage",), "Records"),
    Sign("kinesis", ("kinesis", "Records"), "Records"),
    Sign("s3", ("s3", "Records"), "Records"),
    Sign("sqs", ("batchItemFailures", "messageId"), "Records"),
    Sign("sqs", ("receiptHandle",), "Records"),
    Sign("sqs", ("body", "Records"), "Records"),
    Sign("sns", ("Sns", "Records"), "Records"),
    Sign("eventbridge", ("detail-type",), "detail-type"),
    Sign("eventbridge", ("detail",), "detail"),
    Sign("apigateway-v1", ("httpMethod",), "httpMethod"),
    Sign("apigateway-v1", ("multiValueQueryStringParameters",), "multiValueQueryStringParameters"),
    Sign("apigateway-v1", ("multiValueHeaders",), "multiValueHeaders"),
    Sign("apigateway-v1", ("requestContext", "identity"), "requestContext"),
    Sign("apigateway-v2", ("rawPath",), "rawPath"),
    Sign("apigateway-v2", ("rawQueryString",), "rawQueryString"),
    Sign("apigateway-v2", ("routeKey",), "routeKey"),
    Sign("apigateway-v2", ("requestContext",), "requestContext"),
    Sign("apigateway-v2", ("isBase64Encoded", "body"), "body"),
    Sign("apigateway-v2", ("queryStringParameters",), "queryStringParameters"),
    Sign("apigateway-v2", ("body",), "body"),
)
# Of an object of the code's own, ``body`` says nothing: it has to be asked of the event.
_OF_THE_EVENT: Final = frozenset({"body", "detail", "userAttributes", "requestContext"})
_EVENT: Final = r"(?:event|evt|request|req|record|r|e|message|msg|input|payload)"


def read_by(codes: Iterable[str]) -> Sign | None:
    """The first sign of an event that the code of a function shows.

    :param codes: the text of each file, of which the first :data:`.CODE_CHARACTERS_MAX` characters are looked at.
    """
    texts = [code[:CODE_CHARACTERS_MAX] for code in codes]
    return next(
        (sign for sign in SIGNS if all(any(_reads(text, name) for text in texts) for name in sign.fields)), None
    )


def lacks(payload: object, sign: Sign) -> bool:
    """Whether a payload is an object without what the code asks for."""
    return isinstance(payload, dict) and sign.top not in payload


def _reads(code: str, name: str) -> bool:
    """``x.name``, ``x["name"]``, ``x.get("name"`` or ``{ name } = x``; of the event where a name is common."""
    of = rf"\b{_EVENT}" if name in _OF_THE_EVENT else ""
    access = rf"""{of}(?:\??\.\s*{name}\b|(?:\?\.)?\[\s*["']{name}["']\s*\]|\.get\(\s*["']{name}["'])"""
    taken_apart = (
        rf"""\{{[^{{}}=;]{{0,200}}\b{name}\b[^{{}}=;]{{0,200}}\}}\s*=\s*{_EVENT if name in _OF_THE_EVENT else ""}"""
    )
    return re.search(rf"{access}|{taken_apart}", code) is not None
