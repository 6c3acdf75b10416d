"""The editor filled for what a run showed: for one finding, or for code that did not load.

For a finding it is filled with only the requests it needs, or with its fix, or with the advice beside it.

``?from=RUN&finding=N`` names the finding; ``only=needed`` asks for its requests, ``fix=1`` for its repair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from playground.editor.request_advice import with_events
from playground.editor.to_scenario import form_of
from playground.experiments import page_parts, selectors
from playground.i18n.marking import told
from playground.run_page.dependencies import missing_variables, with_variables
from playground.run_page.finding_actions import advice_for, fix_for
from playground.run_page.minimal_scenario import needed_by, reduced_to
from playground.run_page.offered_events import offered_events
from playground.run_page.verdict import failed_line, load_failure
from playground.text.display_text import Pieces, plain, readable, sentence, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

    from playground.editor.form_state import FormState
    from playground.experiments.viewer import Viewer
    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import Finding, SourceLine
    from sandbox_runner.scenario.model import Scenario

_AROUND: Final = 1
_LINES_MAX: Final = 24
_LINE_CHARACTERS: Final = 160
_NAME_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line of the code; ``role`` says what happens there, and is empty for its neighbours."""

    number: int
    text: Pieces
    role: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said beside the editor. ``file`` and ``lines`` show where, of the code as it was."""

    run_id: str
    finding: int
    said: str
    advice: str
    file: str
    lines: tuple[MarkedLine, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A filled form, with what is to be said beside it."""

    form: FormState
    notice: Notice


def copy_for(query: QueryDict, viewer: Viewer) -> Copy | None:
    """What the address asks for; ``None`` where it is about no finding.

    :raises Http404: there is no such run or finding, or nothing can be left out for it.
    """
    number = query.get("finding", "")
    if not number:
        return _failed_copy(query, viewer)
    run = selectors.openable_run(query.get("from", ""), viewer)
    part = page_parts.of(run) if run else None
    result = part.result if part else None
    if run is None or result is None or not number.isdecimal() or not 0 < int(number[:5]) <= len(result.findings):
        raise Http404
    finding = result.findings[int(number[:5]) - 1]
    if query.get("only") == "needed":
        scenario, notice = _reduced(run.id, int(number), finding, result.scenario)
    else:
        scenario, notice = _repaired(run.id, int(number), finding, result.scenario)
    return Copy(form_of(scenario, parent=run.revision_id), notice)


def _failed_copy(query: QueryDict, viewer: Viewer) -> Copy | None:
    """The code of a run that did not load, at the line that failed, or that lacked a variable or an event."""
    run = selectors.openable_run(query.get("from", ""), viewer) if "from" in query else None
    part = page_parts.of(run) if run else None
    result = part.result if part else None
    if run is None or result is None:
        return None
    if "events" in query and (events := offered_events(result)):
        now = _("The requests have events of %(title)s now.") % {"title": events.title}
        notice = Notice(run.id, 0, _line(events.why), now, "", (), 0)
        return Copy(with_events(form_of(result.scenario, parent=run.revision_id)), notice)
    missing = missing_variables(result)
    if not (said := load_failure(result) or (missing.why if missing else ())):
        return None
    place = failed_line(result)
    lines = _excerpt(result.scenario.code[place.file], {place.line: "failed"}) if place else ()
    where = (readable(place.file), lines, place.line) if place else ("", (), 0)
    wanted = [name for name in query.getlist("set") if missing and name in missing.names]
    advice = _variables_set(wanted) if wanted else _line(said[1:])
    notice = Notice(run.id, 0, _line(said[:1]), advice, *where)
    return Copy(form_of(with_variables(result.scenario, wanted), parent=run.revision_id), notice)


def _variables_set(names: Sequence[str]) -> str:
    more = len(names) - 1
    one = _("%(name)s has an example value now, under “Environment variables”: write your own if needed.")
    many = _("%(name)s and %(more)s more have example values now, under “Environment variables”: write your own.")
    return (many if more else one) % {"name": readable(names[0][:_NAME_CHARACTERS]), "more": more}


def _line(messages: tuple[Message, ...]) -> str:
    return plain(sentence(told(*messages)))


def _reduced(run_id: str, number: int, finding: Finding, scenario: Scenario) -> tuple[Scenario, Notice]:
    smaller = reduced_to(scenario, finding)
    if smaller is None:
        raise Http404
    kept = ", ".join(map(str, needed_by(finding)))
    said = _("Only requests %(kept)s are left: they suffice to see finding %(number)s again.")
    return smaller, Notice(run_id, number, said % {"kept": kept, "number": number}, "", "", (), 0)


def _repaired(run_id: str, number: int, finding: Finding, scenario: Scenario) -> tuple[Scenario, Notice]:
    advice = advice_for(finding, scenario, get_language() or "en")
    fix = fix_for(finding, scenario)
    if fix is None:
        said = _("There is no automatic fix for this finding. Your code is unchanged; the affected lines are shown.")
        file, lines = _marked(scenario.code, finding.sources)
        first = next((line.number for line in lines if line.role == "written"), 0)
        return scenario, Notice(run_id, number, said, advice, readable(file), lines, first)
    match fix.how:
        case "moved":
            said = _("%(name)s is now created inside the handler (%(file)s line %(line)s). Run it to see what remains.")
        case "reset":
            said = _("The handler now resets %(name)s first (%(file)s line %(line)s). Run it to see what remains.")
        case "anew":
            said = _("%(name)s is now created anew each time (%(file)s line %(line)s). Run it to see what remains.")
    name = scenario.name_of(finding.function)
    file = readable(scenario.shown_file(name, fix.file))
    words = {"name": readable(fix.name), "file": file, "line": fix.line}
    repaired = scenario.with_files(name, fix.files)
    return repaired, Notice(run_id, number, said % words, advice, file, (), fix.line)


def _marked(files: Mapping[str, str], sources: tuple[SourceLine, ...]) -> tuple[str, tuple[MarkedLine, ...]]:
    """The lines that the finding is about, of the file that most of them are in, with their neighbours."""
    named = [source.file for source in sources if source.file in files]
    if not named:
        return "", ()
    file = max(named, key=named.count)
    roles = {source.line: source.role for source in sources if source.file == file}
    return file, _excerpt(files[file], roles)


def _excerpt(text: str, roles: Mapping[int, str]) -> tuple[MarkedLine, ...]:
    near = {line + by for line in roles for by in range(-_AROUND, _AROUND + 1)}
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    shown = [number for number in sorted(near) if 0 < number <= len(lines)][:_LINES_MAX]
    return tuple(
        MarkedLine(number, visible(lines[number - 1], limit=_LINE_CHARACTERS), roles.get(number, ""))
        for number in shown
    )
