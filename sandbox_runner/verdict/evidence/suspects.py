"""What is worth changing: leaves whose value was recognised elsewhere, and those of requests that may matter. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import LeafChange
from sandbox_runner.handler_code.choices import other_choices
from sandbox_runner.results.model import Outcome
from sandbox_runner.verdict.evidence.facts import ran
from sandbox_runner.verdict.evidence.history import confirmed_difference
from sandbox_runner.verdict.evidence.interference import effects
from sandbox_runner.verdict.evidence.senders import is_contested
from sandbox_runner.verdict.evidence.values_alike import of_its_template, sent_alike
from sandbox_runner.verdict.fingerprints import shape
from sandbox_runner.verdict.texts.markers import names_a_service, repeats_of
from sandbox_runner.verdict.texts.masks import differs, settled
from sandbox_runner.verdict.texts.outputs import bounded_leaves
from sandbox_runner.verdict.texts.payload_changes import alternatives

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.results.model import Finding
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Answer, Played
    from sandbox_runner.verdict.evidence.interference import Effect
    from sandbox_runner.verdict.fingerprints import Shape

TARGETS_MAX: Final = 4
LEAVES_MAX: Final = 4
READERS_MAX: Final = 3
# Of one search. Leaves are halved, so twice as many cost one more replay for each that matters.
SEARCHED_LEAVES_MAX: Final = 64
PAIR: Final = 2
# Of places beside the first that has a value, so many are tried, with so many other values.
_REPEATED_PLACES_MAX: Final = 3
_REPEATED_CHANGES_MAX: Final = 2
_SENT_MAX: Final = 2


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf and what can stand in its place, in the order in which it is tried."""

    changes: tuple[LeafChange, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Leaves of ``writer`` that were recognised in what request ``reader`` was answered or logged.

    ``in_answer`` and ``in_log`` say in which. Where the target is contested, another principal sent the same value, so
    that only the whole story tells whose it is.
    """

    writer: int
    reader: int
    leaves: tuple[Leaf, ...]
    in_answer: bool
    in_log: bool
    is_contested: bool = False


def recognised(case: Case, found: Iterable[Finding]) -> tuple[Target, ...]:
    """What the marker oracle found, once for each shape: a second leak of the same kind is proven by the first.

    Whose a value is that several sent is a question of its own each time.
    """
    shapes: set[Shape] = set()
    contested: set[tuple[int, int]] = set()
    pairs: dict[tuple[int, int], dict[str, None]] = {}
    kinds: dict[tuple[int, int], set[str]] = {}
    for finding in found:
        writer, reader = finding.writer, finding.reader
        if writer is None or reader is None:
            continue
        pair = (writer.invocation, reader.invocation)
        sender, receiver = (case.facts.requests[index] for index in pair)
        if is_contested(case, sender, receiver, writer.leaf):
            contested.add(pair)
        elif shape(finding) in shapes:
            continue
        shapes.add(shape(finding))
        pairs.setdefault(pair, {})[writer.leaf] = None
        kinds.setdefault(pair, set()).add(finding.kind)
    return tuple(
        Target(
            *pair,
            leaves=tuple(_with_repeats(case, *pair, path) for path in list(paths)[:LEAVES_MAX]),
            in_answer="answer-leak" in kinds[pair],
            in_log="log-leak" in kinds[pair],
            is_contested=pair in contested,
        )
        for pair, paths in list(pairs.items())[:TARGETS_MAX]
    )


def unrecognised(case: Case, found: Iterable[Finding]) -> tuple[Played, ...]:
    """The requests whose answer or log depends on what ran before and that no recognised value explains."""
    known = {(each.reader.invocation, each.kind) for each in found if each.reader}
    return tuple(
        reader
        for reader in case.facts.readers()
        if ran(reader)
        and _foreign(case, reader)
        and (
            ((reader.index, "answer-leak") not in known and _answer_depends(case, reader))
            or ((reader.index, "log-leak") not in known and _log_depends(case, reader))
        )
    )[:READERS_MAX]


def to_shrink(case: Case) -> tuple[Effect, ...]:
    """The effects that were only seen in a sequence of more than two, one for each reader."""
    smallest: dict[int, Effect] = {}
    for effect in effects(case):
        known = smallest.setdefault(effect.reader, effect)
        if len(effect.indexes) < len(known.indexes):
            smallest[effect.reader] = effect
    return tuple(effect for effect in smallest.values() if len(effect.indexes) > PAIR)[:READERS_MAX]


def sharing(case: Case) -> Played | None:
    """The last request that sent what another principal's had sent before it: a leak of it looks like its own.

    Whatever is kept of those before is kept when the last one comes.
    """
    readers = (each for each in reversed(case.facts.readers()) if ran(each))
    return next((each for each in readers if shared_leaves(case, each)), None)


def shared_leaves(case: Case, reader: Played) -> tuple[Leaf, ...]:
    """The leaves of other principals' requests before ``reader`` that are what it sent itself in that place.

    Each with one other value; what many would send, as the name of a method or of the host, is left out, and so is what
    an event template writes for any caller.
    """
    found: list[Leaf] = []
    for index in _foreign(case, reader):
        sent = case.facts.requests[index].payload
        values, nobodys = dict(bounded_leaves(sent)[0]), of_its_template(case.sent.get(index))
        paths = (
            path
            for path in sent_alike(sent, reader.payload, case.markers(index))
            if (path, values[path]) not in nobodys
        )
        found += [Leaf(_leaf(case, index, reader.index, path).changes[:1]) for path in paths]
    return tuple(each for each in found if each.changes)[:SEARCHED_LEAVES_MAX]


def leaves_before(case: Case, reader: Played) -> tuple[Leaf, ...]:
    """The leaves of other principals' requests before ``reader`` that are not what it sent itself in that place.

    Which service an event came from is left out: it is never somebody's.
    """
    own = dict(bounded_leaves(reader.payload)[0])
    found = [
        _leaf(case, index, reader.index, path)
        for index in _foreign(case, reader)
        for path, value in bounded_leaves(case.facts.requests[index].payload)[0]
        if not names_a_service(value) and (path not in own or type(own[path]) is not type(value) or own[path] != value)
    ]
    return tuple(each for each in found if each.changes)[:SEARCHED_LEAVES_MAX]


def _foreign(case: Case, reader: Played) -> list[int]:
    """The newest first."""
    requests = case.facts.requests
    return [i for i in reversed(case.facts.before(reader.index)) if requests[i].principal != reader.principal]


def _leaf(case: Case, writer: int, reader: int, path: str) -> Leaf:
    requests = case.facts.requests
    others = dict(bounded_leaves(requests[reader].payload)[0])
    made = alternatives(
        requests[writer].payload,
        path,
        others,
        _choices(case, writer, path),
        _sent_elsewhere(case, writer, reader, path),
    )
    return Leaf(tuple(LeafChange(index=writer, leaf=path, value=json.dumps(each.value)) for each in made))


def _choices(case: Case, writer: int, path: str) -> tuple[str, ...]:
    """What the writer's function accepts in place of a leaf, where the code has it in a fixed set."""
    played = case.facts.requests[writer]
    value = dict(bounded_leaves(played.payload)[0]).get(path)
    return other_choices(case.function(played.function).files, value) if isinstance(value, str) else ()


def _sent_elsewhere(case: Case, writer: int, reader: int, path: str) -> list[object]:
    """What requests beside these two have in the same place, of the same type."""
    requests = case.facts.requests
    value = dict(bounded_leaves(requests[writer].payload)[0]).get(path)
    found = (
        dict(bounded_leaves(each.payload)[0]).get(path)
        for index, each in requests.items()
        if index not in (writer, reader)
    )
    return list(dict.fromkeys(each for each in found if type(each) is type(value) and each != value))[:_SENT_MAX]


def _with_repeats(case: Case, writer: int, reader: int, path: str) -> Leaf:
    """The changes of a leaf, and in turn with them those of the others that hold its value.

    An HTTP event has a parameter in its path, its query and more; only where the handler reads it a change is seen.
    """
    repeats = repeats_of(case.facts.requests[writer].payload, path)[:_REPEATED_PLACES_MAX]
    more = [_leaf(case, writer, reader, other).changes[:_REPEATED_CHANGES_MAX] for other in repeats]
    turns = zip_longest(_leaf(case, writer, reader, path).changes, *more)
    return Leaf(tuple(change for turn in turns for change in turn if change is not None))


def _answer_depends(case: Case, reader: Played) -> bool:
    if reader.answer is None or reader.answer.outcome == Outcome.TIMEOUT:
        return False
    again = case.facts.again.get(reader.index, ())
    return confirmed_difference(reader.answer, again, case.controls(reader), case.facts.at_epoch_ms) is not None


def _log_depends(case: Case, reader: Played) -> bool:
    controls = case.controls(reader)
    if reader.answer is None or len(controls) < 2:
        return False
    texts = _logs(controls, case.facts.at_epoch_ms)
    return differs(_logs([reader.answer], case.facts.at_epoch_ms)[0], texts)


def _logs(answers: Sequence[Answer], at_epoch_ms: int) -> list[str]:
    return [settled("\n".join(each.log), request_id=each.request_id, at_epoch_ms=at_epoch_ms) for each in answers]
