"""Versions of engine components with known container escapes. Pure.

Based on upstream version numbers: a distribution may have patched an older one, so this only warns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A vulnerability of ``part``, fixed in these releases: one per fixed release line, oldest first."""

    name: str
    part: str
    mended: tuple[Version, ...]
    source: str

    def affects(self, version: Version) -> bool:
        """Whether the release is older than the first fixed one of its line, or of a line that was never fixed."""
        line = [mended for mended in self.mended if mended[:2] == version[:2]]
        return version < (line[0] if line else self.mended[-1])


FLAWS: Final = (
    Vulnerability(
        "CVE-2024-21626", "runc", ((1, 1, 12),), "https://github.com/opencontainers/runc/releases/tag/v1.1.12"
    ),
    Vulnerability(
        "CVE-2025-31133",
        "runc",
        ((1, 2, 8), (1, 3, 3)),
        "https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2",
    ),
)


def parse(version: str) -> Version:
    """The leading numbers of a version; the rest says where it was built."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(map(int, found[1].split("."))) if found else ()


def vulnerabilities(parts: Mapping[str, str]) -> Iterator[str]:
    """One sentence per known vulnerability of these components, given as name to version. Unknown versions: none."""
    for flaw in FLAWS:
        version = parse(parts.get(flaw.part, ""))
        if version and flaw.affects(version):
            yield f"{flaw.part} {parts[flaw.part]} is of a line with {flaw.name} ({flaw.source})."
