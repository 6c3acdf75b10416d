"""What is made of measurements; a wrong ratio would be believed."""

import pytest

from benchmarks.figures import Measured, Ratio, milliseconds

SLOW_MACHINE, FAST_MACHINE = 2.0, 1.0


def measured(*blocks):
    return Measured("x", tuple(tuple(block) for block in blocks))


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, 1.0), (0.5, 51.0), (0.99, 100.0), (1.0, 100.0)],
    ids=["least", "middle", "p99", "most"],
)
def test_a_percentile_is_taken_over_all_blocks(share, expected):
    assert measured(range(1, 51), range(51, 101)).percentile(share) == expected


def test_a_ratio_compares_neighbours_so_that_a_machine_that_slows_down_changes_nothing():
    ours = measured([3.0 * FAST_MACHINE], [3.0 * SLOW_MACHINE])
    theirs = measured([2.0 * FAST_MACHINE], [2.0 * SLOW_MACHINE])
    assert Ratio(ours, theirs).value == 1.5


def test_one_disturbed_block_does_not_decide():
    assert Ratio(measured([1.0], [1.0], [90.0]), measured([1.0], [1.0], [1.0])).value == 1.0


def test_blocks_without_a_neighbour_are_refused():
    with pytest.raises(ValueError, match="zip"):
        _ = Ratio(measured([1.0], [1.0]), measured([1.0])).value


@pytest.mark.parametrize(("value", "said"), [(1.5, "met"), (1.6, "MISSED")])
def test_a_missed_goal_is_said(value, said):
    assert Ratio(measured([value]), measured([1.0])).line(goal=1.5).endswith(said)


def test_microseconds_become_milliseconds():
    assert milliseconds("x", [[1500.0], [250.0]]).blocks == ((1.5,), (0.25,))
