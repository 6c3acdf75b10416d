"""One execution of a state machine. It moves by :meth:`Execution.advance` and by what becomes of its tasks."""

from __future__ import annotations

from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Any

from . import choices
from .branches import ATTEMPTS, SECOND_MS, WAIT_S_MAX, Branch, as_time, is_meant, pause_ms
from .definition import machines_in
from .functions import CHANCE
from .paths import found_at, put_at
from .problems import RUNTIME, StateError, bounded
from .templates import expanded

if TYPE_CHECKING:
    from collections.abc import Callable

# Holdover's own.
ITEMS_MAX = 1_000


class Execution:
    """One execution.

    :param perform: begins a task; returns its result at once, or nothing where it is to be waited for.
    :param note: told what happens, as ``note(what, branch, **told)``.
    :param spend: called before each state that is entered; fails where there were too many.
    :ivar status: ``RUNNING``, ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
    """

    def __init__(
        self,
        machine: dict[str, Any],
        given: Any,
        context: dict[str, Any],
        *,
        now_ms: int,
        perform: Callable[[Execution, Branch, Any], tuple[Any] | None],
        note: Callable[..., None],
        spend: Callable[[], None],
    ) -> None:
        self.machine, self.given, self._context = machine, given, context
        self._perform, self._note, self._spend = perform, note, spend
        self.now_ms = now_ms
        self.status, self.output, self.error, self.cause = "RUNNING", None, "", ""
        self._tasks = count(1)
        self._kinds = {
            "Pass": self._pass,
            "Choice": self._choice,
            "Wait": self._wait,
            "Succeed": self._succeed,
            "Fail": self._fail,
            "Task": self._task,
            "Parallel": self._parallel,
            "Map": self._map,
        }
        self._root = Branch(machine["States"], machine["StartAt"], given)
        self._ready: deque[Callable[[], None]] = deque([lambda: self._enter(self._root)])
        limit = machine.get("TimeoutSeconds")
        self._until_ms = now_ms + limit * SECOND_MS if limit else None

    @property
    def has_work(self) -> bool:
        """Whether it could go on now."""
        return self.status == "RUNNING" and bool(self._ready)

    # --- from outside ---------------------------------------------------------------------------------------------

    def advance(self, now_ms: int) -> int | None:
        """Go on as far as that is possible; returns when something is due by itself.

        It is data from here on: whatever waits, waits for this call or for :meth:`done`.
        """
        self.now_ms = now_ms
        while self.status == "RUNNING":
            if not self._ready:
                due = [each for each in self._branches() if each.due_ms is not None and each.due_ms <= now_ms]
                if not due:
                    break
                branch = min(due, key=lambda each: each.due_ms or 0)
                then, branch.due_ms, branch.then = branch.then, None, None
                if then is not None:
                    self._ready.append(then)
                continue
            try:
                self._ready.popleft()()
            except Exception as problem:  # noqa: BLE001 - a stranger's definition is never a failure of ours
                self.fail(RUNTIME, f"Holdover cannot play this: {type(problem).__name__}: {str(problem)[:200]}")
        if self.status == "RUNNING" and self._until_ms is not None and self._until_ms <= now_ms:
            self._end("TIMED_OUT", error="States.Timeout")
        if self.status != "RUNNING":
            return None
        moments = [each.due_ms for each in self._branches()] + [self._until_ms]
        return min((each for each in moments if each is not None), default=None)

    def done(self, task: int, result: Any = None, error: StateError | None = None) -> None:
        """A task is over: with its result, or failed. What nobody waits for any more is forgotten."""
        branch = next((each for each in self._branches() if each.task == task), None)
        if branch is None or self.status != "RUNNING":
            return
        branch.task, branch.due_ms, branch.token = None, None, ""
        if error is None:
            self._ready.append(lambda: self._tried(branch, lambda: self._finish(branch, bounded(result))))
        else:
            self._ready.append(lambda: self._failed(branch, error))

    def stop(self, error: str, cause: str) -> None:
        """End it."""
        self._end("ABORTED", error=error, cause=cause)

    def fail(self, error: str, cause: str) -> None:
        """End it: it cannot go on."""
        self._end("FAILED", error=error, cause=cause)

    def waits_for(self, token: str) -> int | None:
        """The task that waits for a token to be sent back."""
        return next((each.task for each in self._branches() if token and each.token == token), None)

    def has_token(self, task: int) -> bool:
        """Whether that task goes on until its token is sent back."""
        return any(each.task == task and each.token for each in self._branches())

    # --- states ---------------------------------------------------------------------------------------------------

    def _enter(self, branch: Branch) -> None:
        branch.entered_ms, branch.retries = self.now_ms, {}
        self._note("entered", branch, input=branch.data)
        if self._count():
            self._attempt(branch)

    def _count(self) -> bool:
        """One more state, or attempt at one; returns whether it may be."""
        try:
            self._spend()
        except StateError as problem:
            self.fail(problem.name, problem.cause)
        return self.status == "RUNNING"

    def _attempt(self, branch: Branch) -> None:
        self._tried(branch, lambda: self._kinds[branch.state["Type"]](branch))

    def _tried(self, branch: Branch, step: Callable[[], None]) -> None:
        try:
            step()
        except StateError as problem:
            self._failed(branch, problem)
        except (TypeError, ValueError, AttributeError, KeyError, OverflowError, RecursionError) as problem:
            self._failed(branch, StateError(RUNTIME, f"a field has a value of another type: {str(problem)[:200]}"))

    def _pass(self, branch: Branch) -> None:
        given = self._given(branch)
        self._finish(branch, branch.state.get("Result", given))

    def _choice(self, branch: Branch) -> None:
        given, state = self._input(branch), branch.state
        context = self.context(branch)
        following = next((each["Next"] for each in state["Choices"] if choices.holds(each, given, context)), None)
        following = following or state.get("Default")
        if following is None:
            raise StateError("States.NoChoiceMatched", "No choice matched, and there is no default.")
        self._leave(branch, self._selected(branch, "OutputPath", given), following)

    def _wait(self, branch: Branch) -> None:
        given, state = self._input(branch), branch.state
        if "Timestamp" in state or "TimestampPath" in state:
            path = state.get("TimestampPath")
            until_ms = choices.moment_ms(found_at(path, given) if path else state["Timestamp"])
            due_ms = min(until_ms, self.now_ms + SECOND_MS * WAIT_S_MAX)
        else:
            seconds = found_at(state["SecondsPath"], given) if "SecondsPath" in state else state["Seconds"]
            due_ms = self.now_ms + round(SECOND_MS * min(float(seconds), WAIT_S_MAX))
        branch.due_ms = max(due_ms, self.now_ms)
        branch.then = lambda: self._tried(
            branch, lambda: self._leave(branch, self._selected(branch, "OutputPath", given), state.get("Next"))
        )
        self._note("waits", branch, wait_ms=branch.due_ms - self.now_ms)

    def _succeed(self, branch: Branch) -> None:
        self._leave(branch, self._selected(branch, "OutputPath", self._input(branch)), None)

    def _fail(self, branch: Branch) -> None:
        state, given = branch.state, self._input(branch)
        error, cause = (
            found_at(state[f"{name}Path"], given) if f"{name}Path" in state else state.get(name, "")
            for name in ("Error", "Cause")
        )
        self._die(branch, StateError(str(error), str(cause)))

    def _task(self, branch: Branch) -> None:
        if branch.state["Resource"].endswith(".waitForTaskToken"):
            branch.token = f"{CHANCE.getrandbits(256):064x}"
        given = self._given(branch)
        limit = branch.state.get("TimeoutSeconds")
        if "TimeoutSecondsPath" in branch.state:
            limit = found_at(branch.state["TimeoutSecondsPath"], self._input(branch))
        branch.task = next(self._tasks)
        came = self._perform(self, branch, given)
        if came is not None:
            branch.task, branch.token = None, ""
            self._finish(branch, bounded(came[0]))
        elif limit:
            branch.due_ms = self.now_ms + round(SECOND_MS * float(limit))
            branch.then = lambda: self._failed(branch, StateError("States.Timeout", ""))

    def _parallel(self, branch: Branch) -> None:
        given = self._given(branch)
        inner = machines_in(branch.state)
        self._begin(
            branch, [Branch(each["States"], each["StartAt"], given, branch, at) for at, each in enumerate(inner)], 0
        )

    def _map(self, branch: Branch) -> None:
        given, state = self._input(branch), branch.state
        items = found_at(state.get("ItemsPath") or "$", given)
        if not isinstance(items, list):
            raise StateError(RUNTIME, f"Reference path '{state.get('ItemsPath', '$')}' must point to array.")
        (inner,) = machines_in(state)
        selector = state.get("ItemSelector", state.get("Parameters"))
        if len(items) > ITEMS_MAX:
            self.fail(RUNTIME, f"Holdover plays {ITEMS_MAX} items of one Map state, and these are {len(items)}")
            return
        children = []
        for number, value in enumerate(items):
            item = {"Item": {"Index": number, "Value": value}}
            data = value
            if selector is not None:
                data = bounded(expanded(selector, given, {**self.context(branch), "Map": item}))
            children.append(Branch(inner["States"], inner["StartAt"], data, branch, number, item))
        self._begin(branch, children, int(state.get("MaxConcurrency", 0)))

    # --- branches -------------------------------------------------------------------------------------------------

    def _begin(self, branch: Branch, children: list[Branch], at_once: int) -> None:
        branch.results = [None] * len(children)
        branch.children, branch.waiting = children, deque(children)
        if not children:
            self._finish(branch, [])
            return
        for _ in range(at_once or len(children)):
            self._begin_next(branch)

    def _begin_next(self, branch: Branch) -> None:
        if branch.waiting:
            child = branch.waiting.popleft()
            self._ready.append(lambda: None if child.is_over else self._enter(child))

    def _ended(self, branch: Branch, output: Any) -> None:
        branch.is_over = True
        parent = branch.parent
        if parent is None:
            self.output = output
            self._end("SUCCEEDED")
            return
        parent.results[branch.number] = output
        self._begin_next(parent)
        if all(each.is_over for each in parent.children):
            results, parent.children = parent.results, []
            self._tried(parent, lambda: self._finish(parent, results))

    def _branches(self) -> list[Branch]:
        """Those that are not over."""
        found, left = [], [self._root]
        while left:
            branch = left.pop()
            if not branch.is_over:
                found.append(branch)
                left += branch.children
        return found

    # --- how a state ends -----------------------------------------------------------------------------------------

    def _finish(self, branch: Branch, result: Any) -> None:
        state = branch.state
        if "ResultSelector" in state:
            result = bounded(expanded(state["ResultSelector"], result, self.context(branch)))
        output = put_at(state.get("ResultPath", "$"), branch.data, result)
        self._leave(branch, self._selected(branch, "OutputPath", output), state.get("Next"))

    def _leave(self, branch: Branch, output: Any, following: str | None) -> None:
        bounded(output)
        self._note("exited", branch, output=output)
        if following is None:
            self._ended(branch, output)
            return
        branch.at, branch.data = following, output
        self._ready.append(lambda: None if branch.is_over else self._enter(branch))

    def _failed(self, branch: Branch, problem: StateError) -> None:
        """A state failed: it is tried again, caught, or fails what it is inside of."""
        if branch.is_over or self.status != "RUNNING":
            return
        branch.task, branch.due_ms, branch.then, branch.token = None, None, None, ""
        self._drop(branch)
        for number, retrier in enumerate(branch.state.get("Retry", ())):
            if not is_meant(retrier, problem):
                continue
            tried = branch.retries.get(number, 0)
            if tried >= retrier.get("MaxAttempts", ATTEMPTS):
                break
            branch.retries[number] = tried + 1
            wait_ms = pause_ms(retrier, tried)
            branch.due_ms, branch.then = self.now_ms + wait_ms, lambda: self._attempt(branch)
            self._note("retried", branch, error=problem.name, cause=problem.cause, wait_ms=wait_ms)
            self._count()
            return
        for catcher in branch.state.get("Catch", ()):
            if is_meant(catcher, problem):
                self._caught(branch, catcher, problem)
                return
        self._die(branch, problem)

    def _caught(self, branch: Branch, catcher: dict[str, Any], problem: StateError) -> None:
        """A catcher takes an error; one whose own result cannot be put anywhere takes none."""
        try:
            told = {"Error": problem.name, "Cause": problem.cause}
            output = bounded(put_at(catcher.get("ResultPath", "$"), branch.data, told))
        except StateError as another:
            self._die(branch, another)
            return
        except RecursionError:
            self._die(branch, StateError(RUNTIME, "the input is nested too deeply"))
            return
        self._note("caught", branch, error=problem.name, cause=problem.cause)
        self._leave(branch, output, catcher["Next"])

    def _die(self, branch: Branch, problem: StateError) -> None:
        self._note("failed", branch, error=problem.name, cause=problem.cause)
        branch.is_over = True
        if branch.parent is None:
            self._end("FAILED", error=problem.name, cause=problem.cause)
        else:
            self._failed(branch.parent, problem)

    def _drop(self, branch: Branch) -> None:
        """What is inside of a failed state goes on no more."""
        for child in branch.children:
            if not child.is_over and child not in branch.waiting:
                self._note("aborted", child)
            child.is_over = True
            self._drop(child)
        branch.children, branch.waiting = [], deque()

    def _end(self, status: str, *, error: str = "", cause: str = "") -> None:
        if self.status == "RUNNING":
            self.status, self.error, self.cause = status, error, cause
            self._ready.clear()
            self._note("ended", self._root)

    # --- data -----------------------------------------------------------------------------------------------------

    def context(self, branch: Branch) -> dict[str, Any]:
        """The context object of a state."""
        state = {
            "Name": branch.at,
            "EnteredTime": as_time(branch.entered_ms),
            "RetryCount": sum(branch.retries.values()),
        }
        found = {**self._context, "State": state}
        around: Branch | None = branch
        while around is not None and around.item is None:
            around = around.parent
        if around is not None:
            found["Map"] = around.item
        if branch.token:
            found["Task"] = {"Token": branch.token}
        return found

    def _input(self, branch: Branch) -> Any:
        return self._selected(branch, "InputPath", branch.data)

    def _selected(self, branch: Branch, name: str, data: Any) -> Any:
        path = branch.state.get(name, "$")
        if path is None:
            return {}
        return found_at(path[1:], self.context(branch)) if path.startswith("$$") else found_at(path, data)

    def _given(self, branch: Branch) -> Any:
        """A state's input, by its template if it has one."""
        given = self._input(branch)
        if "Parameters" not in branch.state:
            return given
        return bounded(expanded(branch.state["Parameters"], given, self.context(branch)))
