"""Which of AWS's services an account has, by which names they are reached, and what each is called. Pure.

None of them starts a container. Lambda is the emulator's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Service:
    """One service. Its key in :data:`SERVICES` is botocore's name for it.

    :ivar moto: moto's name for it.
    :ivar labels: the parts of host names that mean it, see botocore's endpoints.json.
    :ivar signing: its name in signatures, where that is not its label.
    :ivar loaded_by: an operation that changes nothing; whatever is loaded once is loaded by it.
    """

    moto: str
    labels: tuple[str, ...]
    loaded_by: tuple[str, Mapping[str, Any]]
    signing: str = ""


SERVICES: Final[Mapping[str, Service]] = {
    "cloudwatch": Service("cloudwatch", ("monitoring",), ("ListMetrics", {})),
    "cognito-idp": Service("cognitoidp", ("cognito-idp",), ("ListUserPools", {"MaxResults": 1})),
    "dynamodb": Service("dynamodb", ("dynamodb", "ddb"), ("ListTables", {})),
    "dynamodbstreams": Service("dynamodbstreams", (), ("ListStreams", {})),
    "events": Service("events", ("events",), ("ListEventBuses", {})),
    "firehose": Service("firehose", ("firehose",), ("ListDeliveryStreams", {})),
    "iam": Service("iam", ("iam",), ("ListRoles", {})),
    "kinesis": Service("kinesis", ("kinesis",), ("ListStreams", {})),
    "kms": Service("kms", ("kms",), ("ListKeys", {})),
    "logs": Service("logs", ("logs",), ("DescribeLogGroups", {})),
    "s3": Service("s3", ("s3",), ("ListBuckets", {})),
    "scheduler": Service("scheduler", ("scheduler",), ("ListSchedules", {})),
    "secretsmanager": Service("secretsmanager", ("secretsmanager",), ("ListSecrets", {})),
    "ses": Service("ses", ("email",), ("ListIdentities", {}), signing="ses"),
    "sesv2": Service("sesv2", (), ("ListEmailIdentities", {})),
    "sns": Service("sns", ("sns",), ("ListTopics", {})),
    "sqs": Service("sqs", ("sqs", "queue"), ("ListQueues", {})),
    # Not one that lists: that would load AWS's public parameters, 140 MB of them.
    "ssm": Service("ssm", ("ssm",), ("GetParameter", {"Name": "none"})),
    "stepfunctions": Service("stepfunctions", ("states",), ("ListStateMachines", {})),
    "sts": Service("sts", ("sts",), ("GetCallerIdentity", {})),
}

LAMBDA: Final = "lambda"

_LABELS: Final = {**{name: each.labels for name, each in SERVICES.items()}, LAMBDA: (LAMBDA,)}
_LABEL_OF: Final = {label: name for name, labels in _LABELS.items() for label in labels}
_SIGNED_AS: Final = {each.signing or each.labels[0]: name for name, each in SERVICES.items() if each.labels} | {
    LAMBDA: LAMBDA
}


def names(offered: Iterable[str]) -> str:
    """The host names of services, ``BUCKET.s3.REGION.amazonaws.com`` and the like, as an expression in lower case."""
    labels = "|".join(re.escape(label) for name in offered for label in _LABELS[name]) or "(?!)"
    return rf"(?:[a-z0-9_-]+\.)*(?:{labels})(?:[.-][a-z0-9-]+){{0,3}}\.(?:amazonaws\.com|api\.aws)"


_NAME: Final = re.compile(names(_LABELS))


def is_reached_as(host: str) -> bool:
    """Whether it is a name of one of the services."""
    return _NAME.fullmatch(host.lower()) is not None


def of_host(host: str) -> str:
    """The service that is reached under a host name; empty for none of them."""
    labels = host.lower().partition(":")[0].removesuffix(".amazonaws.com").removesuffix(".api.aws").split(".")
    for label in reversed(labels):
        for known, name in _LABEL_OF.items():
            if label == known or (known == "s3" and label.startswith("s3-")):
                return name
    return ""


def of_signature(scope: str) -> str:
    """The service that a signature is for; empty for none of them."""
    return _SIGNED_AS.get(scope.lower(), "")
