"""Records sent when an asynchronous request has ended: to a destination and to a dead-letter queue. Pure.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html, with the conditions as they
were recorded in localstack/localstack, tests/aws/services/lambda_/test_lambda_destinations.snapshot.json.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from sandbox_runner import limits
from sandbox_runner.environment import identity
from sandbox_runner.rules.timestamps import timestamp
from sandbox_runner.scenario.yaml_reader import DEPTH_MAX, depth
from sandbox_runner.service import admission
from sandbox_runner.untrusted_text import cut_bytes

_OK: Final = 200
_LOOP: Final = "RecursiveLoop"
# Of RecursiveInvocationException, https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html.
_LOOP_STATUS_CODE: Final = 400
_ERROR_MESSAGE_BYTES_MAX: Final = 1 * limits.KB


@dataclass(frozen=True, slots=True)
class Response:
    """The outcome of the last attempt. ``body`` is its text as stored; absent if nothing was invoked."""

    status_code: int
    body: str = ""
    function_error: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """An asynchronous request that will not be retried. ``invokes`` counts the attempts that ran.

    :ivar epoch_ms: when it ended, in service time.
    """

    function: str
    request_id: str
    payload: str
    condition: str
    invokes: int
    epoch_ms: int
    response: Response | None = None


def destination_record(ended: Ended) -> dict[str, Any]:
    """The record sent to a destination, for success and failure alike."""
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": timestamp(ended.epoch_ms * 1000),
        "requestContext": {
            "requestId": ended.request_id,
            "functionArn": f"{identity.function_arn(ended.function)}:{identity.VERSION}",
            "condition": ended.condition,
            "approximateInvokeCount": ended.invokes,
        },
        "requestPayload": json_or_text(ended.payload),
    }
    if ended.response is None:
        return record
    context: dict[str, Any] = {"statusCode": ended.response.status_code}
    if ended.response.status_code == _OK:
        context["executedVersion"] = identity.VERSION
    if ended.response.function_error:
        context["functionError"] = ended.response.function_error
    record["responseContext"] = context
    if ended.response.status_code == _OK:
        record["responsePayload"] = json_or_text(ended.response.body)
    return record


def dead_letter(ended: Ended) -> dict[str, Any]:
    """The message sent to a dead-letter queue: the original event, and the error in three attributes."""
    refused = _LOOP_STATUS_CODE if ended.condition == _LOOP else admission.STATUS_CODE
    status_code = ended.response.status_code if ended.response else refused
    return {
        "body": ended.payload,
        "messageAttributes": {
            "RequestID": {"dataType": "String", "stringValue": ended.request_id},
            "ErrorCode": {"dataType": "Number", "stringValue": str(status_code)},
            "ErrorMessage": {"dataType": "String", "stringValue": _error_message(ended)},
        },
    }


def json_or_text(text: str) -> Any:
    """Parse ``text`` as JSON; return it unchanged if it is not JSON that every reader of a result accepts."""
    try:
        value = json.loads(text)
        # Half surrogate pairs, NaN and oversized numbers have no place in stored JSON.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return text
    return text if depth(value) > DEPTH_MAX else value


def _error_message(ended: Ended) -> str:
    if ended.response is None:
        why = "it is part of a recursive loop" if ended.condition == _LOOP else "its reserved concurrency is zero"
        return f"Function not invoked: {why}"
    if ended.response.status_code == admission.STATUS_CODE:
        return "Rate Exceeded."
    answer = json_or_text(ended.response.body)
    message = answer.get("errorMessage") if isinstance(answer, dict) else None
    return cut_bytes(message.encode(), _ERROR_MESSAGE_BYTES_MAX)[0] if isinstance(message, str) else ""
