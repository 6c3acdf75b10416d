"""Event logs for tests of the verdict, built by hand: what was asked, answered, replayed and walked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from sandbox_runner.events.records import (
    AccountCalled,
    Event,
    LogWritten,
    Record,
    ReplayAnswered,
    ReplayStarted,
    RequestAnswered,
    RequestArrived,
    RequestAssigned,
    RequestThrottled,
    RunStarted,
    StateCaptured,
    StateLeaf,
)
from sandbox_runner.results.model import VerdictMessage
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.verdict import Judgement, judge
from sandbox_runner.verdict.evidence.case import Case
from sandbox_runner.verdict.evidence.reading import read_facts

if TYPE_CHECKING:
    from sandbox_runner.messages import Message
    from sandbox_runner.verdict.evidence.facts import Facts

EPOCH_MS = 1_767_571_200_000
VERDICT_MESSAGES = TypeAdapter(tuple[VerdictMessage, ...])
APP = (
    "last = None\n\n\ndef handler(event, context):\n    global last\n    old = last\n    last = event\n    return old\n"
)


class BuiltRun:
    """Requests of ``(payload, principal)`` in one environment; events are added in the order of the calls."""

    def __init__(self, *requests: tuple[Any, str | None], app: str = APP, **function: Any) -> None:
        steps = [{"invoke": {"payload": payload, **({"as": who} if who else {})}} for payload, who in requests]
        code = {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": app}, **function}
        self.scenario = Scenario.model_validate({"function": code, "steps": steps})
        self.events: list[Event] = []
        self.add(RunStarted(at_epoch_ms=EPOCH_MS, backend="fake", steps=len(steps)))

    def add(self, record: Record, environment: str | None = None, request_id: str | None = None) -> BuiltRun:
        seq = len(self.events) + 1
        event = Event(
            seq=seq, at_us=seq, service_at_us=seq, environment=environment, request_id=request_id, record=record
        )
        self.events.append(event)
        return self

    def throttled(self, index: int) -> BuiltRun:
        return self.add(RequestThrottled(index=index, reason="x", body="{}"))

    def answered(
        self,
        index: int,
        response: Any,
        *,
        log: tuple[str, ...] = (),
        environment: str = "env-1",
        outcome: str = "success",
        cut: int = 0,
    ) -> BuiltRun:
        """The run's own answer; ``response`` is made JSON, ``bytes`` stay what they are."""
        text = _text(response)
        request_id = f"id-of-{index}"
        where = {"environment": environment, "request_id": request_id}
        self.add(RequestArrived(index=index, principal="", payload="", payload_bytes=0), None, request_id)
        self.add(RequestAssigned(index=index, attempt=1, start="warm"), **where)
        for line in log:
            self.add(LogWritten(stream="stdout", text=line), **where)
        return self.add(
            RequestAnswered(
                index=index,
                attempt=1,
                status_code=200,
                response=text,
                response_bytes=len(text),
                response_cut=cut,
                outcome=outcome,
            ),
            **where,
        )

    def called(self, index: int, operation: str, parameters: str = "{}", answer: str = "{}", **fields: Any) -> BuiltRun:
        """A call of a request's to DynamoDB, which it made before its answer."""
        call = AccountCalled(
            **{
                "service": "dynamodb",
                "operation": operation,
                "parameters": parameters,
                "answer": answer,
                "status_code": 200,
                "request_bytes": 2,
                "answer_bytes": 2,
                "took_us": 0,
                **fields,
            }
        )
        return self.add(call, "env-1", f"id-of-{index}")

    def replayed(
        self, *indexes: int, response: Any, round_: int = 1, log: tuple[str, ...] = (), outcome: str = "success"
    ):
        """A replay of ``indexes``; the last is answered with ``response``."""
        self.add(ReplayStarted(purpose="history", indexes=indexes, round=round_))
        record = ReplayAnswered(
            purpose="history", index=indexes[-1], round=round_, outcome=outcome, response=_text(response), log=log
        )
        return self.add(record, None, f"id-of-replay-{len(self.events)}")

    def alone(self, index: int, *responses: Any, **more: Any) -> BuiltRun:
        """One replay of ``index`` alone for each of ``responses``."""
        for number, response in enumerate(responses, start=1):
            self.replayed(index, response=response, round_=number, **more)
        return self

    def put_back(self, index: int, as_of: int, response: Any) -> BuiltRun:
        """A replay of ``index`` with the account as request ``as_of`` met it."""
        number = len(self.events)
        self.add(ReplayStarted(purpose="account", indexes=(index,), round=1, as_of=as_of, replay=number))
        record = ReplayAnswered(
            purpose="account", index=index, round=1, outcome="success", response=_text(response), replay=number
        )
        return self.add(record, None, f"id-of-replay-{number}")

    def walked(
        self,
        after_index: int,
        truncated: bool = False,
        environment: str = "env-1",
        disturbed: Message | None = None,
        **values: str,
    ) -> BuiltRun:
        """A state walk; names are those of the module's places, ``_tmp_x`` a file, ``timers.x`` a timer."""
        leaves = tuple(_leaf(name, value) for name, value in values.items())
        record = StateCaptured(
            after_index=after_index, leaves=leaves, nodes=len(leaves), truncated=truncated, disturbed=disturbed
        )
        return self.add(record, environment)

    def facts(self) -> Facts:
        """What the oracles read of it."""
        return read_facts(self.scenario, self.events)

    def case(self) -> Case:
        """What the oracles look at."""
        return Case(self.scenario, self.facts())

    def judged(self) -> Judgement:
        """The verdict, whose messages a result takes."""
        judgement = judge(self.scenario, self.events)
        assert VERDICT_MESSAGES.validate_python(judgement.messages) == judgement.messages
        return judgement


def _leaf(name: str, value: str) -> StateLeaf:
    if name.startswith("_tmp_"):
        return StateLeaf(root="tmp-file", carrier=f"/tmp/{name[5:]}", path=f"/tmp/{name[5:]}", kind="file", value=value)
    if name.startswith("timers."):
        return StateLeaf(root="node-module", carrier=name, path=f"{name}[0].arguments[0]", kind="string", value=value)
    return StateLeaf(root="python-module", carrier=f"app.{name}", path=f"app.{name}", kind="str", value=value)


def _text(response: Any) -> str:
    return response.decode() if isinstance(response, bytes) else json.dumps(response)
