"""What every oracle of one verdict looks at: the facts, the code's constants, the parts that findings are made of.

Pure; made once for each verdict.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.handler_code import source_lines
from sandbox_runner.handler_code.holders import holder_of, inside_of
from sandbox_runner.handler_code.source_lines import Lines
from sandbox_runner.messages import say
from sandbox_runner.results.model import Evidence, Location, Observation, Outcome, Reader, Writer
from sandbox_runner.runtimes.registry import runtime_of
from sandbox_runner.runtimes.requirements import RefusedRequirementError
from sandbox_runner.verdict.evidence.history import ABSENT
from sandbox_runner.verdict.evidence.xray import is_held_in
from sandbox_runner.verdict.texts.markers import Hit, Marker, contains, forms, markers_of, search
from sandbox_runner.verdict.texts.outputs import bounded_leaves, leaves, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox_runner.events.records import StateCaptured, StateLeaf
    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.model import Function, Scenario
    from sandbox_runner.scenario.request import Request
    from sandbox_runner.verdict.evidence.facts import Answer, Facts, Played

EVIDENCE_CHARACTERS_MAX: Final = 2_000
LOG: Final = "log"
"""Where something came out that is in no answer."""
_SLOW: Final = frozenset((Outcome.TIMEOUT, Outcome.OUT_OF_MEMORY))


@dataclass(frozen=True, slots=True)
class Carried:
    """The place that carried a value by its name, what was seen there, and whether putting it back confirmed that."""

    leaf: StateLeaf
    name: str
    confirmed: bool = False


class Case:
    """The facts of a run with what is derived on the way from the scenario, which other facts do not change."""

    def __init__(self, scenario: Scenario, facts: Facts) -> None:
        self._scenario = scenario
        self.facts = facts
        self._constants: dict[str, str] = {}
        self._markers: dict[int, tuple[Marker, ...]] = {}
        self._own: dict[str, str] = {}
        self._names: dict[tuple[str, str, str], str] = {}
        self._lines: dict[tuple[str, str, str, str], Lines] = {}
        # What :func:`.interference.texts` made of each answer.
        self.texts: dict[Answer, Mapping[str, str]] = {}

    def seen_as(self, facts: Facts) -> Case:
        """The same scenario with other facts; what was derived from it is not derived again."""
        other = copy(self)
        other.facts = facts
        return other

    def of_function(self, played: Played) -> dict[str, Any]:
        """What a finding says of the function that it is about."""
        name = played.function
        return {"runtime": self._scenario.functions[name].runtime, "function": self._scenario.recorded(name)}

    @cached_property
    def sent(self) -> dict[int, Request]:
        """The scenario's requests by index."""
        return {index: request for index, _, request in self._scenario.requests()}

    def function(self, name: str) -> Function:
        """A function of the scenario."""
        return self._scenario.functions[name]

    @property
    def services(self) -> tuple[str, ...]:
        """AWS's services that functions reach."""
        return self._scenario.account.offered if self._scenario.account else ()

    def packages_of(self, name: str) -> tuple[str, ...]:
        """The packages that a function's files ask for; a run of its own says whether they could be installed."""
        try:
            wanted = self._scenario.requirements(name)
        except RefusedRequirementError:
            return ()
        return wanted.names if wanted else ()

    @property
    def unprobed(self) -> tuple[str, ...]:
        """The runtimes of its functions whose state no probe reads."""
        return tuple(name for name in self._scenario.runtimes if not runtime_of(name).is_probed)

    @property
    def is_probed(self) -> bool:
        """Whether a probe reads the state of any of its functions."""
        return len(self.unprobed) < len(self._scenario.runtimes)

    def is_read(self, played: Played) -> bool:
        """Whether a probe reads the state of the function that the request is to."""
        return runtime_of(self.function(played.function).runtime).is_probed

    def shown_file(self, name: str, path: str) -> str:
        """A file of a function as a result names it."""
        return self._scenario.shown_file(name, path)

    def constants(self, name: str) -> str:
        """Code and configuration of a function as one text; a value that stands there is nobody's in particular."""
        if name not in self._constants:
            self._constants[name] = constants_of(self._scenario.functions[name])
        return self._constants[name]

    def markers(self, index: int) -> tuple[Marker, ...]:
        """The recognisable values of a request that are no constants of the code."""
        if index not in self._markers:
            played = self.facts.requests[index]
            self._markers[index] = recognisable(played.payload, self.constants(played.function))
        return self._markers[index]

    def own(self, principal: str) -> str:
        """Everything that a principal sent itself, as one text in lower case."""
        if principal not in self._own:
            sent = (each for each in self.facts.requests.values() if each.principal == principal)
            texts = (text_of(part) for each in sent for part in _flat(each.payload))
            self._own[principal] = "\n".join(texts).lower()
        return self._own[principal]

    def foreign(self, reader: Played, hit: Hit) -> bool:
        """Whether ``hit`` is nothing that ``reader``'s principal sent itself, in this form or as it stands."""
        own = self.own(reader.principal)
        return not any(contains(own, text.lower()) for text in (hit.text, hit.marker.text))

    def controls(self, reader: Played) -> tuple[Answer, ...]:
        """The fresh answers that ``reader``'s can be compared with: a slow start of ours says nothing."""
        outcome = reader.answer.outcome if reader.answer else ""
        return tuple(
            each for each in self.facts.controls(reader.index) if each.outcome not in _SLOW or each.outcome == outcome
        )

    def lines(self, place: StateLeaf | None, reader: Played, leaf: str = "") -> Lines:
        """The lines of the code about ``place``, in the function that ``reader`` invoked.

        :param leaf: the path in a payload of what was found there, if it is known.
        """
        if place is None:
            return Lines((), 0)
        key = (reader.function, place.root, place.path, leaf)
        if key not in self._lines:
            found = source_lines.lines_of(self._scenario.functions[reader.function].files, place, leaf)
            shown = (
                line.model_copy(update={"file": self._scenario.shown_file(reader.function, line.file)})
                for line in found.all
            )
            self._lines[key] = Lines(tuple(shown), found.likely)
        return self._lines[key]

    def name_of(self, place: StateLeaf, reader: Played) -> str:
        """How a place is named in a finding, and to the probe: the innermost that the code has a name for."""
        if place.root == "tmp-file":
            return place.path
        key = (reader.function, place.carrier, place.path)
        if key not in self._names:
            self._names[key] = holder_of(self._scenario.functions[reader.function].files, place).path
        return self._names[key]

    def location(self, carried: Carried | None) -> Location | None:
        """The part of a finding that says where."""
        if carried is None:
            return None
        place = carried.leaf
        package, version = place.package or None, place.version or None
        # What was seen may be in something else, whose own type nobody has noted.
        kind = place.kind if carried.name == place.carrier + inside_of(place) else ""
        return Location(root=place.root, path=carried.name, type=kind, package=package, version=version)


def constants_of(function: Function) -> str:
    """Code and configuration of a function as one text in lower case."""
    configured = [*function.environment.values(), function.handler, function.deployed_name]
    return "\n".join([*source_lines.constants(function.files), *configured]).lower()


def recognisable(payload: object, constants: str) -> tuple[Marker, ...]:
    """The recognisable values of a payload that are none of the code's ``constants``."""
    return tuple(each for each in markers_of(payload) if not contains(constants, each.text.lower()))


def _flat(payload: object) -> Iterable[object]:
    return (part for path, value in bounded_leaves(payload)[0] for part in (path, value))


def output_texts(answer: Answer) -> tuple[tuple[str, str], ...]:
    """``(path, text)`` of everything in an answer; a path may be somebody's key, so it counts as text too."""
    return tuple((path, f"{path}\n{text_of(value)}") for path, value in leaves(answer.response)[0])


def stands_in(controls: Sequence[Answer], hit: Hit) -> bool:
    """Whether what was found is in any of these answers or their logs as well."""
    return any(
        search(text, Marker("", hit.text)) is not None
        for control in controls
        for text in (*(text for _, text in output_texts(control)), *control.log)
    )


def shown_at(answer: Answer, path: str | None, hit: Hit | None) -> str:
    """What an answer has at ``path``, or the lines of its log that have ``hit`` (all without one)."""
    if path is None:
        lines = [line for line in answer.log if hit is None or hit.text in line]
        return "\n".join(lines) or ABSENT
    return next((text.partition("\n")[2] for at, text in output_texts(answer) if at == path), ABSENT)


def held(place: StateLeaf | None, states: Mapping[int, StateCaptured], sequence: Sequence[int]) -> tuple[Evidence, ...]:
    """What the state walk saw, as evidence, with the first request of ``sequence`` after which it was seen."""
    if place is None:
        return ()
    after = next((index for index in sequence if index in states and is_held_in(place, states[index])), sequence[-1])
    return seen_held(place, after)


def seen_held(place: StateLeaf, after: int) -> tuple[Evidence, ...]:
    """The same for a known moment."""
    shown = observed(say("held-after", request=after), place.value)
    return (Evidence(oracle="xray", output_path=place.path, observations=(shown,)),)


def observed(condition: Message, text: str) -> Observation:
    """The part of a finding's evidence that says what was there."""
    return Observation(condition=condition, text=None if text == ABSENT else text[:EVIDENCE_CHARACTERS_MAX])


def reader_of(played: Played, output_path: str) -> Reader:
    """The part of a finding that says where it came out."""
    return Reader(invocation=played.index, principal=played.principal, output_path=output_path)


def writer_of(played: Played, leaf: str = "") -> Writer:
    """The part of a finding that says whose it was."""
    return Writer(invocation=played.index, principal=played.principal, leaf=leaf)


def made(text: str) -> tuple[str, ...]:
    """Every text that a marker is looked for as."""
    return tuple(each for _, each in forms(text))
