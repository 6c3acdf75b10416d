"""A PostgreSQL server that is away for as long as a test wants: every connection is cut, and none is taken."""

from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

on_a_server = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite has no connection that breaks; tests/playground/test_on_postgresql.py plays this",
)

_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


@contextmanager
def database_away():
    """No connection to the tests' database is left, and none can be made, while the block lasts."""
    named = connection.settings_dict
    with psycopg.connect(host=named["HOST"], user=named["USER"], dbname="postgres", autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{named["NAME"]}" ALLOW_CONNECTIONS false')
        try:
            admin.execute(_OTHERS, [named["NAME"]])
            yield
        finally:
            connection.close()
            admin.execute(f'ALTER DATABASE "{named["NAME"]}" ALLOW_CONNECTIONS true')


@contextmanager
def database_read_only():
    """Every connection breaks once, and whoever makes another may only read while the block lasts."""
    named = connection.settings_dict
    database = f'ALTER DATABASE "{named["NAME"]}"'
    with psycopg.connect(host=named["HOST"], user=named["USER"], dbname="postgres", autocommit=True) as admin:
        admin.execute(f"{database} SET default_transaction_read_only = on")
        try:
            cut_connections()
            yield
        finally:
            admin.execute(f"{database} RESET default_transaction_read_only")
            connection.close()


def cut_connections():
    """Every connection to the tests' database breaks once."""
    with database_away():
        pass
