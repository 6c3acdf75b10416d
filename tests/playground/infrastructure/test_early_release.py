"""How many answers are made at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.http import HttpResponse
from django.test import RequestFactory

from playground.infrastructure.early_release import AT_ONCE, letting_go


class View:
    """Counts how many are in it at once; nobody leaves before it is ``full``, or everybody has had his turn."""

    def __init__(self):
        self.most = 0
        self._here = 0
        self._lock = threading.Lock()
        self.full = threading.Event()

    def __call__(self, request):
        with self._lock:
            self._here += 1
            self.most = max(self.most, self._here)
            if self._here == AT_ONCE:
                self.full.set()
        self.full.wait(10)
        time.sleep(0.01)  # a page that takes a moment
        with self._lock:
            self._here -= 1
        return HttpResponse()


def test_so_many_answers_are_made_at_once_and_the_others_take_turns():
    view = View()
    answer = letting_go(view)
    with ThreadPoolExecutor(3 * AT_ONCE) as people:
        answers = list(people.map(lambda _: answer(RequestFactory().get("/")), range(3 * AT_ONCE)))

    assert [one.status_code for one in answers] == [200] * (3 * AT_ONCE)
    assert view.most == AT_ONCE


def test_a_view_that_fails_gives_its_turn_back():
    def fails(_):
        raise ZeroDivisionError

    answer = letting_go(fails)
    failed = 0
    for _ in range(AT_ONCE + 1):
        try:
            answer(RequestFactory().get("/"))
        except ZeroDivisionError:
            failed += 1

    assert failed == AT_ONCE + 1
