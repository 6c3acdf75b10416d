"""A run keeps so much of its answers, and counts what it does not keep."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner import limits
from sandbox_runner.events.kept_answers import KeptAnswers
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import RequestAnswered
from tests.fakes.clock import FakeClock


def answered(response: str, cut: int = 0) -> RequestAnswered:
    size = len(response.encode()) + cut
    return RequestAnswered(
        index=1, attempt=1, status_code=200, response=response, response_bytes=size, response_cut=cut, outcome="success"
    )


@given(st.lists(st.tuples(st.text(max_size=5_000), st.integers(0, 9))), st.integers(0, 20_000))
def test_no_byte_of_an_answer_is_lost_uncounted(answers, room):
    kept = KeptAnswers(room)

    fitted = [kept.fitted(answered(text, cut)) for text, cut in answers]

    for (text, _), one in zip(answers, fitted, strict=True):
        assert text.startswith(one.response)
        assert len(one.response.encode()) + one.response_cut == one.response_bytes
    long = [one for one in fitted if len(one.response) > limits.ANSWER_BEGINNING_CHARACTERS]
    assert sum(len(one.response) for one in long) <= room


def test_an_answer_that_does_not_fit_has_its_beginning_and_one_that_fits_later_is_whole():
    kept = KeptAnswers(6_000)
    texts = "a" * 5_000, "b" * 5_000, "c" * 900

    answers = [kept.fitted(answered(text)).response for text in texts]

    assert answers == ["a" * 5_000, "b" * limits.ANSWER_BEGINNING_CHARACTERS, "c" * 900]


def test_an_answer_takes_as_much_room_as_it_takes_when_it_is_stored():
    plain, escaped = "x" * 3_000, "\x00" * 3_000

    assert KeptAnswers(4_000).fitted(answered(plain)).response_cut == 0
    assert KeptAnswers(4_000).fitted(answered(escaped)).response_cut == 3_000 - limits.ANSWER_BEGINNING_CHARACTERS


def test_an_event_log_has_room_for_so_much():
    log = EventLog(FakeClock())

    kept = [log.append(answered("x" * limits.RESULT_ANSWER_BYTES_MAX)).record.response for _ in range(70)]

    assert sum(map(len, kept)) <= limits.RUN_ANSWERS_BYTES_MAX + 70 * limits.ANSWER_BEGINNING_CHARACTERS
    assert len(kept[0]) == limits.RESULT_ANSWER_BYTES_MAX
    assert len(kept[-1]) == limits.ANSWER_BEGINNING_CHARACTERS
