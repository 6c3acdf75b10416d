"""The story of an experiment over its revisions: a leak, fixed in revision 2. One query for a page of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.experiments.models import Run
from playground.i18n.marking import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CLEAN: Final = "clean"
# The graver, the earlier.
BAD: Final = {"leak": N_("leak"), "history-dependent": N_("depends on history"), "retained": N_("held")}


def stories(experiment_ids: Iterable[str]) -> Mapping[str, str]:
    """A sentence for each of these experiments whose revisions came out differently."""
    runs = Run.objects.filter(revision__experiment__in=[*experiment_ids], reverifies=None, proves_further=None)
    judged = runs.exclude(verdict="").order_by("created_at", "id")
    newest: dict[str, dict[int, str]] = {}
    for experiment, number, verdict in judged.values_list("revision__experiment_id", "revision__number", "verdict"):
        newest.setdefault(experiment, {})[number] = verdict
    told = {experiment: story(sorted(verdicts.items())) for experiment, verdicts in newest.items()}
    return {experiment: sentence for experiment, sentence in told.items() if sentence}


def story(verdicts: Sequence[tuple[int, str]]) -> str:
    """What became of it, given each revision's number and newest verdict, by number.

    :returns: nothing where all came out alike, or nothing can be said.
    """
    bad = [(number, verdict) for number, verdict in verdicts if verdict in BAD]
    clean = [number for number, verdict in verdicts if verdict == CLEAN]
    if not bad or not clean:
        return ""
    gravest = min((verdict for _number, verdict in bad), key=[*BAD].index)
    fixed = next((number for number in clean if number > bad[-1][0]), None)
    if fixed is not None:
        first = next(number for number, verdict in bad if verdict == gravest)
        words = {"what": _(BAD[gravest]), "first": first, "fixed": fixed}
        return _("%(what)s in revision %(first)d, fixed in revision %(fixed)d") % words
    since = next(number for number, _verdict in bad if number > clean[-1])
    now = bad[-1][1]
    return _("clean in revision %(clean)d, %(what)s since revision %(since)d") % {
        "clean": clean[-1],
        "what": _(BAD[now]),
        "since": since,
    }
