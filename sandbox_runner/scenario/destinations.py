"""Where Lambda sends what became of an asynchronous request: fields of a scenario, and what their ARNs name. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html: standard queues, standard topics,
functions, event buses and, on failure, buckets; a dead-letter queue is a standard queue or a standard topic. Lambda
delivers nothing to a FIFO queue or topic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from sandbox_runner.aws_place import ACCOUNT, REGION

_OWN: Final = f"{REGION}:{ACCOUNT}"
_QUEUE: Final = rf"sqs:{_OWN}:[A-Za-z0-9_-]{{1,80}}"
_TOPIC: Final = rf"sns:{_OWN}:[A-Za-z0-9_-]{{1,256}}"
_FUNCTION: Final = rf"lambda:{_OWN}:function:[A-Za-z0-9_-]{{1,64}}"
_BUS: Final = rf"events:{_OWN}:event-bus/[A-Za-z0-9._-]{{1,256}}"
_BUCKET: Final = r"s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"


def _arn(*kinds: str) -> str:
    return rf"^arn:aws:(?:{'|'.join(kinds)})$"


OnSuccess = Annotated[str, Field(pattern=_arn(_QUEUE, _TOPIC, _FUNCTION, _BUS))] | None
OnFailure = Annotated[str, Field(pattern=_arn(_QUEUE, _TOPIC, _FUNCTION, _BUS, _BUCKET))] | None
DeadLetter = Annotated[str, Field(pattern=_arn(_QUEUE, _TOPIC))] | None

_PARTS: Final = re.compile(r"arn:aws:(?P<service>[a-z0-9]+):.*?(?P<name>[^:/]+)")


@dataclass(frozen=True, slots=True)
class Destination:
    """What an ARN of these fields names."""

    arn: str

    @property
    def service(self) -> str:
        """Whose it is, by botocore's name."""
        return self._parts("service")

    @property
    def name(self) -> str:
        """The name of the queue, topic, function, event bus or bucket."""
        return self._parts("name")

    def _parts(self, which: str) -> str:
        found = _PARTS.fullmatch(self.arn)
        assert found is not None  # a field's pattern lets nothing else pass
        return found[which]
