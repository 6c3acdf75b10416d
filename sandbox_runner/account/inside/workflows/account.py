"""All executions of one account: begun by moto's StartExecution, moved by the host's orders, told as records.

Moto itself keeps state machines and executions by their names, and answers for them. What it plays is none: its
interpreter waits in threads and in real time.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import definition, history, tasks
from .branches import as_time
from .execution import Execution
from .functions import CHANCE
from .problems import RUNTIME, DefinitionError, StateError, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .branches import Branch

_TEXT_MAX = 2_000
# What one answer carries; the rest waits for the next order.
_ANSWER_BYTES = 4_000_000


@dataclass
class Begun:
    """An execution, with moto's own of it. ``cause`` is the seed of the order that started it."""

    arn: str
    running: Execution
    kept: Any
    cause: str
    history: history.History
    waiters: list[tuple[str, int]] = field(default_factory=list)


class Executions:
    """Those of one account. All of it is data, so that a copy of the account has it too.

    :param most: how many ``executions`` are played, and how many ``states`` are entered.
    """

    def __init__(self, call: Callable[[str, str, dict[str, Any]], tasks.Called], most: dict[str, int]) -> None:
        self._call = call
        self.most = most
        self._begun: dict[str, Begun] = {}
        self._out: deque[dict[str, Any]] = deque()
        self.cause, self.now_ms = "", 0
        self._entered, self.refused = 0, 0

    def begin(self, seed: str) -> None:
        """An order begins: what it starts was started by it, and what is drawn by chance follows from it."""
        self.cause = seed
        CHANCE.seed(seed)

    # --- what moto is asked for -----------------------------------------------------------------------------------

    def has_room(self) -> bool:
        """Whether another may be started; one that may not is counted."""
        if len(self._begun) < self.most["executions"]:
            return True
        self.refused += 1
        return False

    def start(self, kept: Any, machine: Any) -> None:
        """Begin one, unless it is known.

        :param kept: moto's execution.
        :param machine: moto's state machine.
        """
        if kept.execution_arn in self._begun:
            return
        now = round(kept.start_date.replace(tzinfo=kept.start_date.tzinfo or UTC).timestamp() * 1_000)
        given = json.loads(kept.execution_input)
        context = {
            "Execution": {
                "Id": kept.execution_arn,
                "Input": given,
                "Name": kept.name,
                "RoleArn": machine.roleArn,
                "StartTime": as_time(now),
            },
            "StateMachine": {"Id": machine.arn, "Name": machine.name},
        }
        parsed = definition.read(machine.definition)
        told = history.History(kept.execution_input, machine.roleArn, now)
        running = Execution(
            parsed,
            given,
            context,
            now_ms=now,
            perform=self._perform,
            note=self._noting(kept.execution_arn),
            spend=self._spend,
        )
        kept.status = "RUNNING"
        self._begun[kept.execution_arn] = Begun(kept.execution_arn, running, kept, self.cause, told)
        self._tell(
            "started",
            kept.execution_arn,
            machine=machine.name,
            name=kept.name,
            cause=self.cause,
            input=kept.execution_input[:_TEXT_MAX],
            graph=definition.graph(parsed),
        )

    def stop(self, arn: str, error: str, cause: str) -> None:
        """Somebody ends one."""
        if arn in self._begun:
            self._begun[arn].running.stop(error, cause)

    def events(self, arn: str) -> list[dict[str, Any]] | None:
        """The history of one; nothing where it is none."""
        return self._begun[arn].history.events if arn in self._begun else None

    def sent_back(self, token: str, result: Any = None, error: StateError | None = None) -> bool:
        """A task's token came back; returns whether anything waited for it."""
        for begun in self._begun.values():
            task = begun.running.waits_for(token)
            if task is not None:
                begun.running.done(task, result, error)
                return True
        return False

    # --- what the host is told ------------------------------------------------------------------------------------

    def advance(self, now_ms: int, done: list[dict[str, Any]]) -> dict[str, Any]:
        """Go on with everything: what the host has to do, what happened, and when to ask again.

        :param done: what became of tasks: ``execution``, ``task``, and ``body`` with ``failed``, or ``throttled``, or
            ``refused`` for one that is not played.
        """
        self.now_ms = now_ms
        for each in done:
            self._done(each)
        due = [self._advanced(each) for each in list(self._begun.values())]
        # One that ends may let another go on that waits for it.
        while any(each.running.has_work for each in self._begun.values()):
            due = [self._advanced(each) for each in list(self._begun.values())]
        told, size = [], 0
        while self._out and size < _ANSWER_BYTES:
            told.append(self._out.popleft())
            size += len(json.dumps(told[-1]))
        return {
            "told": told,
            "more": bool(self._out),
            "due_ms": min((each for each in due if each is not None), default=None),
            "running": sum(each.running.status == "RUNNING" for each in self._begun.values()),
            "refused": self.refused,
        }

    def _advanced(self, begun: Begun) -> int | None:
        if begun.running.status != "RUNNING":
            return None
        self.cause = begun.cause
        return begun.running.advance(self.now_ms)

    def _done(self, told: dict[str, Any]) -> None:
        begun = self._begun.get(str(told["execution"]))
        if begun is None:
            return
        running, task = begun.running, int(told["task"])
        if "refused" in told:
            running.fail(RUNTIME, str(told["refused"]))
            return
        error = tasks.error_of(told)
        if error is not None or not running.has_token(task):
            result = None if error else tasks.result_of(told)
            running.done(task, result, error)

    def _perform(self, running: Execution, branch: Branch, given: Any) -> tuple[Any] | None:
        begun = next(each for each in self._begun.values() if each.running is running)
        wanted = tasks.wanted(branch.state["Resource"], given)
        told = {"task": branch.task, "state": branch.at, "place": branch.place}
        begun.history.scheduled(branch, self.now_ms, wanted)
        if isinstance(wanted, tasks.Invocation):
            self._tell("invoke", begun.arn, **told, **wanted.told())
            return None
        came = self._call(wanted.service, wanted.operation, wanted.parameters)
        self._tell("called", begun.arn, **told, **wanted.told(), **came.told(_TEXT_MAX))
        if came.error is not None:
            raise came.error
        if wanted.waits_for_execution and (child := self._begun.get(str(came.result.get("ExecutionArn")))):
            child.waiters.append((begun.arn, branch.task or 0))
            return None
        return None if branch.token else (came.result,)

    def _spend(self) -> None:
        self._entered += 1
        if self._entered > self.most["states"]:
            raise StateError(RUNTIME, f"Holdover enters {self.most['states']} states in a run, and this is one more")

    def _noting(self, arn: str) -> Callable[..., None]:
        def note(what: str, branch: Branch, **told: Any) -> None:
            begun = self._begun[arn]
            begun.history.note(what, branch, self.now_ms or begun.running.now_ms, told, begun.running)
            if what == "ended":
                self._ended(begun)
                return
            cut = {name: value if name == "wait_ms" else _cut(value) for name, value in told.items()}
            self._tell(what, arn, state=branch.at, place=branch.place, **cut)

        return note

    def _ended(self, begun: Begun) -> None:
        running, kept = begun.running, begun.kept
        kept.status, kept.stop_date = (
            running.status,
            datetime.fromtimestamp(running.now_ms / 1_000, UTC).replace(tzinfo=None),
        )
        if running.status == "SUCCEEDED":
            kept.output, kept.output_details = text_of(running.output), {"included": True}
        kept.error, kept.cause = running.error or None, running.cause or None
        output = _cut(running.output) if running.status == "SUCCEEDED" else ""
        self._tell(
            "ended",
            begun.arn,
            status=running.status,
            output=output,
            error=_cut(running.error),
            cause=_cut(running.cause),
        )
        for arn, task in begun.waiters:
            error = None
            if running.status != "SUCCEEDED":
                error = StateError("States.TaskFailed", text_of({"Status": running.status, "Error": running.error}))
            result = {"ExecutionArn": begun.arn, "Status": running.status, "Output": kept.output}
            self._begun[arn].running.done(task, result, error)

    def _tell(self, what: str, arn: str, **told: Any) -> None:
        self._out.append(_well_formed({"what": what, "execution": arn, **told}))


def _well_formed(value: Any) -> Any:
    """A value without halves of characters, which JSON may have and nothing else."""
    if isinstance(value, dict):
        return {key: _well_formed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_well_formed(each) for each in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _cut(value: Any) -> str:
    return (value if isinstance(value, str) else text_of(value))[:_TEXT_MAX]


def read_or_refused(text: str) -> Iterator[str]:
    """What Step Functions says against a definition; nothing where it takes it."""
    try:
        definition.read(text)
    except DefinitionError as problem:
        yield f"Invalid State Machine Definition: '{problem}'"
