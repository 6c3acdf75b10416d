"""The form in which JSON is kept."""

from hypothesis import given
from hypothesis import strategies as st

from playground.experiments.stored_json import digest, pack, pack_events, unpack, unpack_events
from sandbox_runner.events.records import Event
from tests.strategies import models

TEXTS = st.text(st.characters())


@given(st.recursive(TEXTS | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_what_is_kept_comes_back_equal_lone_surrogates_and_nul_included(value):
    assert unpack(pack(value)) == value


@given(st.lists(models(Event), max_size=3).map(tuple))
def test_an_event_log_comes_back_equal(events):
    assert unpack_events(pack_events(events)) == events


def test_equal_content_has_one_digest():
    assert digest({"a": [1, 2]}) == digest({"a": [1, 2]})
    assert digest({"a": [1, 2]}) != digest({"a": [2, 1]})
