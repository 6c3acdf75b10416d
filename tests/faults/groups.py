"""A group: some faults at chosen moments under load, then the wait for every run, and the invariants."""

from __future__ import annotations

import contextlib
import time
import traceback
from random import Random

import httpx

from tests.faults.clients import Load
from tests.faults.keeping import wait_until
from tests.faults.setups import CannotBeDone
from tests.faults.table import Inflicted

FINAL = {"finished", "failed", "cancelled"}
DRAIN_S = 150
READY_S = 60
HEARD_S = 20
# What an answer may still say of a fault when it is over.
AFTER_S = 8.0


def play_group(setup, faults, seed, runs=4, pause_s=3.0):
    """Inflict ``faults`` one after the other under load; returns what became of it, one for each fault."""
    rng = Random(seed)
    inflicted = []
    with Load(setup, runs, rng) as load:
        with contextlib.suppress(TimeoutError):
            wait_until("a first run", lambda: load.accepted, 20)
        for fault in faults:
            time.sleep(rng.uniform(0.1, 1) * pause_s)  # chance decides the moment; nothing is waited for
            inflicted.append(_inflict(fault, setup, load, rng))
        _settle(setup, load, inflicted)
    _count_runs(setup, load, faults, inflicted)
    _count_answers(setup, load, inflicted)
    for left in setup.left_for_good():
        inflicted[-1].blame("left", left)
    if any("stuck" in each.problems or "unready" in each.problems for each in inflicted):
        _help(setup)
    return inflicted


def _inflict(fault, setup, load, rng):
    now = Inflicted(fault.name, time.monotonic())
    try:
        with setup.silence() if fault.silences else contextlib.nullcontext():
            fault.inflict(setup, load, rng)
    except CannotBeDone as why:
        now.skipped = str(why)
    except Exception:  # noqa: BLE001 - what cannot be inflicted is told with the rest
        now.blame("harness", traceback.format_exc(limit=-3))
    now.ended = time.monotonic()
    return now


def _settle(setup, load, inflicted):
    """Everybody gets the time to end, and the installation the time to be ready."""
    try:
        wait_until("ready", setup.is_ready, READY_S)
    except TimeoutError:
        inflicted[-1].blame("unready", _not_ready(setup))
    with contextlib.suppress(TimeoutError):
        wait_until("enough submitted", lambda: load.enough, 20)
    load.stop_submitting()
    with contextlib.suppress(TimeoutError):
        wait_until("every run ended", lambda: all(row["status"] in FINAL for row in setup.rows()), DRAIN_S)
        wait_until("every follower heard it", lambda: load.all_heard, HEARD_S)


def _help(setup):
    """What somebody who operates it would do, so that the next group begins well: the worker is started anew."""
    setup.kill("worker")
    with contextlib.suppress(TimeoutError):
        wait_until("every run ended", lambda: all(row["status"] in FINAL for row in setup.rows()), DRAIN_S)
        wait_until("ready", setup.is_ready, READY_S)


def _not_ready(setup):
    try:
        return httpx.get(f"{setup.url}/readyz", timeout=5).text[:300]
    except httpx.HTTPError as error:
        return type(error).__name__


def _count_runs(setup, load, faults, inflicted):
    rows = {row["id"]: row for row in setup.rows()}
    excused = any(fault.ends_runs for fault in faults)
    for run in load.accepted:
        counted = _at(inflicted, run.at)
        counted.accepted += 1
        if run.id not in rows:
            counted.blame("lost", f"{run.id} is not stored")
            continue
        row, told = rows.pop(run.id), _told(run)
        counted.again += row["attempts"] > 1
        found = [*run_problems(row | {"reason": _reason(told)}, excused), *_against(told, run, row["status"])]
        for kind, sentence in found:
            counted.blame(kind, f"{run.id} (attempts {row['attempts']}): {sentence}")
    for row in rows.values():
        if row["status"] not in FINAL:
            inflicted[-1].blame("stuck", f"{row['id']} of an earlier group or never accepted: {row['status']}")


def run_problems(row, excused):
    """What is wrong with a stored run."""
    if row["status"] not in FINAL:
        yield "stuck", row["status"]
    if row["status"] == "failed" and not row["failure_messages"]:
        yield "lost", "it failed without a reason"
    if row["status"] == "failed":
        yield ("excused" if excused else "failed"), row["failure_messages"]
    if row["status"] == "cancelled":
        yield "failed", "cancelled, which nobody asked for"


def _told(run):
    """What the API says of a run, or nothing."""
    answer = httpx.get(run.api_url, timeout=30)
    return answer.json() if answer.status_code == httpx.codes.OK else {}


def _reason(told):
    return (told.get("failure") or {}).get("sentence") or ""


def _against(told, run, status):
    """What is wrong with what the API says of a run, and with what its follower heard."""
    if told.get("status") != status:
        yield "lost", f"it is {status} and the API says {told.get('status') or 'nothing'}"
        return
    stored = None
    if status == "finished":
        yield from result_problems(told["result"], run.steps)
        stored = [event["seq"] for event in told["result"]["events"]]
    if status in FINAL:
        yield from stream_problems(run, status, stored)


def result_problems(result, steps):
    """What is wrong with a stored result."""
    requests = [each["request_id"] for each in result["invocations"] if each["request_id"]]
    numbers = [event["seq"] for event in result["events"]]
    if len(result["invocations"]) != steps or len(set(requests)) != len(requests):
        yield "twice", f"{len(result['invocations'])} invocations of {steps} steps"
    if len(set(numbers)) != len(numbers) or numbers != sorted(numbers):
        yield "twice", "an event number comes twice or out of order"


def stream_problems(run, status, stored):
    """What is wrong with what a follower heard, against the numbers of the stored events."""
    if run.done is None:
        yield "streams", "the follower never heard the end"
        return
    heard = run.last_attempt()
    if run.done.get("status") != status:
        yield "streams", f"it ended with {run.done.get('status')} instead of {status}"
    if len(set(heard)) != len(heard) or heard != sorted(heard):
        yield "streams", f"{len(heard)} events were heard, {len(set(heard))} of them different"
    elif stored is not None and heard != stored:
        missing = sorted(set(stored) - set(heard))
        yield "streams", f"{len(missing)} of {len(stored)} events were never heard: {missing[:3]} … {missing[-3:]}"


def _count_answers(setup, load, inflicted):
    for answer in load.answers:
        counted = _at(inflicted, answer.began)
        during = counted.began <= answer.ended and answer.began <= counted.ended + AFTER_S
        if during:
            counted.said[f"{answer.kind} {answer.status or 'no answer'}"] += 1
            if answer.status in {429, 503} and answer.sentence:
                counted.away[answer.sentence] += 1
        if problem := answer.problem(setup):
            counted.blame("answers", problem)


def _at(inflicted, moment):
    """The fault that something at that moment is counted with: the last that had begun, or the first of all."""
    return next((fault for fault in reversed(inflicted) if fault.began <= moment), inflicted[0])
