"""Asking a run to end."""

from sandbox_runner.cancellation import Cancellation


def test_whoever_listens_is_told_once():
    told, cancellation = [], Cancellation()
    with cancellation.telling(lambda: told.append("ended")):
        cancellation.cancel()
        cancellation.cancel()
    assert told == ["ended"]
    assert cancellation.requested


def test_whoever_listens_late_is_told_at_once():
    told, cancellation = [], Cancellation()
    cancellation.cancel()
    with cancellation.telling(lambda: told.append("ended")):
        assert told == ["ended"]


def test_nobody_is_told_after_the_run():
    told, cancellation = [], Cancellation()
    with cancellation.telling(lambda: told.append("ended")):
        pass
    cancellation.cancel()
    assert told == []
