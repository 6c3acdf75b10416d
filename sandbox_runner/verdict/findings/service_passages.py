"""What one caller got of another's by way of an AWS service, which is not held over by an environment. Pure.

A value that another caller stored, and that a request read back and passed on, is in its answer whatever environment it
is served by. That it came by way of the service is proven by what the request is answered where it meets the account as
it was before the one that stored it: the value is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.messages import cut, say
from sandbox_runner.results.model import Evidence, Passage
from sandbox_runner.verdict.evidence.case import LOG, observed, output_texts, reader_of, shown_at, stands_in, writer_of
from sandbox_runner.verdict.evidence.planning import Wanted
from sandbox_runner.verdict.evidence.read_back import ReadBack, read_back
from sandbox_runner.verdict.findings import wording
from sandbox_runner.verdict.texts.markers import Searched, search

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Literal

    from sandbox_runner.messages import Message
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Answer, Played
    from sandbox_runner.verdict.texts.markers import Hit, Marker

PASSAGES_MAX: Final = 20
# Pairs of a writer and a reader of which a replay is played.
PROVEN_MAX: Final = 6


@dataclass(frozen=True, slots=True)
class _Seen:
    """A value that came out in a request that had read it; ``path`` is where, nothing for the log."""

    reader: Played
    writer: Played
    hit: Hit
    path: str | None
    calls: ReadBack

    @property
    def pair(self) -> tuple[int, int]:
        """Who got it, and whose it is."""
        return self.reader.index, self.writer.index


def account_plan(case: Case) -> tuple[Wanted, ...]:
    """The replays that would prove them, one for each reader and writer, if they have not been played."""
    stored = (each.pair for each in _seen(case) if not each.calls.is_of_a_function)
    pairs = list(dict.fromkeys(stored))[:PROVEN_MAX]
    return tuple(
        Wanted("account", (reader,), 1, as_of=writer)
        for reader, writer in pairs
        if (reader, writer) not in case.facts.put_back
    )


def passages(case: Case) -> tuple[Passage, ...]:
    """Each value that came by way of a service, for each of these ways."""
    return tuple(_passage(case, each) for each in _seen(case))


def values(found: Iterable[Passage]) -> int:
    """How many values came; one may have come by several ways."""
    return len({(each.writer, each.reader.invocation) for each in found})


def _seen(case: Case) -> tuple[_Seen, ...]:
    searched, found = Searched(), []
    for reader in case.facts.requests.values():
        if reader.answer is not None and reader.index in case.facts.calls:
            found += list(_of_reader(case, reader, searched))
    return tuple(found[:PASSAGES_MAX])


def _of_reader(case: Case, reader: Played, searched: Searched) -> Iterator[_Seen]:
    assert reader.answer is not None
    texts = output_texts(reader.answer)
    everything = "\n".join([*(text for _, text in texts), *reader.answer.log])
    done: set[str] = set()
    for writer, marker in _foreign_markers(case, reader):
        leaf = f"{writer.index} {marker.path}"
        if {marker.text, leaf} & done or not searched.afford(len(everything)):
            continue
        hit = search(everything, marker)
        if hit is None or not case.foreign(reader, hit) or not _is_the_same_alone(case, reader, hit):
            continue
        path = next((path for path, text in texts if search(text, marker)), None)
        for calls in read_back(case, reader, writer, hit):
            done |= {marker.text, leaf}
            yield _Seen(reader, writer, hit, path, calls)


def _foreign_markers(case: Case, reader: Played) -> Iterator[tuple[Played, Marker]]:
    """Those of every other caller's request that called a service, the newest first."""
    for index in sorted(case.facts.calls.keys() & case.facts.requests.keys(), reverse=True):
        writer = case.facts.requests[index]
        if writer.principal != reader.principal:
            yield from ((writer, marker) for marker in case.markers(index))


def _is_the_same_alone(case: Case, reader: Played, hit: Hit) -> bool:
    """Whether its environment has nothing to do with it; where it was not played alone, nothing says that it has."""
    controls = case.controls(reader)
    return not controls or stands_in(controls, hit)


def _passage(case: Case, seen: _Seen) -> Passage:
    place, reader, writer = seen.calls.place, seen.reader, seen.writer
    # The account has no part in what a function answers that another calls.
    before = None if seen.calls.is_of_a_function else case.facts.put_back.get(seen.pair)
    is_proven = before is not None and not stands_in((before,), seen.hit)
    output = LOG if seen.path is None else seen.path
    return Passage(
        service=place.service,
        thing=place.thing,
        name=place.name,
        key=place.key,
        stored_by=seen.calls.stored.operation,
        read_by=seen.calls.read.operation,
        writer=writer_of(writer, seen.hit.marker.path),
        reader=reader_of(reader, output),
        confidence=_confidence(case, reader, is_proven=is_proven),
        evidence=(_evidence(seen, output, before),),
        messages=(
            wording.came_by_service(case, reader, writer, seen.hit, seen.calls, in_log=seen.path is None),
            *_proof(case, writer, before, is_proven=is_proven),
        ),
        **case.of_function(reader),
    )


def _confidence(case: Case, reader: Played, *, is_proven: bool) -> Literal["proven", "strong", "suspected"]:
    if is_proven:
        return "proven"
    return "strong" if case.controls(reader) or not case.facts.before(reader.index) else "suspected"


def _proof(case: Case, writer: Played, before: Answer | None, *, is_proven: bool) -> tuple[Message, ...]:
    if before is None:
        return ()
    return (say("gone-before" if is_proven else "there-before", writer=wording.who(case, writer)),)


def _evidence(seen: _Seen, output: str, before: Answer | None) -> Evidence:
    assert seen.reader.answer is not None
    shown: Sequence[tuple[Message, str]] = [
        (say("value-sent", request=seen.writer.index), seen.hit.marker.text),
        (say("in-this-run"), shown_at(seen.reader.answer, seen.path, seen.hit)),
        *(
            [(say("account-before", request=seen.writer.index), shown_at(before, seen.path, seen.hit))]
            if before is not None
            else []
        ),
    ]
    observations = tuple(observed(condition, text) for condition, text in shown)
    return Evidence(oracle="account", output_path=cut(output), form=seen.hit.form, observations=observations)
