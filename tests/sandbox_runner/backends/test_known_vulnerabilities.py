"""Which engine parts are known to let a container out."""

from __future__ import annotations

import pytest

from sandbox_runner.backends.doctor import engine_parts
from sandbox_runner.backends.known_vulnerabilities import parse, vulnerabilities


@pytest.mark.parametrize(
    ("runc", "named"),
    [
        ("1.1.5+ds1", ["CVE-2024-21626", "CVE-2025-31133"]),
        ("1.1.12", ["CVE-2025-31133"]),
        ("v1.2.7", ["CVE-2025-31133"]),
        ("1.2.8", []),
        ("1.3.2", ["CVE-2025-31133"]),
        ("1.3.3", []),
        ("1.4.0", []),
        ("unknown", []),
    ],
)
def test_a_version_has_the_flaws_that_its_line_had(runc, named):
    sentences = list(vulnerabilities({"runc": runc}))

    assert [next(name for name in sentence.split() if name.startswith("CVE")) for sentence in sentences] == named


@pytest.mark.parametrize(("text", "version"), [("20.10.24+dfsg1", (20, 10, 24)), ("v1.7", (1, 7)), ("dev", ())])
def test_a_version_is_its_leading_numbers(text, version):
    assert parse(text) == version


def test_the_engine_names_its_parts():
    answer = {"Version": "20.10.24", "Components": [{"Name": "runc", "Version": "1.1.5"}, {"Name": "docker-init"}]}

    assert engine_parts(answer) == {"engine": "20.10.24", "runc": "1.1.5"}
