"""The base of every record in the event log, and the types several of them share. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Status = Literal["success", "failure", "error", "timeout"]
PhaseName = Literal["init", "invoke", "snap-start"]
InitializationName = Literal["on-demand", "provisioned-concurrency", "snap-start"]
CreatedBy = Literal["request", "proactive", "provisioned", "snapshot"]
EndedBy = Literal["spindown", "failure", "timeout", "run-ended"]
StartKind = Literal["cold", "warm", "provisioned", "restored", "suppressed-init", "none"]


class RecordBase(BaseModel):
    """Frozen, and without fields that its version does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
