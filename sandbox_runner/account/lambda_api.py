"""Lambda's own API as code of a function reaches it: an invocation out of a request, and an answer out of what came.

Pure. Statuses, headers and texts: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, the texts of errors as
they were recorded in localstack/localstack, tests/aws/services/lambda_/test_lambda.snapshot.json, and of a client
context in https://github.com/boto/boto3/issues/2153.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import unquote

from sandbox_runner import limits
from sandbox_runner.account.aws_names import LAMBDA
from sandbox_runner.account.base import AwsAnswer
from sandbox_runner.account.operations import Asked, shown
from sandbox_runner.aws_place import ACCOUNT
from sandbox_runner.environment import identity
from sandbox_runner.scenario import client_context

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox_runner.account.base import AwsRequest

InvocationType: TypeAlias = Literal["RequestResponse", "Event", "DryRun"]

THROTTLED: Final = "TooManyRequestsException"
_PATH: Final = re.compile(r"/2015-03-31/functions/(?P<name>[^/?]{1,200})/invocations/?(?:\?(?P<query>.*))?")
# https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
_STREAMED: Final = re.compile(
    r"/2021-11-15/functions/(?P<name>[^/?]{1,200})/response-streaming-invocations/?(?:\?(?P<query>.*))?"
)
# A name, a partial ARN or an ARN, each perhaps with a qualifier.
_NAME: Final = re.compile(
    rf"(?:arn:aws:lambda:[a-z0-9-]+:|)(?:{ACCOUNT}:|)(?:function:|)(?P<name>[A-Za-z0-9_-]{{1,64}})(?::(?P<version>.+))?"
)
_QUALIFIER: Final = re.compile(r"(?:^|&)Qualifier=([^&]*)")
_TYPES: Final[tuple[InvocationType, ...]] = ("RequestResponse", "Event", "DryRun")


@dataclass(frozen=True, slots=True)
class Invocation:
    """What is asked for. ``payload`` is JSON, as it was sent; ``client_context`` is what the client says of itself."""

    function: str
    payload: bytes
    type: InvocationType = "RequestResponse"
    wants_log: bool = False
    is_streamed: bool = False
    client_context: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Invoked:
    """What came of it. ``log`` is the tail of its log; ``body`` the function's answer, or the service's."""

    status: int
    request_id: str = ""
    body: bytes = b""
    function_error: str = ""
    log: str | None = None
    error_type: str = ""


def asked_for(request: AwsRequest, asked: Asked) -> Asked:
    """What a request is for, to be shown: of an invocation, with its type and what is sent; else ``asked``."""
    found = _PATH.fullmatch(request.target)
    if found is None or request.method != "POST":
        return asked
    told = {
        "FunctionName": unquote(found["name"]),
        "InvocationType": request.header("x-amz-invocation-type") or _TYPES[0],
        "Payload": request.body[: 4 * limits.ACCOUNT_TEXT_CHARACTERS_MAX].decode("utf-8", "replace"),
    }
    return Asked(LAMBDA, "Invoke", shown(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")))


def invocation_of(request: AwsRequest, known: Collection[str], *, streams: bool = False) -> Invocation | AwsAnswer:
    """The invocation that a request asks for, or the service's refusal.

    :param known: the names of the functions that there are.
    :param streams: whether it may be one that is answered by a stream of events.
    """
    streamed = _STREAMED.fullmatch(request.target) if streams else None
    found = streamed or _PATH.fullmatch(request.target)
    if found is None or request.method != "POST":
        return refusal(
            501, "NotImplementedException", "Holdover answers Invoke of Lambda's API, and nothing else of it"
        )
    name = function_named(unquote(found["name"]), found["query"] or "", known)
    if isinstance(name, AwsAnswer):
        return name
    kind = request.header("x-amz-invocation-type") or _TYPES[0]
    if kind not in _TYPES:
        return refusal(400, "InvalidParameterValueException", f"Unsupported invocation type: {kind[:100]}")
    if problem := body_problem(request.body, kind):
        return problem
    wants_log = request.header("x-amz-log-type") == "Tail"
    context = None
    if written := request.header("x-amz-client-context"):
        context = client_context.of_header(written)
        if context is None:
            said = "Client context must be a valid Base64-encoded JSON object."
            return refusal(400, "InvalidRequestContentException", said)
    # It is passed on for synchronous invocations only.
    given = context if kind == "RequestResponse" else None
    return Invocation(name, request.body or b"{}", kind, wants_log, streamed is not None, given)


def function_named(written: str, query: str, known: Collection[str]) -> str | AwsAnswer:
    """The function that a name or an ARN, perhaps with a qualifier there or in the query, means; or the refusal.

    :param known: the names of the functions that there are.
    """
    named = _NAME.fullmatch(written)
    version = (named and named["version"]) or "".join(_QUALIFIER.findall(query)[:1])
    name = named["name"] if named else written[:100]
    if name in known and unquote(version) in {"", identity.VERSION}:
        return name
    arn = identity.function_arn(name) + (f":{unquote(version)[:64]}" if version else "")
    return refusal(404, "ResourceNotFoundException", f"Function not found: {arn}")


def body_problem(body: bytes, kind: InvocationType) -> AwsAnswer | None:
    """What is wrong with a payload, if anything is."""
    most = limits.ASYNC_REQUEST_BYTES_MAX if kind == "Event" else limits.REQUEST_BYTES_MAX
    if len(body) > most:
        said = f"{len(body)} byte payload is too large for the {kind} invocation type (limit {most} bytes)"
        return refusal(413, "RequestTooLargeException", said)
    try:
        json.loads(body or b"{}")
    except (ValueError, RecursionError) as problem:
        said = f"Could not parse request body into json: Could not parse payload into json: {str(problem)[:200]}"
        return refusal(400, "InvalidRequestContentException", said)
    return None


def loop_stopped(function: str) -> AwsAnswer:
    """The answer where functions call each other in a circle.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    """
    said = f"Lambda has detected a recursive loop with the function {identity.function_arn(function)} and stopped it."
    return refusal(400, "RecursiveInvocationException", said)


def refusal(status: int, error_type: str, said: str) -> AwsAnswer:
    """An error of the API's: its type stands in a header."""
    body = json.dumps({"Type": "User", "message": said}, separators=(",", ":")).encode("utf-8", "replace")
    return AwsAnswer(status, (("content-type", "application/json"), ("x-amzn-errortype", error_type)), body)


def answer_of(came: Invoked) -> AwsAnswer:
    """What the caller's SDK reads."""
    if came.error_type:
        failed = (("content-type", "application/json"), ("x-amzn-errortype", came.error_type))
        return AwsAnswer(came.status, failed, came.body)
    headers = [("content-type", "application/json"), ("x-amzn-requestid", came.request_id)]
    if came.status == 200:
        headers.append(("x-amz-executed-version", identity.VERSION))
    if came.function_error:
        headers.append(("x-amz-function-error", came.function_error))
    if came.log is not None:
        headers.append(("x-amz-log-result", base64.b64encode(came.log.encode()).decode()))
    return AwsAnswer(came.status, tuple(headers), came.body)
