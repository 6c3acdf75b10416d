"""A changed leaf is of the same type and shape, is never the same, and stands where the old one stood."""

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.verdict.texts.outputs import bounded_leaves
from sandbox_runner.verdict.texts.payload_changes import alternatives, changed, changed_text

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def values(payload, path, **others):
    return [each.value for each in alternatives(payload, path, others)]


@pytest.mark.parametrize(
    ("what", "value", "shape"),
    [
        ("a word", "alice", r"[a-z]{5}"),
        ("a name with a number", "Alice-7Qx", r"[A-Z][a-z]{4}-\d[A-Z][a-z]"),
        ("a UUID", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("a date", "2024-02-29", r"20\d\d-(0[1-9]|1[0-2])-([01]\d|2[0-8])"),
        ("a moment", "2024-02-29T23:59:10Z", r"20\d\d-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:10Z"),
        ("a number", 4711, r"\d{4}"),
        ("digits in groups", "4111-2222-3333-4444", r"\d{4}(-\d{4}){3}"),
        ("a negative number", -12, r"-\d\d"),
    ],
)
def test_the_first_value_has_the_shape_of_the_old_one(what, value, shape):
    first = values({"v": value}, "v")[0]
    assert re.fullmatch(shape, str(first)), what
    assert type(first) is type(value)
    assert first != value


def test_one_value_is_the_other_request_s_own():
    assert "bob" in values({"user": "alice"}, "user", user="bob")


def test_a_value_of_a_fixed_set_comes_first_and_what_further_requests_sent_is_tried_too():
    made = alternatives({"zone": "utc"}, "zone", {"zone": "local"}, choices=("solar",), sent=("lunar",))
    assert made[0].value == "solar"
    assert {"local", "lunar"} <= {each.value for each in made[:4]}


def test_a_number_gets_the_other_parity_and_a_flag_its_contrary():
    assert values({"n": 40}, "n")[0] % 2 == 1
    assert values({"f": True}, "f") == [False]


def test_nothing_can_stand_in_for_null_but_what_the_other_sent():
    assert values({"v": None}, "v") == []
    assert values({"v": None}, "v", v="x") == ["x"]


def test_a_leaf_of_json_within_a_string_is_changed_there():
    payload = {"body": '{"user": "alice", "n": [1, 2]}', "x": 1}
    text = changed_text(payload, {"body.user": "bob", "body.n[1]": 5})
    assert json.loads(json.loads(text)["body"]) == {"user": "bob", "n": [1, 5]}


@given(json_values, st.data())
def test_only_the_leaf_at_the_path_changes(payload, data):
    leaves = bounded_leaves(payload)[0]
    paths = [path for path, _ in leaves]
    path = data.draw(st.sampled_from(paths))
    for each in alternatives(payload, path, {}):
        if paths.count(path) == 1 and not isinstance(each.value, dict | list):
            after = dict(bounded_leaves(changed(payload, {path: each.value}))[0])
            assert {other for other, value in leaves if repr(after.get(other)) != repr(value)} == {path}


def _token(**claims):
    parts = ({"alg": "none"}, claims)
    head, said = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"Bearer {head}.{said}.c2lnbmF0dXJl"


def test_a_token_gets_other_claims_and_stays_one_of_the_same_time_and_maker():
    claims = {"sub": "u-4811", "email": "ann@mail.test", "roles": ["member"], "iss": "https://login.test", "exp": 1767}
    made = values({"authorization": _token(**claims)}, "authorization")[0]
    kind, head, said, seal = made.replace(" ", ".").split(".")
    other = json.loads(base64.urlsafe_b64decode(said + "=="))
    assert (kind, head, seal) == ("Bearer", *[_token().split(" ")[1].split(".")[at] for at in (0, 2)])
    assert {name: other[name] for name in ("iss", "exp")} == {name: claims[name] for name in ("iss", "exp")}
    assert not {other["sub"], other["email"], *other["roles"]} & {claims["sub"], claims["email"], "member"}


def test_a_name_and_a_password_are_changed_below_their_encoding():
    sent = "Basic " + base64.b64encode(b"ann:secret-7").decode()
    kind, said = values({"authorization": sent}, "authorization")[0].split(" ")
    assert re.fullmatch(r"[a-z]{3}:[a-z]{6}-\d", base64.b64decode(said).decode())
    assert (kind, f"{kind} {said}" == sent) == ("Basic", False)
