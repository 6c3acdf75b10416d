"""Sentences a person can act on: who, what, where. Pure; every word from a sandbox or a form is cut to a length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.verdict.history import ABSENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import LateWork, StateLeaf
    from sandbox_runner.results.model import SourceLine
    from sandbox_runner.verdict.facts import Played
    from sandbox_runner.verdict.history import Difference
    from sandbox_runner.verdict.interference import Effect
    from sandbox_runner.verdict.markers import Hit

_SHOWN_MAX: Final = 80
_HOLDERS_MAX: Final = 3
_ORDER_MAX: Final = 4
_LATE: Final = {
    "thread": "A thread",
    "timer": "A timer",
    "child": "A child process",
    "promise": "A promise",
    "unknown": "Work",
}


def request(played: Played) -> str:
    """``request 2 (tenant-b)``; a principal that was made up is not repeated."""
    return f"request {played.index} ({played.principal})" if played.named else f"request {played.index}"


def leaked(reader: Played, writer: Played, hit: Hit, *, in_log: bool, where: str) -> str:
    """Whose data came out, and in which form."""
    verb = "logged" if in_log else "was answered with"
    form = "" if hit.form == "plain" else f", {_form(hit.form)}"
    part = "a part of " if hit.marker.part else ""
    whose = f"{part}request {writer.index}'s {_leaf(hit.marker.path)}{_named(writer)}"
    return f"{_upper(request(reader))} {verb} {whose}{form}.{where}"


def retained(writer: Played, later: Played, path: str, where: str) -> str:
    """What is still held, and since when."""
    return (
        f"Request {writer.index}'s {_leaf(path)}{_named(writer)} is still held after {request(later)}; "
        f"it came out nowhere.{where}"
    )


def depends(reader: Played, found: Difference, where: str) -> str:
    """What the answer is, and what it is alone."""
    place = f" at {_quoted(found.path)}" if found.path else ""
    if found.is_frozen:
        return (
            f"The answer to {request(reader)} is {_value(found.after)}{place} every time after what ran before, and "
            f"another each time in a fresh environment, {_value(found.alone)} for one.{where}"
        )
    return (
        f"The answer to {request(reader)} depends on what ran before: {_value(found.after)}{place}, "
        f"alone {_value(found.alone)}.{where}"
    )


def follows(reader: Played, writer: Played, effect: Effect, *, in_log: bool, where: str) -> str:
    """Whose data something was made from that nobody can recognise, and how that is known."""
    what = f"The log of {request(reader)}" if in_log else f"The answer to {request(reader)}"
    place = f" at {_quoted(effect.path)}" if effect.path and not in_log else ""
    seen = "" if in_log else f": {_value(effect.got)}, and {_value(effect.got_instead)} when only that is changed"
    whose = f"request {writer.index}'s {_leaf(effect.leaf)}{_named(writer)}"
    return f"{what} follows {whose}{place}{seen}.{where}{proven(effect)}"


def proven(effect: Effect) -> str:
    """How a leak was proven, with the number of replays that agree."""
    count = 2 * effect.of_each
    return (
        f" Proven: {count} of {count} replays agree, half of them with only "
        f"request {effect.writer}'s {_leaf(effect.leaf)} changed."
    )


def unavailable(reader: Played, outcome: str, why: str) -> str:
    """That a request failed which succeeds alone, and what a peer has to do with it."""
    return f"{_upper(request(reader))} failed ({outcome}); alone, in a fresh environment, it succeeds. {why}"


def no_room(peer: str, environment: str, holders: Sequence[tuple[str, bool]]) -> str:
    """Who held every place of a peer; of each holder whether it ever served a request."""
    named = [name if served else f"{name} (which served no request)" for name, served in holders[:_HOLDERS_MAX]]
    more = f" and {len(holders) - _HOLDERS_MAX} more" if len(holders) > _HOLDERS_MAX else ""
    held = "held its only place" if len(holders) == 1 else "held its places"
    return f"The peer {peer} refused the connection of {environment}: {', '.join(named)}{more} {held}."


def hung_up(peer: str, environment: str, opener: int, *, frozen: bool) -> str:
    """Whose connection a peer had closed before the request, and what the environment was doing then."""
    since = f"in request {opener}" if opener else "in init"
    then = f", while {environment} was frozen" if frozen else ""
    return f"The peer {peer} had closed the connection that {environment} opened {since}{then}."


def other_order(order: Sequence[int], sentence: str) -> str:
    """The sentence of what only shows when a later request comes first."""
    first = " and then ".join(f"request {index}" for index in order[:_ORDER_MAX])
    more = " and so on" if len(order) > _ORDER_MAX else ""
    return f"In the other order, {first}{more}: {_lower(sentence)}"


def carried_by(place: StateLeaf | None, sources: Sequence[SourceLine]) -> str:
    """The second half of a finding's sentence; says so where no place was found."""
    if place is None:
        return " What carried it was not found."
    if place.root == "tmp-file":
        return f" Carried by the file {_quoted(place.path)}{_written(sources)}."
    return f" Carried by {_quoted(place.carrier)}{_written(sources)}."


def written_late(work: LateWork) -> str:
    """The same where work that an earlier request had left running wrote it."""
    return f" {_LATE[work.kind]} that request {work.started_by} had left running wrote it."


def held_in(place: StateLeaf, sources: Sequence[SourceLine]) -> str:
    """The same for what is only held."""
    return f" Held in {_quoted(place.path if place.root == 'tmp-file' else place.carrier)}{_written(sources)}."


def _written(sources: Sequence[SourceLine]) -> str:
    for role, word in (("written", "written"), ("declared", "declared")):
        for source in sources:
            if source.role == role:
                return f", {word} at {source.file} line {source.line}"
    return ""


def _leaf(path: str) -> str:
    return _quoted(path) if path else "payload"


def _named(played: Played) -> str:
    return f" ({played.principal})" if played.named else ""


def _form(name: str) -> str:
    if name in ("upper case", "lower case", "title case", "hex", "base64", "base64url"):
        return f"in {name}"
    if name[:3] in ("MD5", "SHA"):
        return f"as its {name}"
    return name


def _quoted(text: str) -> str:
    return f"`{text[:_SHOWN_MAX]}{'…' if len(text) > _SHOWN_MAX else ''}`"


def _value(text: str) -> str:
    return "nothing there" if text == ABSENT else _quoted(text)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
