"""What an account holds, as its process tells it: asked for, bounded and checked; see ``inside/holdings.py``."""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox_runner import limits
from sandbox_runner.account.base import Holdings
from sandbox_runner.aws_place import ACCOUNT
from sandbox_runner.environment.identity import blanked
from sandbox_runner.errors import ProtocolViolation
from sandbox_runner.events.records import AccountChange, HeldThing
from sandbox_runner.untrusted_text import well_formed

# Text that needs six bytes a character, with names and keys.
_BYTES_MAX: Final = 8 * limits.MB


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")

    changes: tuple[AccountChange, ...]
    changes_in_all: int
    things: tuple[HeldThing, ...]
    things_in_all: int


def order(*, whole: bool) -> dict[str, Any]:
    """The order for a look, with its bounds."""
    return {
        "do": "look",
        "account": ACCOUNT,
        "characters": limits.ACCOUNT_VALUE_CHARACTERS,
        "looked_at": limits.ACCOUNT_LOOKED_AT_MAX,
        "changes": limits.ACCOUNT_CHANGES_AT_ONCE_MAX,
        "things": limits.ACCOUNT_THINGS_MAX,
        "entries": limits.ACCOUNT_ENTRIES_MAX,
        "of_one": limits.ACCOUNT_THING_ENTRIES_MAX,
        "whole": whole,
    }


def read(body: bytes) -> Holdings:
    """What a look found.

    :raises ProtocolViolation: it is something else, or more than was asked for.
    """
    try:
        told = _Told.model_validate(_cleaned(json.loads(body))) if len(body) <= _BYTES_MAX else None
    except (ValueError, ValidationError, RecursionError):
        told = None
    if told is None or len(told.changes) > limits.ACCOUNT_CHANGES_AT_ONCE_MAX:
        raise ProtocolViolation("an account's process did not say what the account holds")
    return Holdings(told.changes, told.changes_in_all, told.things, told.things_in_all)


def _cleaned(told: Any) -> Any:
    """The same with credentials blanked and without halves of characters."""
    if isinstance(told, str):
        return blanked(well_formed(told))
    if isinstance(told, list):
        return [_cleaned(each) for each in told]
    return {key: _cleaned(each) for key, each in told.items()} if isinstance(told, dict) else told
