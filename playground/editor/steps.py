"""From a form's rows to the steps of a scenario, and back. Pure.

A row of the kind ``together`` belongs to the request above it: both arrive at the same moment, as one step. A request
may arrive several times at once. So a step may be several rows, and several requests may be one row.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from playground.editor import event_picker
from playground.editor.form_state import KINDS, StepRow
from playground.editor.settings import seconds_text
from playground.i18n.marking import N_, _
from playground.text.json_reader import JsonTextError, read_json
from sandbox_runner import limits
from sandbox_runner.scenario.account.settings import CallStep
from sandbox_runner.scenario.model import ConcurrentStep, InvokeStep
from sandbox_runner.scenario.service_steps import DeployStep, IdleStep, InitializeStep, ProvisionStep, ReserveStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.scenario.model import Step
    from sandbox_runner.scenario.request import Request

_OTHERS: Final = {"recycle": {"recycle": "all"}, "recycle-one": {"recycle": "one"}}
_PLACE: Final = re.compile(r"steps\[(\d+)\](?:\.concurrent\[(\d+)\])?(?:\.(?:invoke\.)?(\w+))?")
# In the place of a payload: one of that size is made.
_MADE: Final = re.compile(r"\s*([0-9][0-9,]{0,11})\s*bytes\s*")
_PARTS: Final = {
    "payload": N_("the payload of step %(number)s"),
    "payload_bytes": N_("the size of the payload of step %(number)s"),
    "as": N_("the caller of step %(number)s"),
    "idle": N_("the wait of step %(number)s"),
}


@dataclass(frozen=True, slots=True)
class Written:
    """The steps as a mapping, and for each step the row of each of its requests (or its only row), from 1."""

    steps: tuple[dict[str, Any], ...]
    rows: tuple[tuple[int, ...], ...]

    def row_at(self, field: str) -> int | None:
        """The row that a scenario's dotted field is in; ``None`` where it is in none."""
        found = _PLACE.match(field)
        if not found or int(found[1]) >= len(self.rows):
            return None
        rows, at = self.rows[int(found[1])], int(found[2] or 0)
        return rows[at] if at < len(rows) else rows[0]

    def words_of(self, field: str) -> str:
        """What a person calls that field: ``the payload of step 3``; empty where it is in no row."""
        row, found = self.row_at(field), _PLACE.fullmatch(field)
        if not row or not found:
            return ""
        return _(_PARTS.get(found[3] or "", N_("step %(number)s"))) % {"number": row}


def written(rows: Sequence[StepRow], errors: dict[str, str]) -> Written:
    """The steps that these rows mean; ``errors`` gets a sentence for each row that means none."""
    groups: list[list[int]] = []
    for number, row in enumerate(rows, 1):
        if row.kind == "together":
            _join(number, groups, rows, errors)
        elif row.kind and len(groups) <= limits.STEPS_MAX:
            groups.append([number])
    if sum(_times(row) * len(row.payload) for row in rows) > limits.SCENARIO_BYTES_MAX:
        errors["steps"] = _("The requests are over %(scenario_bytes_max)s bytes together; shorten them.") % {
            "scenario_bytes_max": f"{limits.SCENARIO_BYTES_MAX:,}"
        }
        return Written((), ())
    steps = [_step([(number, rows[number - 1]) for number in group], errors) for group in groups]
    return Written(tuple(step for step, _ in steps), tuple(places for _, places in steps))


def _join(number: int, groups: list[list[int]], rows: Sequence[StepRow], errors: dict[str, str]) -> None:
    if groups and rows[groups[-1][0] - 1].kind == "invoke":
        groups[-1].append(number)
    else:
        errors[f"step-{number}"] = _("Step %(number)s arrives together with the request above it; put one there.") % {
            "number": number
        }


def _step(group: Sequence[tuple[int, StepRow]], errors: dict[str, str]) -> tuple[dict[str, Any], tuple[int, ...]]:
    number, row = group[0]
    if row.kind == "invoke":
        return _requests(group, errors)
    if row.kind == "idle":
        return {"idle": row.idle}, (number,)
    if row.kind == "initialize":
        return {"initialize": _count(number, row, errors)}, (number,)
    if row.kind not in _OTHERS:
        errors[f"step-{number}"] = _("Step %(number)s is of the kind %(kind)s; choose one of %(kinds)s.") % {
            "number": number,
            "kind": repr(row.kind[:40]),
            "kinds": ", ".join(KINDS),
        }
    return _OTHERS.get(row.kind, {}), (number,)


def _requests(group: Sequence[tuple[int, StepRow]], errors: dict[str, str]) -> tuple[dict[str, Any], tuple[int, ...]]:
    requests: list[dict[str, Any]] = []
    places: list[int] = []
    for number, row in group:
        times = _count(number, row, errors)
        requests += [_request(number, row, errors)] * times
        places += [number] * times
    if len(requests) == 1:
        return {"invoke": requests[0]}, tuple(places)
    return {"concurrent": requests}, tuple(places)


def _request(number: int, row: StepRow, errors: dict[str, str]) -> dict[str, Any]:
    if made := _MADE.fullmatch(row.payload):
        request: dict[str, Any] = {"payload_bytes": int(made[1].replace(",", ""))}
    else:
        origin = event_picker.made_from(row)
        request = {
            "payload": _payload(number, row, errors),
            **({"made_from": origin.model_dump(mode="json")} if origin else {}),
        }
    return request | ({"as": row.principal} if row.principal else {}) | ({"type": row.type} if row.type else {})


def say_too(errors: dict[str, str], field: str, sentence: str) -> None:
    """Add a sentence to what is said at a field already."""
    errors[field] = f"{errors[field]} {sentence}" if field in errors else sentence


def _times(row: StepRow) -> int:
    return int(row.times) if re.fullmatch(r"[0-9]{1,3}", row.times) else 1


def _count(number: int, row: StepRow, errors: dict[str, str]) -> int:
    """How often; one where that is not a number that a step may have."""
    times = _times(row)
    if row.times and (not re.fullmatch(r"[0-9]{1,3}", row.times) or not 1 <= times <= limits.CONCURRENT_MAX):
        sentence = _("The number of step %(number)s is %(text)s; write a whole number from 1 to %(most)s.")
        given = {"number": number, "text": repr(row.times[:40]), "most": limits.CONCURRENT_MAX}
        say_too(errors, f"step-{number}", sentence % given)
        return 1
    return times


def _payload(number: int, row: StepRow, errors: dict[str, str]) -> Any:
    text = row.payload
    size = len(text.encode("utf-8", "surrogatepass"))
    most = limits.ASYNC_REQUEST_BYTES_MAX if row.type == "event" else limits.REQUEST_BYTES_MAX
    if not text.strip():
        said = _("Step %(number)s has no payload; write JSON, {} for an empty one.") % {"number": number}
        say_too(errors, f"step-{number}", said)
    elif size > most:
        how = _(" of an asynchronous request") if row.type == "event" else ""
        sentence = _("The payload of step %(number)s has %(size)s bytes; Lambda takes at most %(most)s%(how)s.")
        given = {"number": number, "size": f"{size:,}", "most": f"{most:,}", "how": how}
        say_too(errors, f"step-{number}", sentence % given)
    else:
        try:
            return read_json(text)
        except JsonTextError as error:
            said = _("The payload of step %(number)s %(error)s.") % {"number": number, "error": error}
            say_too(errors, f"step-{number}", said)
    return None


def rows_of(step: Step) -> list[StepRow]:
    """The rows that mean this step; requests that are alike and next to each other share one."""
    match step:
        case InvokeStep():
            return [_row("invoke", step.invoke, 1)]
        case ConcurrentStep():
            alike = [(request, len(list(same))) for request, same in groupby(step.concurrent)]
            return [_row("together" if at else "invoke", *one) for at, one in enumerate(alike)]
        case IdleStep():
            return [StepRow("idle", idle=seconds_text(step.idle))]
        case InitializeStep():
            return [StepRow("initialize", times=str(step.initialize))]
        case CallStep() | ReserveStep() | ProvisionStep() | DeployStep():
            # The form has no row for it; such a scenario is carried as text.
            return []
    return [StepRow("recycle" if step.recycle == "all" else "recycle-one")]


def _row(kind: str, request: Request, times: int) -> StepRow:
    made = request.payload_bytes
    payload = json.dumps(request.payload, ensure_ascii=False) if made is None else f"{made} bytes"
    type_ = "event" if request.type == "event" else ""
    row = StepRow(kind, request.principal or "", payload, type=type_, times=str(times) if times > 1 else "")
    if request.made_from is None:
        return row
    return replace(row, template=request.made_from.template, made_from=event_picker.written(request.made_from))
