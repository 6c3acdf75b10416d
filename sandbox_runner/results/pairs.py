"""A finding with pairs as if each of them had been a finding of its own. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox_runner.results.model import Finding

# What the codes of messages begin with that say where something was held: a finding's, and not said again in its pairs.
OF_PLACE: Final = ("carried-by", "held-in", "carrier-", "other-lines")


def apart(finding: Finding) -> tuple[Finding, ...]:
    """``finding`` without its pairs, then one for each of them."""
    alone = finding.model_copy(update={"pairs": ()})
    return (alone, *(alone.model_copy(update=dict(pair)) for pair in finding.pairs))


def fingerprints(finding: Finding) -> tuple[str, ...]:
    """Its own and those of its pairs, each once."""
    return tuple(dict.fromkeys([finding.fingerprint, *(pair.fingerprint for pair in finding.pairs)]))
