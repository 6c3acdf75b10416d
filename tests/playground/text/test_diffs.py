"""What differs between two texts, as lines that a page can show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playground.text.diffs import (
    COMPARED_LINES_MAX,
    LINE_CHARACTERS_MAX,
    SHOWN_LINES_MAX,
    file_diffs,
    lines_diff,
    text_diff,
)
from playground.text.display_text import plain

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "a b"]), max_size=30)


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
    diffs = file_diffs({"a.py": "1\n", "b.py": "1\n", "c.py": "1\n"}, {"a.py": "1\n", "b.py": "2\n", "d.py": "1\n"})

    assert [(plain(one.name), one.what) for one in diffs] == [
        ("b.py", "changed"),
        ("c.py", "only before"),
        ("d.py", "only after"),
    ]
    assert [(one.diff.removed, one.diff.added) for one in diffs] == [(1, 1), (1, 0), (0, 1)]


def test_what_hides_in_a_line_is_named():
    assert "U+202E" in plain(text_diff("", "x\u202ey\n").lines[0].text)


def test_more_lines_than_are_compared_are_replaced_as_a_whole_and_that_is_said():
    many = COMPARED_LINES_MAX + 1

    diff = lines_diff(["head", *["a"] * many, "tail"], ["head", *["b"] * many, "tail"])

    assert (diff.removed, diff.added) == (many, many)
    assert "was not compared line by line" in diff.notes[0]
    assert len(diff.lines) == SHOWN_LINES_MAX


def test_lines_that_are_not_shown_are_counted():
    diff = lines_diff([], [str(number) for number in range(SHOWN_LINES_MAX + 7)])

    assert diff.notes == ("7 more lines are left out here.",)


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
