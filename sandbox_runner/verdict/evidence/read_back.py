"""Whether a request read from an AWS service what another had stored there: by which two calls. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.events.account_calls import Place, only_reads, place_of, succeeded
from sandbox_runner.verdict.texts.markers import search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_runner.events.records import AccountCalled
    from sandbox_runner.verdict.evidence.account_history import Called
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played
    from sandbox_runner.verdict.texts.markers import Hit


PLACES_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The call that stored a value, and the later one that got it; ``place`` is where it was read."""

    stored: AccountCalled
    read: AccountCalled

    @property
    def place(self) -> Place:
        """The table, bucket or queue."""
        return place_of(self.read)

    @property
    def is_of_a_function(self) -> bool:
        """Whether it came with the answer of a function that was called."""
        return self.read.service == "lambda"

    @property
    def is_same_place(self) -> bool:
        """Whether it was stored where it was read."""
        return _where(self.stored) == _where(self.read)


def read_back(case: Case, reader: Played, writer: Played, hit: Hit) -> tuple[ReadBack, ...]:
    """The calls by which ``reader`` may have got what ``writer`` sent, once for each place where it was read.

    Where it was read from the place in which it was stored, others are left out.
    """
    found = list(_pairs(case, reader, writer, hit))
    fitting = [each for each in found if each.is_same_place] or found
    return tuple({_where(each.read): each for each in reversed(fitting)}.values())[:PLACES_MAX]


def _pairs(case: Case, reader: Played, writer: Played, hit: Hit) -> Iterator[ReadBack]:
    storing = [each for each in _calls(case, writer) if not only_reads(each.call.operation)]
    storing = [each for each in storing if search(each.call.parameters, hit.marker)]
    for got in _calls(case, reader) if storing else ():
        if search(got.call.answer, hit.marker):
            yield from (ReadBack(each.call, got.call) for each in reversed(storing) if each.at_us < got.at_us)


def _calls(case: Case, played: Played) -> list[Called]:
    return [each for each in case.facts.calls.get(played.index, ()) if succeeded(each.call)]


def _where(call: AccountCalled) -> tuple[str, str]:
    place = place_of(call)
    return place.service, place.name
