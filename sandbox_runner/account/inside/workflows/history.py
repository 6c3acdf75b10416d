"""An execution's history as GetExecutionHistory tells it.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .problems import text_of
from .tasks import Invocation

if TYPE_CHECKING:
    from .branches import Branch
    from .execution import Execution
    from .tasks import Call

_ENDS = {
    "SUCCEEDED": ("ExecutionSucceeded", "executionSucceededEventDetails"),
    "FAILED": ("ExecutionFailed", "executionFailedEventDetails"),
    "TIMED_OUT": ("ExecutionTimedOut", "executionTimedOutEventDetails"),
    "ABORTED": ("ExecutionAborted", "executionAbortedEventDetails"),
}
_WHOLE = {"truncated": False}
# Of one execution's inputs, outputs and causes; the rest is left out.
_CHARACTERS_MAX = 4_000_000


class History:
    """The events of one execution."""

    def __init__(self, given: str, role: str, at_ms: int) -> None:
        self.events: list[dict[str, Any]] = []
        self._left = _CHARACTERS_MAX
        self._add(
            None, at_ms, "ExecutionStarted", "executionStartedEventDetails",
            {"input": given, "inputDetails": _WHOLE, "roleArn": role},
        )  # fmt: skip

    def note(self, what: str, branch: Branch, at_ms: int, told: dict[str, Any], running: Execution) -> None:
        """Something happened in a branch."""
        kind = branch.state["Type"]
        if what == "entered":
            details = {"name": branch.at, "input": text_of(told["input"]), "inputDetails": _WHOLE}
            self._add(branch, at_ms, f"{kind}StateEntered", "stateEnteredEventDetails", details)
        elif what == "exited":
            if kind == "Task" and not self._has_failed(branch):
                self._of_task(branch, at_ms, "Succeeded", {"output": text_of(told["output"]), "outputDetails": _WHOLE})
            details = {"name": branch.at, "output": text_of(told["output"]), "outputDetails": _WHOLE}
            self._add(branch, at_ms, f"{kind}StateExited", "stateExitedEventDetails", details)
        elif what in {"retried", "caught", "failed"} and kind == "Task":
            self._of_task(branch, at_ms, "Failed", {"error": told["error"], "cause": told["cause"]})
        elif what in {"retried", "caught", "failed"} and kind in {"Map", "Parallel"}:
            self._add(branch, at_ms, f"{kind}StateFailed", "", {})
        elif what == "ended":
            self._ended(branch, at_ms, running)

    def scheduled(self, branch: Branch, at_ms: int, wanted: Invocation | Call) -> None:
        """A task begins."""
        if isinstance(wanted, Invocation) and wanted.is_direct:
            details: dict[str, Any] = {"resource": wanted.function, "input": wanted.payload, "inputDetails": _WHOLE}
            self._add(branch, at_ms, "LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails", details)
            self._add(branch, at_ms, "LambdaFunctionStarted", "", {})
            return
        told = wanted.told()
        details = {**_resource(branch), "region": "us-east-1", "parameters": told.get("parameters") or told["payload"]}
        self._add(branch, at_ms, "TaskScheduled", "taskScheduledEventDetails", details)
        self._add(branch, at_ms, "TaskStarted", "taskStartedEventDetails", _resource(branch))

    def _of_task(self, branch: Branch, at_ms: int, how: str, details: dict[str, Any]) -> None:
        if branch.state["Resource"].startswith("arn:aws:lambda:"):
            self._add(branch, at_ms, f"LambdaFunction{how}", f"lambdaFunction{how}EventDetails", details)
        else:
            self._add(branch, at_ms, f"Task{how}", f"task{how}EventDetails", {**_resource(branch), **details})

    def _has_failed(self, branch: Branch) -> bool:
        """Whether that is the last that is known of it: then it goes on where it was caught."""
        return branch.last_event > 0 and self.events[branch.last_event - 1]["type"].endswith("Failed")

    def _ended(self, branch: Branch, at_ms: int, running: Execution) -> None:
        kind, field = _ENDS[running.status]
        if running.status == "SUCCEEDED":
            details: dict[str, Any] = {"output": text_of(running.output), "outputDetails": _WHOLE}
        else:
            details = {"error": running.error, "cause": running.cause}
        self._add(branch, at_ms, kind, field, details)

    def _add(self, branch: Branch | None, at_ms: int, kind: str, field: str, details: dict[str, Any]) -> None:
        number, before = len(self.events) + 1, 0 if branch is None else self._before(branch)
        at = datetime.fromtimestamp(at_ms / 1_000, UTC)
        self._left -= sum(len(each) for each in details.values() if isinstance(each, str))
        if self._left < 0:
            details = {key: "" if isinstance(each, str) and key != "name" else each for key, each in details.items()}
        event = {"timestamp": at, "type": kind, "id": number, "previousEventId": before}
        self.events.append({**event, **({field: details} if field else {})})
        if branch is not None:
            branch.last_event = number

    def _before(self, branch: Branch) -> int:
        """The last event of the branch, or of the one that it is inside of."""
        around: Branch | None = branch
        while around is not None:
            if around.last_event:
                return around.last_event
            around = around.parent
        return min(1, len(self.events))


def _resource(branch: Branch) -> dict[str, str]:
    kind, _, name = branch.state["Resource"].removeprefix("arn:aws:states:::").rpartition(":")
    return {"resourceType": kind, "resource": name}
