"""What differs between two texts, as lines that a page can show."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.text import diffs
from playground.text.diffs import LINE_CHARACTERS_MAX, LINES_OF_ONE_MAX, SHOWN_LINES_MAX, SHOWN_MARKUP_MAX, Room
from playground.text.display_text import plain
from playground.text.page_room import markup_of

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "a b"]), max_size=30)


def lines_diff(before, after, room=None, key=str):
    return diffs.lines_diff(before, after, room or Room(), key)


def text_diff(before, after, room=None):
    return diffs.text_diff(before, after, room or Room())


def file_diffs(before, after, room=None):
    return diffs.file_diffs(before, after, room or Room())


def shown(diff):
    return [(line.kind, line.before, line.after, plain(line.text)) for line in diff.lines]


def test_a_changed_line_is_removed_and_added_with_its_numbers():
    assert shown(text_diff("one\ntwo\nthree\n", "one\n2\nthree\n")) == [
        ("same", 1, 1, "one"),
        ("removed", 2, None, "two"),
        ("added", None, 2, "2"),
        ("same", 3, 3, "three"),
    ]


def test_what_changed_inside_a_line_is_marked():
    removed, added = text_diff("let kept = null;\n", "let kept = [];\n").lines

    assert [piece.text for piece in removed.text if "differs" in piece.classes] == ["null"]
    assert [piece.text for piece in added.text if "differs" in piece.classes] == ["[]"]


def test_lines_alike_far_from_a_change_are_a_gap_that_counts_them():
    before = [f"line {number}" for number in range(20)]

    assert shown(lines_diff(before, [*before[:10], "new", *before[10:]])) == [
        ("gap", None, None, "7 unchanged lines"),
        *[("same", at + 1, at + 1, f"line {at}") for at in (7, 8, 9)],
        ("added", None, 11, "new"),
        *[("same", at + 1, at + 2, f"line {at}") for at in (10, 11, 12)],
        ("gap", None, None, "7 unchanged lines"),
    ]


def test_texts_that_are_alike_have_no_difference():
    assert text_diff("a\nb\n", "a\nb\n").is_empty


def test_files_are_changed_or_only_on_one_side():
    found = file_diffs({"a.py": "1\n", "b.py": "1\n", "c.py": "1\n"}, {"a.py": "1\n", "b.py": "2\n", "d.py": "1\n"})

    assert [(plain(one.name), one.what) for one in found] == [
        ("b.py", "changed"),
        ("c.py", "only before"),
        ("d.py", "only after"),
    ]
    assert [(one.diff.removed, one.diff.added) for one in found] == [(1, 1), (1, 0), (0, 1)]


def test_what_hides_in_a_line_is_named():
    assert "U+202E" in plain(text_diff("", "x\u202ey\n").lines[0].text)


def test_lines_that_are_not_shown_are_counted():
    diff = lines_diff([], [str(number) for number in range(LINES_OF_ONE_MAX + 7)])

    assert (len(diff.lines), diff.left_out) == (LINES_OF_ONE_MAX, 7)


def crafted(unique, lines=1498):
    """The dearest text to compare that a trial found: common lines in a cycle, each beside one that is unique."""
    middle = (f"c{at % 50}\n{unique}{at}\n" for at in range(lines // 2))
    return f"first {unique}\n" + "".join(middle) + f"last {unique}\n"


def test_a_page_of_crafted_files_takes_no_longer_than_a_page_may():
    before = {f"f{number}.py": crafted("u") for number in range(49)}
    after = {f"f{number}.py": crafted("v") for number in range(49)}
    began_s = time.process_time()

    found = file_diffs(before, after)

    assert time.process_time() - began_s < 0.5
    assert len(found) == 49
    assert all(one.diff.removed and one.diff.added for one in found)
    assert sum(len(one.diff.lines) for one in found) <= SHOWN_LINES_MAX
    assert any(one.diff.coarse for one in found)
    assert sum(one.diff.left_out for one in found) > 0


@pytest.mark.parametrize("line", ["\u202e" * 400, "x" * 400, "\u3042" * 400])
def test_all_that_a_page_shows_stays_within_its_size(line):
    room = Room()

    found = file_diffs({}, {f"{number}": f"{line}{number}\n" * 300 for number in range(40)}, room)

    assert sum(markup_of(each.text) for one in found for each in one.diff.lines) <= SHOWN_MARKUP_MAX
    assert sum(len(one.diff.lines) + one.diff.left_out for one in found) == 40 * 300


def test_more_lines_than_a_page_compares_are_counted_without_being_split():
    diff = text_diff("a\n" * 900_000, "b\n" * 900_001)

    assert (diff.removed, diff.added, diff.lines, diff.coarse) == (900_000, 900_001, (), True)


def test_a_line_that_moved_far_is_found_between_lines_that_stayed():
    before = [f"line {number}" for number in range(2_000)]
    after = [*before[:1_000], "new", *before[1_000:1_500], *before[1_501:]]

    diff = lines_diff(before, after)

    assert (diff.removed, diff.added, diff.coarse) == (1, 1, False)


def test_a_long_line_is_cut_and_that_is_said():
    diff = text_diff("", "x" * 300_000)

    assert len(plain(diff.lines[0].text)) < LINE_CHARACTERS_MAX + 60
    assert "characters more" in plain(diff.lines[0].text)


def test_a_key_says_which_lines_are_alike():
    diff = lines_diff(["at 1 ms", "a"], ["at 2 ms", "b"], key=lambda line: "".join(c for c in line if not c.isdigit()))

    assert shown(diff) == [("same", 1, 1, "at 2 ms"), ("removed", 2, None, "a"), ("added", None, 2, "b")]


@given(before=LINES, after=LINES)
def test_both_texts_can_be_read_from_the_difference(before, after):
    diff = lines_diff(before, after)
    hidden = sum(int(text.split()[0]) for kind, _, _, text in shown(diff) if kind == "gap")
    same = sum(kind == "same" for kind, *_ in shown(diff))

    assert diff.removed + same + hidden == len(before)
    assert diff.added + same + hidden == len(after)
    assert [text for kind, _, _, text in shown(diff) if kind == "added"] == [
        after[line.after - 1] for line in diff.lines if line.kind == "added"
    ]
    assert diff.is_empty == (before == after)


def test_lines_that_have_little_in_common_are_not_marked():
    removed, added = text_diff("from pathlib import Path\n", "for name in files:\n").lines

    assert not any("differs" in piece.classes for piece in (*removed.text, *added.text))
