"""What a person can do about each finding: read the advice, keep only its requests, take a repaired copy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import _
from playground.run_page.advice import advice, kind_of
from playground.run_page.minimal_scenario import needed_by, reduced_to
from playground.run_page.repairs.fixes import fix_of
from playground.run_page.verdict import FindingActions
from playground.text.display_text import readable
from sandbox_runner.handler_code.source_lines import module_of

if TYPE_CHECKING:
    from playground.run_page.presenter import RunPage
    from playground.run_page.repairs.edits import Fix
    from sandbox_runner.results.model import Finding, RunResult
    from sandbox_runner.scenario.model import Function, Scenario

# Each needs its own look at the code; a page with more findings says the same of most of them.
FIXES_MAX: Final = 10


def with_actions(page: RunPage, result: RunResult, language: str) -> RunPage:
    """The page of ``result`` with the actions of each of its findings; texts in ``language``."""
    found = zip(page.findings, actions(result, language), strict=True)
    return replace(page, findings=tuple(replace(finding, actions=its) for finding, its in found))


def actions(result: RunResult, language: str) -> tuple[FindingActions, ...]:
    """The actions of every finding, in their order; texts in ``language``."""
    scenario = result.scenario
    return tuple(
        FindingActions(
            number=number,
            advice=advice_for(finding, scenario, language),
            keeps=needed_by(finding) if reduced_to(scenario, finding) else (),
            fix=_said(fix) if number <= FIXES_MAX and (fix := fix_for(finding, scenario)) else "",
        )
        for number, finding in enumerate(result.findings, 1)
    )


def advice_for(finding: Finding, scenario: Scenario, language: str) -> str:
    """The remedy for what carried ``finding``."""
    modules = frozenset(map(module_of, _function_of(finding, scenario).files))
    return advice(kind_of(finding, modules), finding.runtime, language)


def fix_for(finding: Finding, scenario: Scenario) -> Fix | None:
    """The repaired files, where a mechanical fix is certain."""
    function = _function_of(finding, scenario)
    return fix_of(function.files, function.handler, finding, function.environment)


def _said(fix: Fix) -> str:
    match fix.how:
        case "moved":
            said = _("moves %(name)s into the handler")
        case "reset":
            said = _("resets %(name)s at the start of the handler")
        case "anew":
            said = _("creates %(name)s anew each time")
    return said % {"name": readable(fix.name)}


def _function_of(finding: Finding, scenario: Scenario) -> Function:
    return scenario.functions[scenario.name_of(finding.function)]
