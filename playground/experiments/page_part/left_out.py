"""What a page leaves out of a large result, in numbers and in sentences. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.i18n.marking import _


@dataclass(frozen=True, slots=True)
class Attempts:
    """How many of a run's attempts at requests are there, and in how many environments; of how many."""

    shown: int
    total: int
    environments: int
    environments_total: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Counts of what is in the result and not in the part of it that pages show.

    ``request_lines`` is by the attempt (``index.attempt``), ``places`` and ``moments`` of the state by the environment.
    ``text_characters`` is how much of each payload and answer is there, where any of them was cut. ``readers`` has, by
    the request that was answered with what others left, the number of the finding that has its pair.
    """

    attempts: Attempts | None = None
    log_lines: int = 0
    findings: int = 0
    pairs: int = 0
    records: int = 0
    text_characters: int = 0
    request_lines: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    moments: dict[str, int] = field(default_factory=dict)
    readers: dict[str, int] = field(default_factory=dict)

    def of_attempt(self, index: int, attempt: int) -> int:
        """How many lines of its log are not there."""
        return self.request_lines.get(f"{index}.{attempt}", 0)

    @property
    def lacks_findings(self) -> bool:
        """Whether a finding, or a writer and reader of one, is not there."""
        return bool(self.findings or self.pairs)

    @property
    def sentences(self) -> tuple[str, ...]:
        """For a reader of the page; lines, places and moments are said where they are missing."""
        found = []
        if self.attempts:
            found.append(
                _(
                    "This run is larger than a page: %(shown)s of its %(total)s attempts at requests and"
                    " %(environments)s of its %(environments_total)s environments are shown, with what happened in"
                    " them. The downloaded JSON has all of them."
                )
                % {
                    "shown": f"{self.attempts.shown:,}",
                    "total": f"{self.attempts.total:,}",
                    "environments": f"{self.attempts.environments:,}",
                    "environments_total": f"{self.attempts.environments_total:,}",
                }
            )
        if self.text_characters:
            found.append(
                _(
                    "Of each payload and answer the first %(number)s characters are shown; the downloaded JSON has"
                    " the rest."
                )
                % {"number": f"{self.text_characters:,}"}
            )
        if self.findings:
            found.append(
                _("%(number)s further findings are left out here; the downloaded JSON has them.")
                % {"number": f"{self.findings:,}"}
            )
        if self.pairs:
            found.append(
                _("%(number)s further writers and readers are left out here; the downloaded JSON has them.")
                % {"number": f"{self.pairs:,}"}
            )
        if self.records:
            found.append(
                _("%(number)s further records of the event log are left out here; the downloaded JSON has them.")
                % {"number": f"{self.records:,}"}
            )
        return tuple(found)

    @property
    def sentences_with_log(self) -> tuple[str, ...]:
        """The same where nothing else says how much of the log is missing."""
        if not self.log_lines:
            return self.sentences
        said = _("%(left_out)s more lines are left out here; the downloaded JSON has them.")
        return (*self.sentences, said % {"left_out": f"{self.log_lines:,}"})


NOTHING = LeftOut()
