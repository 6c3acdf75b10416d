"""What a finding says: who, what, where, as messages. Pure; every text of a sandbox or a form is cut to a length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.messages import Message, Who, cut, say
from sandbox_runner.results.pairs import OF_PLACE
from sandbox_runner.verdict.evidence.history import ABSENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import AccountCalled, LateWork
    from sandbox_runner.handler_code.source_lines import Lines
    from sandbox_runner.results.model import Location
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played
    from sandbox_runner.verdict.evidence.history import Difference
    from sandbox_runner.verdict.evidence.interference import Effect
    from sandbox_runner.verdict.evidence.read_back import ReadBack
    from sandbox_runner.verdict.texts.markers import Hit

_HOLDERS_MAX: Final = 3
_ORDER_MAX: Final = 4
# Where something was held; a story says it once.
MODULE_CODE: Final[Who] = {"request": 0, "as": "", "repeated": False}


def who(case: Case, played: Played) -> Who:
    """A request as a sentence names it; a principal that was made up is not repeated."""
    same = sum(other.principal == played.principal for other in case.facts.requests.values())
    return {"request": played.index, "as": cut(played.principal) if played.named else "", "repeated": same > 1}


def leaked(case: Case, reader: Played, writer: Played, hit: Hit, *, in_log: bool) -> Message:
    """Whose data came out, and in which form."""
    return say(
        "value-logged" if in_log else "value-received",
        reader=who(case, reader),
        writer=who(case, writer),
        leaf=cut(hit.marker.path),
        value=cut(hit.marker.text),
        form="" if hit.form == "plain" else hit.form,
        part=hit.marker.part,
    )


def came_by_service(case: Case, reader: Played, writer: Played, hit: Hit, calls: ReadBack, *, in_log: bool) -> Message:
    """What somebody got by way of which service, who stored it there and how."""
    place = calls.place
    seen: dict[str, Any] = {
        "reader": who(case, reader),
        "writer": who(case, writer),
        "leaf": cut(hit.marker.path),
        "value": cut(hit.marker.text),
        "in_log": in_log,
    }
    if calls.is_of_a_function:
        return say("came-by-function", **seen, name=cut(place.name))
    return say(
        "came-by-service",
        **seen,
        service=place.service,
        thing=place.thing,
        name=cut(place.name),
        key=cut(place.key),
        stored=cut(calls.stored.operation if calls.is_same_place else _full_name(calls.stored)),
        read=cut(calls.read.operation),
    )


def _full_name(call: AccountCalled) -> str:
    return f"{call.service} {call.operation}"


def retained(case: Case, writer: Played, later: Played, path: str) -> Message:
    """What is still held, and since when."""
    return say("value-held", writer=who(case, writer), later=who(case, later), leaf=cut(path))


def held_until(case: Case, writer: Played, later: Played, path: str, where: Location) -> Message:
    """What was held until a request came."""
    people = {"writer": who(case, writer), "later": who(case, later)}
    return say("held-until-next", **people, leaf=cut(path), place=cut(where.path))


def depends(case: Case, reader: Played, found: Difference) -> Message:
    """What the answer is, and what it is alone."""
    return say(
        "answer-repeats" if found.is_frozen else "answer-differs",
        reader=who(case, reader),
        path=cut(found.path),
        here=_value(found.after),
        cold=_value(found.alone),
    )


def follows(case: Case, reader: Played, writer: Played, effect: Effect, *, in_log: bool) -> tuple[Message, ...]:
    """Whose data something was made from, and how that is known."""
    people: dict[str, Any] = {"reader": who(case, reader), "writer": who(case, writer), "leaf": cut(effect.leaf)}
    if in_log:
        return (say("log-follows", **people),)
    if effect.got == effect.sent and effect.got_instead == ABSENT:
        received = say("value-received", **people, value=cut(effect.got), form="", part=False)
        return received, say("gone-when-changed", writer=people["writer"])
    got, got_instead = _value(effect.got), _value(effect.got_instead)
    return (say("answer-follows", **people, path=cut(effect.path), got=got, got_instead=got_instead),)


def same_again(case: Case, reader: Played, effect: Effect) -> Message:
    """That an answer has what another's was made of somebody's data."""
    people = {"reader": reader.index, "other": effect.reader, "writer": effect.writer}
    return say(
        "same-as-proven",
        **{name: who(case, case.facts.requests[index]) for name, index in people.items()},
        leaf=cut(effect.leaf),
        path=cut(effect.path),
        got=cut(effect.got),
    )


def proven(case: Case, effect: Effect, *, in_log: bool) -> Message:
    """How a leak was proven, with the number of replays that agree."""
    return say(
        "confirmed",
        replays=2 * effect.of_each,
        writer=who(case, case.facts.requests[effect.writer]),
        leaf=cut(effect.leaf),
        reader=who(case, case.facts.requests[effect.reader]),
        in_log=in_log,
    )


def unavailable(case: Case, reader: Played, outcome: str) -> Message:
    """That a request failed which succeeds alone."""
    return say("request-failed", reader=who(case, reader), outcome=outcome)


def no_room(peer: str, environment: str, holders: Sequence[tuple[str, bool]]) -> tuple[Message, ...]:
    """Who held every place of a peer; of each holder whether it ever served a request."""
    named = [name for name, _ in holders[:_HOLDERS_MAX]]
    idle = [name for name, served in holders[:_HOLDERS_MAX] if not served]
    more = max(0, len(holders) - _HOLDERS_MAX)
    full = say("peer-full", peer=peer, environment=environment, holders=named, more=more)
    return (full, say("peer-holders-idle", environments=idle)) if idle else (full,)


def hung_up(peer: str, environment: str, opener: Who, *, frozen: bool) -> tuple[Message, ...]:
    """Whose connection a peer had closed before the request, and what the environment was doing then."""
    return (say("peer-hung-up", peer=peer, environment=environment, opener=opener, frozen=frozen),)


def other_order(order: Sequence[int]) -> Message:
    """What begins to tell of what only shows when a later request comes first."""
    return say("other-order", requests=list(order[:_ORDER_MAX]))


def carried_by(where: Location | None, lines: Lines) -> tuple[Message, ...]:
    """What carried it; says so where no place was found."""
    return (say("carrier-unknown"),) if where is None else _at(where, lines, "carried-by", "carried-by-file")


def held_in(where: Location, lines: Lines) -> tuple[Message, ...]:
    """The same for what is only held."""
    return _at(where, lines, "held-in", "held-in-file")


def written_late(work: LateWork) -> Message:
    """The same where work that an earlier request had left running wrote it."""
    return say("late-writer", work=work.kind, request=work.started_by)


def alike(requests: int, values: int, *, proven: int, of: int) -> tuple[Message, ...]:
    """In how many requests, and with how many values, the same happened; which of them replays proved."""
    return (
        *([say("more-requests-alike", requests=requests - 1)] if requests > 1 else []),
        *([say("more-values-alike", values=values - 1)] if values > 1 else []),
        *([say("proven-for-all", proven=proven, all=of)] if 0 < proven < of else []),
    )


def without_place(messages: Sequence[Message]) -> tuple[Message, ...]:
    """``messages`` without those that say where it was held."""
    return tuple(each for each in messages if not each.code.startswith(OF_PLACE))


def _at(where: Location, lines: Lines, code: str, code_of_file: str) -> tuple[Message, ...]:
    is_file = where.root == "tmp-file"
    known = [one for role in ("written", "declared") for one in lines.all if one.role == role]
    of_package = {"package": cut(where.package), "version": cut(where.version or "")} if where.package else {}
    at = say(
        code_of_file if is_file else f"{code}-package" if of_package else code,
        **of_package,
        place=cut(where.path),
        file=cut(known[0].file) if known else "",
        line=known[0].line if known else 0,
        role=known[0].role if known else "",
    )
    return (at, say("other-lines", others=lines.likely - 1)) if lines.likely > 1 else (at,)


def _value(text: str) -> str | None:
    """A text that came out; null where there was nothing, which an empty text is not."""
    return None if text == ABSENT else cut(text) or '""'
