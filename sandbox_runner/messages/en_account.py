"""English: what is said of an account."""

from __future__ import annotations

from typing import Final

ACCOUNT: Final = {
    "service-unknown": "{field:=field}: {value} is no service that an account has here; {nearest:did you mean {nearest}?|there are {known:=all}}",
    "operation-unknown": "{field:=field}: {service} has no operation {value}; {nearest:did you mean {nearest}?|write it as boto3 does, like create_table}",
    "resource-form": "{field:=field} must be one operation with its parameters; write a service and an operation of boto3's, like sqs.create_queue",
    "resource-refused": "{field}, {operation}, was refused by the service: {said}",
    "account-not-kept": "Of the account, {moments} moments are kept for replays, and a replay needs another one.",
}
