"""What paths, templates, functions and choices of a state machine mean."""

from __future__ import annotations

import pytest

from sandbox_runner.account.inside.workflows import choices, paths, problems, templates
from sandbox_runner.account.inside.workflows.problems import DefinitionError, StateError

DATA = {
    "a": {"b": [1, 2, 3], "x y": "spaced"},
    "users": [{"name": "ann", "age": 31}, {"name": "ben", "age": 17}],
    "n": 3,
    "text": "hello world",
    "when": "2026-01-05T01:00:00Z",
    "nothing": None,
}
CONTEXT = {"Execution": {"Name": "run-1"}, "Map": {"Item": {"Index": 2}}}


@pytest.fixture(autouse=True)
def _carried(monkeypatch):
    monkeypatch.setattr(problems, "LEFT", {"bytes": 1_000_000})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DATA),
        ("$.a.b", [1, 2, 3]),
        ("$.a.b[0]", 1),
        ("$.a.b[-1]", 3),
        ("$.a['x y']", "spaced"),
        ('$["a"]["b"][1]', 2),
        ("$.a.b[1:]", [2, 3]),
        ("$.a.b[*]", [1, 2, 3]),
        ("$.a.b[0,2]", [1, 3]),
        ("$.users[*].name", ["ann", "ben"]),
        ("$..name", ["ann", "ben"]),
        ("$.users[?(@.age > 18)].name", ["ann"]),
        ("$.users[?(@.name == 'ben')]", [{"name": "ben", "age": 17}]),
        ("$.users[?(@.absent)]", []),
        ("$.nothing", None),
    ],
)
def test_a_path_leads_to_what_it_names(path, value):
    assert paths.found_at(path, DATA) == value


@pytest.mark.parametrize("path", ["$.absent", "$.a.b[7]", "$.n.deeper"])
def test_a_path_to_nothing_fails_the_state(path):
    with pytest.raises(StateError, match=r"States\.Runtime"):
        paths.found_at(path, DATA)


@pytest.mark.parametrize("path", ["a.b", "$.", "$.a[", "$.a[?(@.b ~ 1)]", "$.users[?(@.age > x)]"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(DefinitionError, match="INVALID_JSON_PATH"):
        paths.parts_of(path)


def test_a_result_is_put_beside_the_input_and_the_input_stays_as_it_was():
    given = {"a": {"b": 1}}
    assert paths.put_at("$.a.result", given, 7) == {"a": {"b": 1, "result": 7}}
    assert paths.put_at("$.made.new", given, 7) == {"a": {"b": 1}, "made": {"new": 7}}
    assert paths.put_at(None, given, 7) == {"a": {"b": 1}}
    assert paths.put_at("$", given, 7) == 7
    assert given == {"a": {"b": 1}}


def test_a_result_cannot_be_put_into_what_has_no_fields():
    with pytest.raises(StateError, match=r"States\.ResultPathMatchFailure"):
        paths.put_at("$.n.deeper", DATA, 1)


def test_a_template_takes_values_from_input_context_and_functions():
    template = {
        "plain": "$.n",
        "n.$": "$.n",
        "of.$": "$$.Execution.Name",
        "deep": [{"first.$": "$.a.b[0]"}],
        "said.$": "States.Format('{} is {}', $.users[0].name, States.MathAdd($.n, -1))",
    }
    assert templates.expanded(template, DATA, CONTEXT) == {
        "plain": "$.n",
        "n": 3,
        "of": "run-1",
        "deep": [{"first": 1}],
        "said": "ann is 2",
    }


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("States.Array($.n, 'a', null, true, 1.5)", [3, "a", None, True, 1.5]),
        ("States.ArrayContains($.a.b, 2)", True),
        ("States.ArrayGetItem($.a.b, 1)", 2),
        ("States.ArrayLength($.a.b)", 3),
        ("States.ArrayPartition($.a.b, 2)", [[1, 2], [3]]),
        ("States.ArrayRange(1, 9, 4)", [1, 5, 9]),
        ("States.ArrayUnique(States.Array(1, 2, 1))", [1, 2]),
        ("States.Base64Encode('hi')", "aGk="),
        ("States.Base64Decode('aGk=')", "hi"),
        ("States.Format('a\\\\{b\\\\} {}', 1)", "a{b} 1"),
        ("States.Format('it\\'s {}', $.users[0])", 'it\'s {"name":"ann","age":31}'),
        ("States.Hash('hi', 'SHA-1')", "c22b5f9178342609428d6f51b2c5af4c0bde6a42"),
        ("States.JsonMerge($.users[0], $.users[1], false)", {"name": "ben", "age": 17}),
        ("States.JsonToString($.users[0])", '{"name":"ann","age":31}'),
        ("States.StringSplit('a.b+c', '.+')", ["a", "b", "c"]),
        ("States.StringToJson('[1]')", [1]),
    ],
)
def test_a_function_of_the_language_gives_what_it_is_documented_to_give(call, value):
    assert templates.value_of(call, DATA, CONTEXT) == value


@pytest.mark.parametrize(
    "call",
    ["States.ArrayGetItem($.a.b, 9)", "States.ArrayRange(1, 2000, 1)", "States.Format('{}')", "States.Hash(1, 'X')"],
)
def test_a_function_with_other_arguments_fails_the_state(call):
    with pytest.raises(StateError, match="invalid arguments"):
        templates.value_of(call, DATA, CONTEXT)


@pytest.mark.parametrize("call", ["States.Eval('1')", "States.Format('{}'", "Format('a')", "States.UUID() more"])
def test_what_is_no_function_is_refused(call):
    with pytest.raises(DefinitionError):
        templates.read(call)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"Variable": "$.n", "NumericEquals": 3}, True),
        ({"Variable": "$.n", "NumericGreaterThan": 3}, False),
        ({"Variable": "$.n", "StringEquals": "3"}, False),
        ({"Variable": "$.n", "NumericLessThanPath": "$.users[0].age"}, True),
        ({"Variable": "$.text", "StringMatches": "hel*w*d"}, True),
        ({"Variable": "$.text", "StringMatches": "hel*x"}, False),
        ({"Variable": "$.text", "StringMatches": "hello\\*"}, False),
        ({"Variable": "$.when", "TimestampLessThan": "2026-01-05T11:00:00+09:00"}, True),
        ({"Variable": "$.when", "IsTimestamp": True}, True),
        ({"Variable": "$.nothing", "IsNull": True}, True),
        ({"Variable": "$.absent", "IsPresent": False}, True),
        ({"Variable": "$$.Map.Item.Index", "NumericEquals": 2}, True),
        ({"Not": {"Variable": "$.n", "IsString": True}}, True),
        ({"And": [{"Variable": "$.n", "IsNumeric": True}, {"Variable": "$.text", "IsBoolean": True}]}, False),
        ({"Or": [{"Variable": "$.n", "IsString": True}, {"Variable": "$.n", "NumericEquals": 3}]}, True),
    ],
)
def test_a_rule_of_a_choice_holds_where_it_is_documented_to_hold(rule, expected):
    assert choices.holds({**rule, "Next": "A"}, DATA, CONTEXT) is expected


def test_a_rule_about_what_is_not_there_fails_the_state():
    with pytest.raises(StateError, match="references an invalid value"):
        choices.holds({"Variable": "$.absent", "NumericEquals": 1}, DATA, CONTEXT)


def test_a_pattern_of_many_stars_takes_no_longer_than_its_text():
    assert not choices.holds({"Variable": "$.t", "StringMatches": "*a" * 2_000 + "b"}, {"t": "a" * 100_000}, {})


def test_no_more_is_counted_of_a_value_than_a_state_may_have():
    with pytest.raises(StateError, match=r"States\.DataLimitExceeded"):
        problems.bounded(_Endless())


def test_all_values_of_an_account_together_are_bounded():
    for _ in range(5):
        problems.bounded("x" * 190_000)
    with pytest.raises(StateError, match="Holdover carries 32 MB"):
        problems.bounded("x" * 190_000)


class _Endless(list):
    """A list that has no end."""

    def __init__(self):
        super().__init__(["x"])

    def __iter__(self):
        while True:
            yield "x" * 1_000
