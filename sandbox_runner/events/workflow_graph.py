"""A state machine as nodes and edges, as far as it is drawn. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_STATES_MAX = 200
_EDGES_MAX = 2_000


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GraphState(_Part):
    """One state. ``inside`` is the name of the one that it is inside of; ``says`` what a Task state calls."""

    name: str = Field(max_length=80)
    type: Literal["Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"]
    inside: str = ""
    says: str = Field(default="", max_length=200)


class GraphEdge(_Part):
    """A way from one state to another."""

    of: str
    to: str
    kind: Literal["next", "choice", "default", "catch"]


class WorkflowGraph(_Part):
    """All of them, in the order in which they were written; ``starts`` are those that are entered first."""

    states: tuple[GraphState, ...] = Field(max_length=_STATES_MAX)
    edges: tuple[GraphEdge, ...] = Field(default=(), max_length=_EDGES_MAX)
    starts: tuple[str, ...] = ()
