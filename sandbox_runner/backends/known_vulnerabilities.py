"""Versions of engine parts that are known to let a container out; pure.

Told by upstream's numbers: a distribution may have mended an old number, so this warns and does not judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Flaw:
    """A flaw of ``part`` that is mended in these releases, one for each line that was mended, oldest first."""

    name: str
    part: str
    mended: tuple[Version, ...]
    source: str

    def affects(self, version: Version) -> bool:
        """Whether the release is older than the first mended one of its line, or of a line that was never mended."""
        line = [mended for mended in self.mended if mended[:2] == version[:2]]
        return version < (line[0] if line else self.mended[-1])


FLAWS: Final = (
    Flaw("CVE-2024-21626", "runc", ((1, 1, 12),), "https://github.com/opencontainers/runc/releases/tag/v1.1.12"),
    Flaw(
        "CVE-2025-31133",
        "runc",
        ((1, 2, 8), (1, 3, 3)),
        "https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2",
    ),
)


def parse(version: str) -> Version:
    """The leading numbers of a version; what follows them says where it was built."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(map(int, found[1].split("."))) if found else ()


def flaws(parts: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each known flaw of these parts, name to version. An unknown version has none."""
    for flaw in FLAWS:
        version = parse(parts.get(flaw.part, ""))
        if version and flaw.affects(version):
            yield f"{flaw.part} {parts[flaw.part]} is of a line with {flaw.name} ({flaw.source})."
