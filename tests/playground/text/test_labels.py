"""Figures as a person says them."""

import pytest

from playground.text import labels


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1536, "1.5 KB"),
        (3 * 1024**2, "3.0 MB"),
        (1_999_499_758, "1.9 GB"),
    ],
)
def test_bytes_are_said_in_a_unit_that_fits(number, said):
    assert labels.size(number) == said
