"""AWS's services beside a function: what a call, a copy and a look take, and what five calls a request cost a run.

The call is also made to moto's own server over loopback, in turns.
"""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.figures import Ratio, heading
from benchmarks.loopback import over_loopback
from benchmarks.warm import Timed
from sandbox_runner.account.base import AwsRequest, Operation
from sandbox_runner.account.moto import MotoAnswering
from sandbox_runner.clock import SystemClock
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions, new_owner
from sandbox_runner.scenario.reader import parse_scenario

if TYPE_CHECKING:
    from sandbox_runner.account.moto import MotoAccount
    from sandbox_runner.backends.base import Backend
    from sandbox_runner.scenario.model import Scenario

GOAL: Final = 1.5
_CALLS: Final = 5
_IN_SANDBOX: Final = 50
_ITEMS: Final = 200
_KB: Final = 1024
_TABLE: Final = {
    "TableName": "users",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
_GET: Final = AwsRequest(
    "POST",
    "/",
    (
        ("Host", "dynamodb.us-east-1.amazonaws.com"),
        ("Authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/dynamodb/aws4_request"),
        ("X-Amz-Target", "DynamoDB_20120810.GetItem"),
        ("Content-Type", "application/x-amz-json-1.0"),
    ),
    b'{"TableName": "users", "Key": {"id": {"S": "1"}}}',
)
_CODE: Final = """
import time

import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    took = []
    for _ in range(event["calls"]):
        begun = time.monotonic_ns()
        client.get_item(TableName="users", Key={"id": {"S": "1"}})
        took.append((time.monotonic_ns() - begun) // 1000)
    return {"took": took if event["tell"] else [], "name": event["name"]}
"""


async def in_the_account(backend: Backend, rounds: int) -> list[str]:
    """A call, a copy and a look at an account with some items, without an environment before it; then an SDK's call."""
    answering = MotoAnswering(backend, SystemClock(), owner=new_owner())
    try:
        account = await answering.open(("dynamodb",))
        await account.call(Operation("dynamodb", "CreateTable", _TABLE), "0")
        for number in range(_ITEMS):
            item = {"id": {"S": str(number)}, "text": {"S": "x" * 100}}
            await account.call(Operation("dynamodb", "PutItem", {"TableName": "users", "Item": item}), str(number + 1))
        measured = await _measured(account, backend.name, rounds)
    finally:
        await answering.close()
    return [*measured, *await asyncio.to_thread(_against_loopback, backend.name, rounds)]


async def _measured(account: MotoAccount, name: str, rounds: int) -> list[str]:
    call, copy, look = Timed("GetItem, handed to what answers"), Timed("a copy"), Timed("a look")
    private_kb = []
    for _ in range(rounds):
        for each in (call, copy, look):
            each.begin()
        for _ in range(10):
            began = time.perf_counter_ns()
            await account.answer(_GET, "1")
            call.add((time.perf_counter_ns() - began) / 1000)
        began = time.perf_counter_ns()
        made = await account.copy()
        copy.add((time.perf_counter_ns() - began) / 1000)
        began = time.perf_counter_ns()
        await account.look(whole=True)
        look.add((time.perf_counter_ns() - began) / 1000)
        await made.answer(_GET, "1")
        private_kb.append(_private_kb(made.pid))
        await made.end()
    known = sorted(each for each in private_kb if each)
    memory = f"{known[len(known) // 2] / _KB:.1f} MB" if known else "not seen from here"
    return [
        heading(f"an account of {_ITEMS} items, {name}, {rounds} rounds in turns"),
        *(each.measured().line() for each in (call, copy, look)),
        f"  a copy that answered one call has for itself: {memory}",
    ]


def _private_kb(pid_inside: int) -> int:
    """What the youngest process with that number in a namespace of its own shares with nobody; 0 if it is not seen."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            inside = next(
                line.split()[1:] for line in (process / "status").read_text().splitlines() if line.startswith("NSpid:")
            )
            if len(inside) > 1 and int(inside[-1]) == pid_inside:
                began = int((process / "stat").read_text().rpartition(")")[2].split()[19])
                held = (process / "smaps_rollup").read_text().splitlines()
                found.append((began, sum(int(line.split()[1]) for line in held if line.startswith("Private_"))))
        except (OSError, StopIteration, ValueError, IndexError):
            continue
    return max(found, default=(0, 0))[1]


def _against_loopback(backend_name: str, rounds: int) -> list[str]:
    """A call of an SDK's inside an environment, and the same to moto's own server over loopback."""
    calls, loopback = Timed("GetItem by boto3 in a sandbox"), Timed("GetItem by boto3 to moto over loopback")
    with Engine(backend_name) as engine:
        engine.run(_scenario(1), options=RunOptions(prove=False))
        for _ in range(rounds):
            calls.begin()
            told = engine.run(_scenario(_IN_SANDBOX, tell=True), options=RunOptions(prove=False))
            for took in _took(told.invocations[-1].response):
                calls.add(took)
            loopback.begin()
            for took in asyncio.run(over_loopback(backend_name, _IN_SANDBOX, _TABLE)):
                loopback.add(took)
    return [
        heading(f"an SDK's call of a service, {backend_name}, {rounds} rounds in turns"),
        *(each.measured().line() for each in (calls, loopback)),
        Ratio(calls.measured(), loopback.measured()).line(),
    ]


def with_calls(backend_name: str, rounds: int) -> list[str]:
    """Whole runs with five calls in each request and with none."""
    without, with_five = Timed("verdict of a run without calls"), Timed("verdict of a run with five calls a request")
    with Engine(backend_name) as engine:
        engine.run(_scenario(1), options=RunOptions(prove=False))
        for _ in range(rounds):
            for timed, number in ((without, 0), (with_five, _CALLS)):
                began = time.perf_counter_ns()
                engine.run(_scenario(number))
                timed.begin()
                timed.add((time.perf_counter_ns() - began) / 1000)
    return [
        heading(f"functions that call a service, {backend_name}, {rounds} rounds in turns"),
        *(each.measured().line() for each in (without, with_five)),
        Ratio(with_five.measured(), without.measured()).line(GOAL),
    ]


def _took(response: str) -> list[float]:
    told: dict[str, Any] = json.loads(response)
    return [float(each) for each in told["took"]]


def _scenario(calls: int, *, tell: bool = False) -> Scenario:
    steps = [{"invoke": {"payload": {"calls": calls, "tell": tell, "name": name}, "as": name}} for name in ("a", "b")]
    function = {"runtime": "python3.13", "handler": "app.handler", "memory_mb": 512, "timeout_s": 60}
    resources = [
        {"dynamodb.create_table": _TABLE},
        {"dynamodb.put_item": {"TableName": "users", "Item": {"id": {"S": "1"}}}},
    ]
    return parse_scenario(
        {
            "version": 2,
            "function": {**function, "files": {"app.py": _CODE}},
            "account": {"resources": resources},
            "steps": steps,
        }
    )
