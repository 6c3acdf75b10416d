"""How much one client may ask for."""

import pytest
from django.test import RequestFactory

from playground.runs import throttling
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db


def refusal(client="1.2.3.4"):
    return throttling.refusal(RequestFactory().post("/", REMOTE_ADDR=client))


@pytest.mark.usefixtures("within_a_minute")
def test_so_many_a_minute_and_no_more(configure):
    configure(submissions_per_minute=2)

    assert [refusal() is None for _ in range(3)] == [True, True, False]


@pytest.mark.usefixtures("within_a_minute")
def test_the_refusal_says_when_to_try_again(configure):
    configure(submissions_per_minute=1)
    refusal()

    refused = refusal()

    assert 0 < refused.retry_after_s <= 60
    assert "more than 1 runs within a minute" in refused.sentence


def test_one_client_does_not_use_up_anothers_share(configure):
    configure(submissions_per_minute=1)
    refusal("1.2.3.4")

    assert refusal("5.6.7.8") is None


def test_a_full_queue_takes_nobody(configure):
    configure(queue_max=1)
    a_run()

    assert "1 runs are waiting already" in refusal().sentence


def test_without_a_broker_nobody_is_refused(broker_away):
    assert refusal() is None
