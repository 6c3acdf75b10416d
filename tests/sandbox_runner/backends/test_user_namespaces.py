"""Whose ids a person may use."""

from __future__ import annotations

import pytest

from sandbox_runner.backends.user_namespaces import delegated

TABLE = [
    ("a range by name", "anna:100000:65536\n", (100000, 65536)),
    ("a range by number", "1000:200000:65536\n", (200000, 65536)),
    ("the first that is large enough", "anna:5:10\nanna:100000:993\n", (100000, 993)),
    ("a range without room for uid 993", "anna:100000:992\n", None),
    ("somebody else's", "bert:100000:65536\n", None),
    ("nothing", "", None),
    ("broken lines", "anna\nanna:x:y\nanna:1\n# anna:1:99999\n", None),
]


@pytest.mark.parametrize(("description", "text", "found"), TABLE)
def test_the_range_of_a_person_is_found(description, text, found):
    assert delegated(text, "anna", 1000) == found
