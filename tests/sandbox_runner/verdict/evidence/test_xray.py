"""The table of state walks, and which place carried a value."""

import base64

import pytest

from sandbox_runner.events.records import StateCaptured, StateLeaf
from sandbox_runner.verdict.evidence.xray import (
    ROWS_MAX,
    carrier_of,
    carrier_of_difference,
    changed,
    delivered,
    is_held_in,
    out_of_sight,
    table,
)
from sandbox_runner.verdict.texts.markers import Marker

ALICE = Marker("v", "alice-7Qx")


def walk(after: int, truncated: bool = False, **values: str) -> StateCaptured:
    leaves = tuple(
        StateLeaf(root="python-module", carrier=f"app.{name}", path=f"app.{name}", kind="str", value=value)
        for name, value in values.items()
    )
    return StateCaptured(after_index=after, leaves=leaves, nodes=len(leaves), truncated=truncated)


def states(*walks: StateCaptured) -> dict[int, StateCaptured]:
    return {each.after_index: each for each in walks}


def test_the_table_has_a_row_for_each_place_and_a_column_for_each_moment_what_changed_first():
    shown = table(states(walk(0, a="1", b="x"), walk(1, a="1", b="y", c="z"), walk(2, a="1", b="y", c="z")), (1, 2))
    assert shown.columns == (0, 1, 2)
    assert [(row.path, row.values, row.changed) for row in shown.rows] == [
        ("app.b", ("x", "y", "y"), True),
        ("app.c", (None, "z", "z"), True),
        ("app.a", ("1", "1", "1"), False),
    ]


def test_a_moment_without_a_walk_has_no_column():
    assert table(states(walk(0), walk(2)), (1, 2)).columns == (0, 2)


def test_rows_are_bounded_and_counted_and_a_cut_walk_is_said():
    shown = table(states(walk(0, truncated=True, **{f"n{i}": "v" for i in range(ROWS_MAX + 7)})), ())
    assert (len(shown.rows), shown.cut, shown.truncated) == (ROWS_MAX, 7, True)


def test_the_carrier_is_the_place_that_is_nothing_but_the_value():
    held = states(walk(0), walk(1, log="seen alice-7Qx at 9", last="alice-7Qx"))
    assert carrier_of(held, (1,), 2, ALICE).path == "app.last"


def test_a_place_that_held_it_after_init_already_is_no_carrier():
    assert carrier_of(states(walk(0, a="alice-7Qx"), walk(1, a="alice-7Qx")), (1,), 2, ALICE) is None


def test_a_transformed_value_is_recognised_where_it_is_held():
    assert carrier_of(states(walk(0), walk(1, a="ALICE-7QX")), (1,), 2, ALICE).path == "app.a"


def test_the_newest_walk_before_the_reader_counts():
    held = states(walk(0), walk(1, a="alice-7Qx"), walk(2, b="alice-7Qx"))
    assert carrier_of(held, (1, 2), 3, ALICE).path == "app.b"


def test_a_folder_carries_what_is_in_the_names_of_its_files():
    def files(after: int, *paths: str) -> StateCaptured:
        leaves = tuple(StateLeaf(root="tmp-file", carrier=p, path=p, kind="file", value="\0") for p in paths)
        return StateCaptured(after_index=after, leaves=leaves, nodes=len(leaves), truncated=False)

    held = states(files(0), files(1, "/tmp/tiles/bob-91Kz-0.tif", "/tmp/tiles/alice-7Qx-0.tif"))
    place = carrier_of(held, (1,), 2, ALICE)
    assert (place.path, place.value) == ("/tmp/tiles", "alice-7Qx-0.tif")
    assert is_held_in(place, held[1])
    assert not is_held_in(place, held[0])
    assert carrier_of(states(files(0), files(1, "/tmp/alice-7Qx")), (1,), 2, ALICE).path == "/tmp/alice-7Qx"


def test_without_a_walk_there_is_no_carrier():
    assert carrier_of({}, (1,), 2, ALICE) is None


def of_process(after: int, carrier: str, value: str) -> StateCaptured:
    leaf = StateLeaf(root="python-module", carrier=carrier, path=carrier, kind="str", value=value)
    return StateCaptured(after_index=after, leaves=(leaf, *walk(after, a=value).leaves), nodes=2, truncated=False)


def test_of_two_places_that_hold_it_a_module_s_own_says_more_than_the_process_s():
    for carrier in ("threading.enumerate()", "descriptor 7, /tmp/log", "logging.getLogger()", "os.environ['WHO']"):
        held = states(walk(0), of_process(1, carrier, "alice-7Qx"))
        assert carrier_of(held, (1,), 2, ALICE).path == "app.a"
        assert [leaf.path for leaf in changed(held, (1,), 2)] == ["app.a", carrier]


def test_a_place_that_keeps_base64_of_json_holds_what_is_in_it():
    kept = base64.b64encode(b'{"user":"alice-7Qx"}').decode()
    found = carrier_of(states(walk(0, a=""), walk(1, a=kept)), (1,), 2, ALICE)
    assert found is not None
    assert found.carrier == "app.a"


CHILD, WORKER, SOCKET = "child process /bin/cat", "worker thread 1", "descriptor 7, socket to 10.0.0.1:5432"


def beside(*carriers, truncated=False):
    """A walk after the first request that has no places but these."""
    leaves = (StateLeaf(root="python-module", carrier=each, path=each, kind="str", value="there") for each in carriers)
    return states(walk(1, truncated).model_copy(update={"leaves": tuple(leaves)}))


def test_the_only_thing_that_no_walk_looks_into_is_named_for_what_none_saw():
    assert [out_of_sight(beside("app.x", each), (1,), 2).carrier for each in (CHILD, WORKER)] == [CHILD, WORKER]


@pytest.mark.parametrize(
    "held",
    [
        beside("app.x"),
        beside(CHILD, WORKER),
        beside(CHILD, SOCKET),
        beside("descriptor 7, /tmp/log"),
        beside(CHILD, truncated=True),
        {},
    ],
    ids=["none", "two", "a connection beside it", "a file", "a walk that was cut", "no walk"],
)
def test_where_something_else_may_hold_it_nothing_is_named(held):
    assert out_of_sight(held, (1,), 2) is None


def task(after: int, **values: str) -> StateCaptured:
    work = StateLeaf(
        root="python-module",
        carrier="asyncio.all_tasks()",
        path="asyncio.all_tasks()['note'].get_coro()",
        kind="str",
        value="alice-7Qx",
    )
    other = walk(after, **values)
    return other.model_copy(update={"leaves": (*other.leaves, work)})


@pytest.mark.parametrize(
    ("now", "shown", "expected"),
    [
        (walk(2, last="alice-7Qx"), "alice-7Qx", "app.last"),
        (task(2, last="from alice-7Qx"), "it is from alice-7Qx", "app.last"),
        (walk(2, last="alice-7Qx", first="alice-7Qx"), "alice-7Qx", None),
        (walk(2, last="seen alice-7Qx at 9"), "alice-7Qx", None),
        (walk(2, truncated=True, last="alice-7Qx"), "alice-7Qx", None),
        (task(2), "alice-7Qx", None),
    ],
    ids=["put there", "put there, and more to do", "in two places", "another text", "a walk that was cut", "nowhere"],
)
def test_what_work_that_went_on_put_somewhere_is_there_where_it_came_out(now, shown, expected):
    found = delivered(states(walk(0), task(1), now), (1,), 2, ALICE, shown)
    assert (found.path if found else None) == expected


@pytest.mark.parametrize(
    ("after", "expected"), [("signed in as 7Qx", "app.ticket"), ("GET 2", "app.calls"), ("free text", "app.ticket")]
)
def test_of_what_an_answer_was_made_from_the_place_that_holds_it_carried_a_difference(after, expected):
    """Where the answer shows no place as it is; another may have changed first."""
    held = states(walk(0, calls="0"), walk(1, calls="1", path="/seats", ticket="alice-7Qx"))
    assert carrier_of_difference(held, (1,), 2, after, "(absent)", sent=ALICE).path == expected
    assert carrier_of_difference(held, (1,), 2, "free text", "(absent)").path == "app.calls"
