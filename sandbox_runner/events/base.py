"""What every record of the event log is made from, and the words that several of them use. Pure."""

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
    """Frozen, and nothing in it that its version does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
