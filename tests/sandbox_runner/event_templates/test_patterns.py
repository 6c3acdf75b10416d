"""Event patterns: what fits each operator, and what is none, in the service's words.

The cases follow localstack/localstack, tests/aws/services/events/event_pattern_templates/, which were recorded on AWS,
and the README.md of aws/event-ruler.
"""

from __future__ import annotations

import json

import pytest

from sandbox_runner.event_templates.patterns import IN_MAPPINGS, Pattern, PatternError

EVENT = {
    "source": "shop",
    "time": "2026-01-05T09:00:00Z",
    "resources": ["arn:one", "arn:two"],
    "none": [],
    "detail": {
        "state": "pending",
        "count": 3,
        "size": 300.0,
        "paid": True,
        "note": None,
        "name": "",
        "file": "/Files/ana/a/b/photo.PNG",
        "ip": "10.0.0.7",
        "a.b": "joined",
        "lines": [{"sku": "x", "left": 1}, {"sku": "y", "left": 2}],
    },
}


def fits(pattern, event=EVENT):
    return Pattern(json.dumps(pattern)).matches(event)


def detail(**fields):
    return fits({"detail": fields})


@pytest.mark.parametrize(
    ("field", "asked", "expected"),
    [
        ("state", ["pending"], True),
        ("state", ["done", "pending"], True),
        ("state", ["Pending"], False),
        ("count", [3], True),
        ("count", ["3"], False),
        ("count", [True], False),
        ("size", [300], True),
        ("paid", [True], True),
        ("paid", [1], False),
        ("note", [None], True),
        ("note", ["null"], False),
        ("name", [""], True),
        ("state", [{"prefix": "pen"}], True),
        ("state", [{"prefix": {"equals-ignore-case": "PEN"}}], True),
        ("file", [{"suffix": ".png"}], False),
        ("file", [{"suffix": {"equals-ignore-case": ".png"}}], True),
        ("state", [{"equals-ignore-case": "PENDING"}], True),
        ("state", [{"exists": True}], True),
        ("other", [{"exists": False}], True),
        ("other", [{"exists": True}], False),
        ("state", [{"exists": False}], False),
        ("lines", [{"exists": True}], False),
        ("count", [{"numeric": [">", 0, "<=", 3]}], True),
        ("count", [{"numeric": ["=", 3.0]}], True),
        ("count", [{"numeric": ["<", 3]}], False),
        ("state", [{"numeric": [">", 0]}], False),
        ("note", [{"numeric": [">", 0]}], False),
        ("state", [{"anything-but": "done"}], True),
        ("state", [{"anything-but": ["done", "pending"]}], False),
        ("count", [{"anything-but": 0}], True),
        ("note", [{"anything-but": "done"}], True),
        ("other", [{"anything-but": "done"}], False),
        ("state", [{"anything-but": {"prefix": "pen"}}], False),
        ("count", [{"anything-but": {"prefix": "pen"}}], True),
        ("state", [{"anything-but": {"equals-ignore-case": ["DONE", "PENDING"]}}], False),
        ("file", [{"anything-but": {"wildcard": "*/a/*"}}], False),
        ("file", [{"anything-but": {"suffix": [".gif", ".PNG"]}}], False),
        ("file", [{"wildcard": "/Files/*/b/*.PNG"}], True),
        ("file", [{"wildcard": "/Files/*/b/*.gif"}], False),
        ("state", [{"wildcard": "pending"}], True),
        ("state", [{"wildcard": "*pendin*ing"}], False),
        ("ip", [{"cidr": "10.0.0.0/24"}], True),
        ("ip", [{"cidr": "10.0.1.0/24"}], False),
        ("state", [{"cidr": "10.0.1.0/24"}], False),
        ("a", {"b": ["joined"]}, True),
        ("state", [{"prefix": "x"}, {"exists": True}], True),
    ],
)
def test_a_field_fits_what_is_asked_of_it(field, asked, expected):
    assert detail(**{field: asked}) is expected


def test_every_field_has_to_fit_and_one_way_of_or():
    assert fits({"source": ["shop"], "detail": {"count": [3], "state": ["pending"]}})
    assert not fits({"source": ["shop"], "detail": {"count": [3], "state": ["done"]}})
    assert detail(**{"$or": [{"count": [9]}, {"state": ["pending"]}]})
    assert not detail(**{"$or": [{"count": [9]}, {"state": ["done"]}]})
    assert not detail(**{"$or": [{"count": [3]}, {"state": ["done"]}], "paid": [False]})


def test_one_element_of_an_array_is_enough_and_an_empty_one_has_nothing():
    assert fits({"resources": ["arn:two"]})
    assert not fits({"resources": ["arn:three"]})
    assert fits({"none": [{"exists": False}]})
    assert not fits({"none": [None]})


def test_fields_of_an_array_s_objects_fit_only_within_the_same_one():
    assert detail(lines={"sku": ["y"], "left": [2]})
    assert not detail(lines={"sku": ["x"], "left": [2]})


def test_escaped_characters_stand_for_themselves_in_a_wildcard():
    assert fits({"a": [{"wildcard": r"1\*\\*"}]}, {"a": "1*\\2"})
    assert not fits({"a": [{"wildcard": r"1\*"}]}, {"a": "12"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{'a': 1}", "Invalid JSON"),
        ('["a"]', "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"a": {}}', "Empty objects are not allowed"),
        ('{"a": "x"}', '"a" must be an object or an array'),
        ('{"a": []}', "Empty arrays are not allowed"),
        ('{"a": [[1]]}', "Match value must be String, number, true, false, or null"),
        ('{"a": [{"EXISTS": true}]}', "Unrecognized match type EXISTS"),
        ('{"a": [{"exists": "yes"}]}', "exists match pattern must be either true or false."),
        ('{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key allowed in match expression"),
        ('{"a": [{"prefix": 1}]}', "prefix match pattern must be a string"),
        ('{"a": [{"numeric": 1}]}', "Value of numeric must be an array."),
        ('{"a": [{"numeric": []}]}', "Invalid member in numeric match: ]"),
        ('{"a": [{"numeric": ["=>", 1]}]}', "Unrecognized numeric range operator: =>"),
        ('{"a": [{"numeric": [">", 0, ">", 1]}]}', "Bad numeric range operator: >"),
        ('{"a": [{"numeric": [">", 0, "<"]}]}', "Value of < must be numeric"),
        ('{"a": [{"numeric": [">", 6000000000]}]}', "Value must be between -5.0E9 and 5.0E9, inclusive"),
        ('{"a": [{"anything-but": null}]}', "Value of anything-but must be an array or single string/number value."),
        ('{"a": [{"anything-but": {"prefix": ""}}]}', "Null prefix/suffix not allowed"),
        ('{"a": [{"wildcard": "a**"}]}', "Consecutive wildcard characters at pos 2"),
        ('{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required"),
        ('{"a": [{"cidr": "x/8"}]}', "Nonstandard IP address: x"),
    ],
)
def test_what_is_no_pattern_is_refused_in_the_service_s_words(text, words):
    with pytest.raises(PatternError) as refused:
        Pattern(text)
    assert str(refused.value) == words


def test_a_mapping_s_filter_has_fewer_operators():
    assert Pattern('{"a": [{"prefix": "x"}]}', IN_MAPPINGS).matches({"a": "xy"})
    with pytest.raises(PatternError, match="Unrecognized match type wildcard"):
        Pattern('{"a": [{"wildcard": "x*"}]}', IN_MAPPINGS)


def test_no_pattern_takes_longer_than_it_may():
    many = {"$or": [{"a": [1]}, {"b": [1]}]}
    nested = many
    for _ in range(12):
        nested = {"x": nested, **many}
    with pytest.raises(PatternError, match="Rule is too complex"):
        Pattern(json.dumps(nested))
    event = {"lines": [{f"f{number}": number % 2 for number in range(40)} for _ in range(60)]}
    assert not fits({"lines": {f"f{number}": [number % 2] for number in range(39)} | {"f39": [7]}}, event)
