"""The codes of what is said of an account: AWS's services beside the functions. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

# A field of a scenario by its dotted path, which a form has its own name for.
Field: TypeAlias = Annotated[str, "field"]

ACCOUNT_PROBLEM: Final[dict[str, dict[str, Any]]] = {
    # Why a scenario's account cannot be made as it is written.
    "service-unknown": {"field": Field, "value": str, "nearest": str, "known": list[str]},
    "operation-unknown": {"field": Field, "service": str, "value": str, "nearest": str},
    "resource-form": {"field": Field},
}

ACCOUNT: Final[dict[str, dict[str, Any]]] = {
    # A service refused, in its own words.
    "resource-refused": {"field": str, "operation": str, "said": str},
}

# Why replays ended.
ACCOUNT_STOPPED: Final[dict[str, dict[str, Any]]] = {"account-not-kept": {"moments": int}}

ACCOUNT_FAILURE: Final[dict[str, dict[str, Any]]] = {"account-lost": {"detail": str}}
