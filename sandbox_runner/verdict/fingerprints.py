"""A finding's shape: what makes two findings of different runs the same leak. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox_runner.results.model import Finding

Shape = tuple[str, ...]

# The part of a shape that says which leaf came out in which place.
LEAF_AND_OUTPUT: Final = slice(3, 5)
_POSITION: Final = re.compile(r"\[\d+\]")
_CHARACTERS: Final = 16


def shape(finding: Finding) -> Shape:
    """Kind, place, leaf and output place, and the function where there are several by name.

    Who and which request are left out, and so are positions in lists.
    """
    location, writer, reader = finding.location, finding.writer, finding.reader
    return (
        finding.kind,
        location.root if location else "",
        location.path if location else "",
        _POSITION.sub("[]", writer.leaf) if writer else "",
        _POSITION.sub("[]", reader.output_path) if reader else "",
        *([finding.function] if finding.function else []),
    )


def fingerprinted(finding: Finding) -> Finding:
    """The finding with its fingerprint, which is equal in every run that finds it again."""
    seal = hashlib.sha256("\0".join(shape(finding)).encode("utf-8", "surrogatepass")).hexdigest()
    return finding.model_copy(update={"fingerprint": seal[:_CHARACTERS]})
