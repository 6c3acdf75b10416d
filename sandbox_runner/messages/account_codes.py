"""The codes of what is said of an account: AWS's services beside the functions. Pure."""

from __future__ import annotations

from typing import Any, Final

from sandbox_runner.messages.parameter_types import Field, Who, Word

ACCOUNT_PROBLEM: Final[dict[str, dict[str, Any]]] = {
    # Why a scenario's account cannot be made as it is written.
    "service-unknown": {"field": Field, "value": str, "nearest": str, "known": list[str]},
    "operation-unknown": {"field": Field, "service": str, "value": str, "nearest": str},
    "resource-form": {"field": Field},
    "resources-without-services": {"field": Field, "other": Field},
    "call-without-account": {"field": Field, "operation": str, "other": Field},
    # Why the messages of a queue cannot be sent to a function as a scenario asks.
    "mapping-not-played": {"field": Field, "known": list[str]},
    "mapping-of-nothing": {"field": Field, "queue": str},
    "mapping-twice": {"field": Field, "source": str, "function": str},
    "mapping-of-no-stream": {"field": Field, "arn": str},
    "mapping-start": {"field": Field, "value": str, "known": list[str]},
    "mapping-needs-window": {"field": Field, "size": int},
    "mapping-filters": {"field": Field, "count": int, "most": int},
    "mapping-filter": {"field": Field, "said": str},
    "mapping-elsewhere": {"field": Field, "region": str, "own": str},
    "region-unknown": {"field": Field, "value": str, "nearest": str},
    "mapping-visibility": {"field": Field, "visibility": int, "timeout": int},
    # Only what is not published is played.
    "qualifier-not-played": {"field": Field, "value": str, "function": str},
    # Something is sent to, or comes from, a service that the account has not.
    "receiver-without-service": {"field": Field, "service": Word, "value": str, "other": Field},
}

ACCOUNT: Final[dict[str, dict[str, Any]]] = {
    # A service refused, in its own words.
    "resource-refused": {"field": str, "operation": str, "said": str},
}

ACCOUNT_STEP: Final[dict[str, dict[str, Any]]] = {
    # By a caller outside the functions; ``principal`` is empty where nobody said who.
    "step-call": {"operation": str, "principal": str}
}

# Why replays ended.
ACCOUNT_STOPPED: Final[dict[str, dict[str, Any]]] = {"account-not-kept": {"moments": int}}

ACCOUNT_FAILURE: Final[dict[str, dict[str, Any]]] = {"account-lost": {"detail": str}}

PASSAGE: Final[dict[str, dict[str, Any]]] = {
    # Somebody got what another had stored in a service, with which two operations.
    "came-by-service": {
        "reader": Who,
        "writer": Who,
        "leaf": str,
        "value": str,
        "in_log": bool,
        "service": Word,
        "thing": Word,
        "name": str,
        "key": str,
        "stored": str,
        "read": str,
    },
    # Somebody got it with the answer of a function that was called for the writer too.
    "came-by-function": {
        "reader": Who,
        "writer": Who,
        "leaf": str,
        "value": str,
        "in_log": bool,
        "name": str,
    },
    # Whether it is there with the account as it was before the writer.
    "gone-before": {"writer": Who},
    "there-before": {"writer": Who},
}

ACCOUNT_VERDICT: Final[dict[str, dict[str, Any]]] = {
    # Answers match, and so many values came by way of services.
    "came-by-services": {"compared": int, "answers": int, "values": int}
}

ACCOUNT_CHECK: Final[dict[str, dict[str, Any]]] = {
    "passages-found": {"calls": int, "passages": int, "replays": int, "proven": int}
}

ACCOUNT_CONDITION: Final[dict[str, dict[str, Any]]] = {"account-before": {"request": int}}

# As they are called in every language.
SERVICE_NAMES: Final = {
    "cloudwatch": "CloudWatch",
    "cognito-idp": "Cognito",
    "dynamodb": "DynamoDB",
    "dynamodbstreams": "DynamoDB Streams",
    "events": "EventBridge",
    "firehose": "Firehose",
    "iam": "IAM",
    "kinesis": "Kinesis",
    "kms": "KMS",
    "lambda": "Lambda",
    "logs": "CloudWatch Logs",
    "s3": "S3",
    "scheduler": "EventBridge Scheduler",
    "secretsmanager": "Secrets Manager",
    "ses": "SES",
    "sesv2": "SES",
    "sns": "SNS",
    "sqs": "SQS",
    "ssm": "SSM",
    "stepfunctions": "Step Functions",
    "sts": "STS",
}
