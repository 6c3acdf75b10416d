"""What came by way of AWS's services, as it is shown below the verdict. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.i18n.marking import told
from playground.run_page.verdict import EvidenceView, evidence_view
from playground.text import labels
from playground.text.display_text import Pieces, sentence

if TYPE_CHECKING:
    from sandbox_runner.results.model import Passage


@dataclass(frozen=True, slots=True)
class PassageView:
    """One value. The anchors are those of the requests that stored it and got it."""

    sentence: Pieces
    confidence: str
    writer: str
    writer_anchor: str
    reader: str
    reader_anchor: str
    evidence: tuple[EvidenceView, ...]


def passage_view(passage: Passage) -> PassageView:
    """A value and the way that it came."""
    writer, reader = passage.writer, passage.reader
    sent = (seen.text or "" for one in passage.evidence for seen in one.observations if _is_sent(seen.condition.code))
    value = next(sent, "")
    return PassageView(
        sentence=sentence(told(*passage.messages)),
        confidence=labels.CONFIDENCES[passage.confidence],
        writer=labels.request_name(writer.invocation, writer.principal),
        writer_anchor=f"request-{writer.invocation}",
        reader=labels.request_name(reader.invocation, reader.principal),
        reader_anchor=f"request-{reader.invocation}",
        evidence=tuple(evidence_view(one, value) for one in passage.evidence),
    )


def _is_sent(code: str) -> bool:
    return code == "value-sent"
