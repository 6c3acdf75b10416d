"""The scenario's account: which of AWS's services are beside the functions, and what is in them at the start. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from sandbox_runner import limits
from sandbox_runner.aws_place import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICES: Final = (
    "cloudwatch",
    "cognito-idp",
    "dynamodb",
    "dynamodbstreams",
    "events",
    "firehose",
    "iam",
    "kinesis",
    "kms",
    "logs",
    "s3",
    "scheduler",
    "secretsmanager",
    "ses",
    "sesv2",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
)
"""Those whose resources an account has, by botocore's names."""

OFFERED: Final = (*SERVICES, "lambda")
"""Those that functions reach: with the API by which they invoke each other."""


@dataclass(frozen=True, slots=True)
class ResourceOperation:
    """One operation, as it was written: ``dynamodb.create_table``."""

    written: str

    @property
    def service(self) -> str:
        """The service's name."""
        return self.written.partition(".")[0]

    @property
    def method(self) -> str:
        """The operation as boto3 names it."""
        return self.written.partition(".")[2]


class AccountCall(BaseModel):
    """One call to a service by a caller outside the functions: ``{"sqs.send_message": {…}, "as": "alice"}``.

    The operation is one of boto3's, with the parameters that it takes. ``principal`` (``as`` in a scenario) is who
    calls.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, dict[str, JsonValue]] = Field(init=False)

    principal: str | None = Field(
        default=None, alias="as", min_length=1, max_length=64, exclude_if=lambda value: value is None
    )

    @property
    def written(self) -> dict[str, dict[str, JsonValue]]:
        """What was written beside ``as``: one operation with its parameters, in a scenario that was read."""
        return self.__pydantic_extra__

    @property
    def operation(self) -> ResourceOperation:
        """The operation."""
        return ResourceOperation(next(iter(self.written)))

    @property
    def parameters(self) -> dict[str, Any]:
        """Its parameters."""
        return self.written[self.operation.written]


class CallStep(BaseModel):
    """A caller from outside calls one of the account's services."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    call: AccountCall


def _is_usual(region: str) -> bool:
    return region == REGION


class AccountSettings(BaseModel):
    """AWS's services beside the functions.

    ``services`` are all of them (``auto``), none, or those that are named. ``resources`` are operations of boto3's that
    are carried out in their order before anything runs, each with the parameters that it takes:
    ``{"sqs.create_queue": {"QueueName": "jobs"}}``. ``region`` is where these, and the calls of steps, are made: for
    code that names another region than its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    services: Literal["auto", "none"] | tuple[str, ...] = "auto"
    resources: tuple[dict[str, dict[str, JsonValue]], ...] = Field(default=(), max_length=limits.ACCOUNT_RESOURCES_MAX)
    region: str = Field(default=REGION, exclude_if=_is_usual)

    @property
    def offered(self) -> tuple[str, ...]:
        """The services that functions reach."""
        if self.services == "auto":
            return OFFERED
        return () if self.services == "none" else tuple(self.services)

    def operations(self) -> Iterator[tuple[ResourceOperation, dict[str, Any]]]:
        """Each resource's operation with its parameters."""
        for each in self.resources:
            for written, parameters in each.items():
                yield ResourceOperation(written), parameters
