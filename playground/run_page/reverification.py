"""What became of verifying a run again: the claims of both, compared by their fingerprints. Pure but for its words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from playground.i18n.marking import _, told
from playground.text import labels
from playground.text.display_text import Pieces, readable, sentence, visible
from sandbox_runner.messages import Message
from sandbox_runner.results.model import Verdict
from sandbox_runner.results.version_1 import result_of_today
from sandbox_runner.runtimes.stand_ins import label_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

Comparison = Literal["same", "changed"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a stored result claims: its verdict, and its findings.

    A finding is the fingerprint of itself and of each of its pairs, with what each says. Several may have one
    fingerprint: the same leak that came out in several requests.
    """

    verdict: Verdict
    confidence: str
    findings: tuple[tuple[tuple[str, str], ...], ...]
    backend: str
    image_digest: str
    stopped: str
    played_on: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim: it came out again, it did not, or it is new."""

    kind: Literal["same", "gone", "new"]
    word: str
    sentence: Pieces


@dataclass(frozen=True, slots=True)
class ReverificationView:
    """One verification. ``comparison`` is empty while it goes on, and where it came to no verdict."""

    run_id: str
    ran_at: datetime
    going_on: bool
    now: str
    comparison: Comparison | Literal[""]
    heading: str
    tone: str
    word: str
    icon: str
    confidence: str
    backend: str
    image_digest: Pieces
    image: str
    claims: tuple[ClaimView, ...]
    cuts: tuple[str, ...]
    runtimes: tuple[str, ...]


def claims_of(result: Mapping[str, Any]) -> Claims:
    """The claims of a result's JSON form; only what is compared is read, for results are large."""
    result = result_of_today(result)
    verdict = Verdict(result["verdict"])
    found = result["findings"]
    confidence = next((one["confidence"] for one in found if one["grade"] == verdict), "")
    return Claims(
        verdict=verdict,
        confidence=confidence,
        findings=tuple(
            tuple((each["fingerprint"], _told(each["messages"])) for each in (one, *one.get("pairs", ())))
            for one in found
        ),
        backend=result["backend"]["name"],
        image_digest=result["backend"]["image_digest"],
        stopped=_told([stopped]) if (stopped := (result.get("proof") or {}).get("stopped")) else "",
        played_on=result["backend"].get("played_on", {}),
    )


def _told(messages: Iterable[Mapping[str, Any]]) -> str:
    return told(*map(Message.model_validate, messages))


def compared(original: Claims, again: Claims) -> tuple[Comparison, tuple[ClaimView, ...]]:
    """Whether both claim the same, and what became of each claim.

    A finding that came again says so once; of its pairs only those are told that did not.
    """
    left = Counter(fingerprint for finding in again.findings for fingerprint, _said in finding)
    kept: list[ClaimView] = []
    gone: list[ClaimView] = []
    for finding in original.findings:
        missing = list(_taken_from(left, finding))
        kept += [_claim("same", finding[0][1])] if len(missing) < len(finding) else []
        gone += [_claim("gone", said) for said in (missing if len(missing) < len(finding) else [finding[0][1]])]
    new: list[ClaimView] = []
    # What is left over came out more often than before; the last of a fingerprint are those.
    for finding in reversed(again.findings):
        more = [said for fingerprint, said in reversed(finding) if _is_left(left, fingerprint)]
        new += [_claim("new", said) for said in (more if len(more) < len(finding) else [finding[0][1]])]
    is_same = original.verdict == again.verdict and not gone and not new
    return "same" if is_same else "changed", (*kept, *gone, *reversed(new))


def _taken_from(left: Counter[str], finding: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What those say that are not among ``left``; the others are taken out of it."""
    return (said for fingerprint, said in finding if not _is_left(left, fingerprint))


def _is_left(left: Counter[str], fingerprint: str) -> bool:
    """Take one of that fingerprint out of ``left``, if there is one."""
    there = left[fingerprint] > 0
    left[fingerprint] -= there
    return there


def finished(run_id: str, ran_at: datetime, original: Claims, again: Claims) -> ReverificationView:
    """One that came to a verdict."""
    comparison, claims = compared(original, again)
    tone, word, icon = labels.verdict_word(again.verdict)
    same_image = original.image_digest == again.image_digest
    return ReverificationView(
        run_id=run_id,
        ran_at=ran_at,
        going_on=False,
        now="",
        comparison=comparison,
        heading=_("The same claims") if comparison == "same" else _("Other claims than before"),
        tone=tone,
        word=word,
        icon=icon,
        confidence=labels.CONFIDENCES.get(again.confidence, ""),
        backend=again.backend,
        image_digest=visible(again.image_digest),
        image=_("the image of the original") if same_image else _("another image than the original's"),
        claims=claims,
        cuts=_cuts(original, again),
        runtimes=_other_runtimes(original, again),
    )


def without_verdict(run_id: str, ran_at: datetime, status: str, now: str) -> ReverificationView:
    """One that goes on, or that ended without a verdict."""
    going_on = status in ("queued", "running", "proving")
    return ReverificationView(
        run_id=run_id,
        ran_at=ran_at,
        going_on=going_on,
        now=now,
        comparison="",
        heading=_("Verifying again") if going_on else _("Not verified"),
        tone="undetermined",
        word=labels.STATUSES.get(status, status),
        icon="",
        confidence="",
        backend="",
        image_digest=(),
        image="",
        claims=(),
        cuts=(),
        runtimes=(),
    )


def _cuts(original: Claims, again: Claims) -> tuple[str, ...]:
    """Whose proof ended before it was done: what was not looked into neither stands nor falls with the other."""
    cut_short = (
        (_("The original proof ended early. %(why)s"), original.stopped),
        (_("This proof ended early. %(why)s"), again.stopped),
    )
    return tuple(said % {"why": readable(why)} for said, why in cut_short if why)


def _other_runtimes(original: Claims, again: Claims) -> tuple[str, ...]:
    """The runtimes of the functions that another one played than before: one came or went in the meantime."""
    said = _("%(runtime)s was played on %(before)s, and is now played on %(now)s.")
    both = dict.fromkeys((*original.played_on, *again.played_on))
    told = ((each, original.played_on.get(each, each), again.played_on.get(each, each)) for each in both)
    return tuple(
        said % {"runtime": each, "before": label_of(before), "now": label_of(now)}
        for each, before, now in told
        if before != now
    )


def _claim(kind: Literal["same", "gone", "new"], said: str) -> ClaimView:
    became = {"same": _("again"), "gone": _("not found again"), "new": _("new")}
    return ClaimView(kind, became[kind], sentence(said))
