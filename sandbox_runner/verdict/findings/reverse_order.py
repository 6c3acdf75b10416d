"""The same requests the other way round: what only comes out when the later request is the earlier one. Pure.

Some handlers leak in one direction only. Where the scenario's order shows no leak, each environment's requests are
replayed backwards, and every oracle looks at those answers as if the run had given them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sandbox_runner.results.model import Outcome
from sandbox_runner.verdict.evidence.facts import OTHER_ORDER, backwards, ran
from sandbox_runner.verdict.evidence.history import difference
from sandbox_runner.verdict.evidence.planning import Wanted
from sandbox_runner.verdict.findings import wording
from sandbox_runner.verdict.findings.by_interference import all_leaks
from sandbox_runner.verdict.findings.by_state import dependent, readers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.results.model import Finding
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Answer, Facts, Played

ENVIRONMENTS_MAX: Final = 3


def turned(case: Case) -> Case:
    """The case as if the run had played each environment's requests backwards, as far as replays did."""
    facts = case.facts
    requests = {
        index: replace(played, answer=next(iter(facts.turned.get(index, ())), None))
        for index, played in facts.requests.items()
    }
    return case.seen_as(
        replace(
            facts,
            requests=requests,
            sequences={name: backwards(sequence) for name, sequence in facts.sequences.items()},
            alone=_with_the_run_s_own(facts),
            again={index: answers[1:] for index, answers in facts.turned.items()},
            states=facts.turned_states,
        )
    )


def turned_plan(facts: Facts) -> tuple[Wanted, ...]:
    """What shows whether the other order matters: once backwards, and the first request alone where nothing was yet."""
    orders = _orders(facts).values()
    alone = [Wanted("history", (order[-1],), 1) for order in orders if not facts.controls(order[-1])]
    return (*alone, *(Wanted("history", order, 1) for order in orders))


def turned_walks(case: Case, found: Sequence[Finding]) -> tuple[Wanted, ...]:
    """The state walks that explain what the other order showed.

    :param case: the turned one.
    :param found: what the marker oracle says of it.
    """
    known = {each.reader.invocation for each in found if each.reader}
    suspects = [reader for reader in case.facts.readers() if reader.index in known or _differs(case, reader)]
    names = dict.fromkeys(reader.environment for reader in suspects if reader.environment)
    return tuple(Wanted("xray", case.facts.sequences[name], 1, f"{name}{OTHER_ORDER}") for name in names)


def in_other_order(case: Case, known: Sequence[Finding]) -> tuple[Finding, ...]:
    """What only the other order shows: leaks where there is none among ``known``, else what depends on history.

    :param known: what the scenario's own order showed.
    """
    if not case.facts.turned or any(each.kind in ("answer-leak", "log-leak") for each in known):
        return ()
    other = turned(case)
    leaked = all_leaks(other)[0]
    found = leaked if known else (*leaked, *dependent(other, readers_of(leaked)))
    return tuple(_said(other, finding) for finding in found)


def _orders(facts: Facts) -> dict[str, tuple[int, ...]]:
    """Backwards, the environments that several principals came to and in which nothing ran into its time.

    Where requests overlapped, each came before the other as it is.
    """
    in_turn = {name: each for name, each in facts.sequences.items() if facts.at_once.keys().isdisjoint(each)}
    found = {name: backwards(sequence) for name, sequence in in_turn.items()}
    usable = {name: order for name, order in found.items() if _is_usable([facts.requests[index] for index in order])}
    return dict(list(usable.items())[:ENVIRONMENTS_MAX])


def _is_usable(played: Sequence[Played]) -> bool:
    several = len({each.principal for each in played}) > 1
    payloads = [each.payload_text for each in played]
    return (
        several
        and payloads != payloads[::-1]
        and all(ran(each) and each.answer and each.answer.outcome != Outcome.TIMEOUT for each in played)
    )


def _differs(case: Case, reader: Played) -> bool:
    answer, controls, now = reader.answer, case.controls(reader), case.facts.at_epoch_ms
    return answer is not None and difference(answer, controls, now) is not None


def _with_the_run_s_own(facts: Facts) -> dict[int, tuple[Answer, ...]]:
    """The answer to an environment's first request is a fresh one as it is."""
    alone = dict(facts.alone)
    for sequence in facts.sequences.values():
        first = facts.requests[sequence[0]] if sequence else None
        if first is not None and first.answer is not None and not first.answer.cut:
            alone[first.index] = (*alone.get(first.index, ()), first.answer)
    return alone


def _said(case: Case, finding: Finding) -> Finding:
    """The finding with the order in which it shows."""
    if finding.reader is None:
        return finding
    reader = finding.reader.invocation
    order = finding.reproduces_with or (*case.facts.before(reader), reader)
    messages = (wording.other_order(order), *finding.messages)
    return finding.model_copy(update={"messages": messages, "reproduces_with": order})
