"""What the account held when the run ended, and what changed in it while each request was served. Pure.

Every text of it is what a function stored, or a scenario.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from playground.i18n.marking import N_, _, language, ngettext
from playground.text import labels
from playground.text.display_text import Pieces, compared, readable, visible
from sandbox_runner.messages import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.events.records import AccountChange, HeldEntry, HeldThing, HeldValue, ServedAttempt
    from sandbox_runner.results.model import InvocationResult
    from sandbox_runner.results.parts import AccountResult

# Changes below one request.
CHANGES_MAX: Final = 30
VALUE_CHARACTERS: Final = 300
_STATES: Final = {
    "visible": N_("can be received"),
    "in-flight": N_("in flight"),
    "delayed": N_("delayed"),
    "binary": N_("binary"),
    "enabled": N_("enabled"),
    "disabled": N_("disabled"),
}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One item, object, message or the like; ``changed`` says what became of it since the resources were made."""

    key: Pieces
    value: Pieces
    state: str
    size: str
    changed: str


@dataclass(frozen=True, slots=True)
class ThingView:
    """One resource with what is in it; ``more`` says how many entries are not shown."""

    anchor: str
    kind: str
    name: str
    entries: tuple[EntryRow, ...]
    count: str
    more: str
    made: bool


@dataclass(frozen=True, slots=True)
class StateView:
    """All of it; ``notes`` say what is not here."""

    things: tuple[ThingView, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change: where, and what was there before and is after; empty where there was nothing."""

    what: str
    where: str
    key: Pieces
    before: Pieces
    after: Pieces
    anchor: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed while one attempt was served; ``beside`` says which others were served at that time."""

    rows: tuple[ChangeRow, ...] = ()
    beside: str = ""
    more: str = ""


def state_view(account: AccountResult | None) -> StateView | None:
    """Nothing for a run without an account."""
    if account is None:
        return None
    notes = []
    if account.lost:
        notes.append(_("What answers for AWS's services was gone before all of it could be looked at."))
    left_out = account.things_in_all - len(account.things)
    if left_out > 0:
        more = ngettext("%(n)s more resource is not shown.", "%(n)s more resources are not shown.", left_out)
        notes.append(more % {"n": f"{left_out:,}"})
    became = _became(account)
    return StateView(tuple(_thing(each, became) for each in account.things), tuple(notes))


def changes_of(account: AccountResult | None, one: InvocationResult) -> Changes:
    """What changed while an attempt at a request was served."""
    if account is None:
        return Changes()
    looks = [each for each in account.changes if _is_among(one, each.during)]
    found = [change for look in looks for change in look.changes]
    left = sum(look.left_out for look in looks) + max(0, len(found) - CHANGES_MAX)
    more = ngettext("%(n)s more change is not shown.", "%(n)s more changes are not shown.", left) % {"n": f"{left:,}"}
    others = sorted({each.index for look in looks for each in look.during if each.index != one.index})
    known = {_address(each) for each in account.things}
    return Changes(tuple(_change(each, known) for each in found[:CHANGES_MAX]), _beside(others), more if left else "")


def _is_among(one: InvocationResult, during: Iterable[ServedAttempt]) -> bool:
    return any((each.index, each.attempt) == (one.index, one.attempt) for each in during)


def _beside(others: Sequence[int]) -> str:
    if not others:
        return ""
    numbers = ", ".join(map(str, others))
    said = ngettext(
        "Request %(numbers)s was served at the same time and may have made some of these changes.",
        "Requests %(numbers)s were served at the same time and may have made some of these changes.",
        len(others),
    )
    return said % {"numbers": numbers}


def _address(thing: HeldThing | AccountChange) -> tuple[str, str, str]:
    return thing.service, thing.thing, thing.name


def _anchor(address: tuple[str, str, str]) -> str:
    seal = hashlib.sha256("/".join(address).encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"account-{seal}"


def _became(account: AccountResult) -> dict[tuple[str, ...], str]:
    """By place, what became of what lies there since the resources were made."""
    first: dict[tuple[str, ...], bool] = {}
    for change in (each for look in account.changes for each in look.changes):
        first.setdefault((*_address(change), change.key), change.before is not None)
    return {place: _("changed") if was_there else _("new") for place, was_there in first.items()}


def _thing(thing: HeldThing, became: dict[tuple[str, ...], str]) -> ThingView:
    left = thing.count - len(thing.entries)
    more = ngettext("%(n)s more is not shown.", "%(n)s more are not shown.", left) % {"n": f"{left:,}"}
    return ThingView(
        anchor=_anchor(_address(thing)),
        kind=_kind(thing),
        name=readable(thing.name),
        entries=tuple(_entry(each, became.get((*_address(thing), each.key), "")) for each in thing.entries),
        count=f"{thing.count:,}",
        more=more if left > 0 else "",
        made=(*_address(thing), "") in became,
    )


def _kind(thing: HeldThing | AccountChange) -> str:
    service = word("service", readable(thing.service), language())
    return f"{service}, {word('thing', readable(thing.thing), language())}"


def _entry(entry: HeldEntry, changed: str) -> EntryRow:
    value = entry.value
    return EntryRow(
        key=visible(entry.key),
        value=visible(_legible(value), limit=VALUE_CHARACTERS),
        state=_(_STATES[value.state]) if value.state in _STATES else readable(value.state),
        size=labels.size(value.bytes) if value.bytes else "",
        changed=changed,
    )


def _change(change: AccountChange, known: set[tuple[str, str, str]]) -> ChangeRow:
    before, after = (_told(each) for each in (change.before, change.after))
    if change.key and change.before and change.after:
        shown = (compared(before, after, limit=VALUE_CHARACTERS), compared(after, before, limit=VALUE_CHARACTERS))
    else:
        shown = (visible(before, limit=VALUE_CHARACTERS), visible(after, limit=VALUE_CHARACTERS))
    what = _("added") if change.before is None else _("removed") if change.after is None else _("changed")
    where = f"{_kind(change)} {readable(change.name)}"
    anchor = _anchor(_address(change)) if _address(change) in known else ""
    return ChangeRow(what, where, visible(change.key), *shown, anchor)


def _told(value: HeldValue | None) -> str:
    if value is None:
        return ""
    state = _(_STATES[value.state]) if value.state in _STATES else value.state
    return f"{_legible(value)} ({state})" if state else _legible(value)


def _legible(value: HeldValue) -> str:
    """An item of DynamoDB's without the names of its types; any other text as it is."""
    try:
        told = json.loads(value.text)
    except (ValueError, RecursionError):
        return value.text
    is_item = isinstance(told, dict) and told and all(_is_attribute(each) for each in told.values())
    return json.dumps({key: _plain(each) for key, each in told.items()}, ensure_ascii=False) if is_item else value.text


_SCALARS: Final = frozenset({"S", "N", "B", "BOOL", "SS", "NS", "BS"})


def _is_attribute(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in {*_SCALARS, "NULL", "L", "M"}


def _plain(attribute: Any) -> Any:
    """A value of DynamoDB's, which says its type: ``{"S": "shared-71"}``."""
    if not _is_attribute(attribute):
        return attribute
    ((kind, value),) = attribute.items()
    if kind == "M" and isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if kind == "L" and isinstance(value, list):
        return [_plain(each) for each in value]
    if kind == "N" and isinstance(value, str):
        return int(value) if value.removeprefix("-").isdecimal() and len(value) < 20 else value
    return None if kind == "NULL" else value
