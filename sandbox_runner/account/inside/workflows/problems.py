"""What goes wrong in an execution, by the names that the Amazon States Language has for it."""

from __future__ import annotations

import json
from typing import Any

RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html: a state's input and output.
DATA_BYTES_MAX = 262_144
# Holdover's own, of all inputs and outputs in one account.
LEFT = {"bytes": 32 * 1_048_576}


class StateError(Exception):
    """A state fails: with the error's name and its cause."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(name, cause)
        self.name, self.cause = name, cause


class DefinitionError(Exception):
    """A state machine's definition is none. Its text begins with the code that Step Functions has for it."""


def bounded(value: Any) -> Any:
    """The value, unless it is more than a state may have. It stops to count as soon as it is.

    :raises StateError: it is, or all of an account's are more than Holdover carries.
    """
    size = 0
    for part in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        size += len(part.encode("utf-8", "replace"))
        if size > DATA_BYTES_MAX:
            raise StateError(DATA_LIMIT, f"The state's input or output is larger than {DATA_BYTES_MAX} bytes.")
    LEFT["bytes"] -= size
    if LEFT["bytes"] < 0:
        raise StateError(RUNTIME, "Holdover carries 32 MB of a run's inputs and outputs, and this is more")
    return value


def text_of(value: Any) -> str:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
