"""Asking a database until it answers."""

import itertools
import threading

import pytest
from django.db import DataError, InterfaceError, OperationalError

from playground.infrastructure.patience import KEPT_S, Patience


class Stopping(threading.Event):
    """Notes the pauses instead of waiting for them."""

    def __init__(self):
        super().__init__()
        self.pauses = []

    def wait(self, timeout=None):
        self.pauses.append(timeout)
        return self.is_set()


def failing(*errors):
    """A question that meets these errors before it is answered."""
    left = iter(errors)

    def ask():
        if error := next(left, None):
            raise error
        return "answer"

    return ask


@pytest.mark.django_db(transaction=True)
def test_it_asks_again_with_growing_pauses_until_there_is_an_answer():
    patience = Patience(Stopping())

    answer = patience.ask(failing(OperationalError(), InterfaceError(), *[OperationalError()] * 4))

    assert answer == "answer"
    assert patience.stopping.pauses == [0.1, 0.2, 0.5, 1.0, 2.0, 2.0]


def test_what_does_not_pass_is_not_asked_again():
    with pytest.raises(DataError):
        Patience().ask(failing(DataError()))


@pytest.mark.django_db(transaction=True)
def test_it_gives_up_after_half_an_hour():
    patience = Patience(Stopping(), clock=itertools.count(0, 600).__next__)

    with pytest.raises(OperationalError):
        patience.ask(failing(*[OperationalError()] * 10))
    assert len(patience.stopping.pauses) == KEPT_S / 600 - 1


@pytest.mark.django_db(transaction=True)
def test_once_the_process_is_to_end_it_gives_up_soon():
    patience = Patience(clock=itertools.count().__next__)
    patience.stopping.set()

    with pytest.raises(OperationalError):
        patience.ask(failing(*[OperationalError()] * 100))


@pytest.mark.django_db(transaction=True)
def test_what_has_nothing_in_hand_gives_up_at_once_when_the_process_is_to_end():
    asked = []
    patience = Patience()
    patience.stopping.set()

    def ask():
        asked.append(1)
        raise OperationalError

    with pytest.raises(OperationalError):
        patience.ask(ask, at_the_end_s=0)
    assert asked == [1]
