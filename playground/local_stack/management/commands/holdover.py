"""``manage.py holdover``: starts and stops everything on this machine."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from playground.config.checks import refuse_to_start_unsafely
from playground.local_stack.address import listen
from playground.local_stack.children import StartError
from playground.local_stack.stack import Stack, note_address, sole_user

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from playground.runs.worker_registry import Presence


class _Stop(Exception):  # noqa: N818 - nothing is wrong: somebody asked
    """A stop was requested."""


class Command(BaseCommand):
    """Start the broker, a worker and the web process; Ctrl-C stops what was started."""

    help = "Start everything on this machine: broker, worker and web. HOST and PORT are respected."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options; ``HOST`` and ``PORT`` are the defaults."""
        parser.add_argument("--host", help="where to listen (default: HOST, else 127.0.0.1)")
        parser.add_argument("--port", help="the port (default: PORT, else the next free one from 8000)")

    def handle(self, **options: Any) -> None:
        """Run until a stop is requested. Exit status 2 if it cannot start or continue."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        try:
            self._run(options["host"], options["port"])
        except _Stop:
            self._say("Stopped.")
        except StartError as error:
            self.stderr.write(str(error))
            raise SystemExit(2) from None

    def _run(self, host: str | None, port: str | None) -> None:
        refuse_to_start_unsafely()
        configuration = settings.HOLDOVER
        with sole_user(configuration.data) as note:
            address, listening = listen(host, port, os.environ)
            call_command("migrate", interactive=False, verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
            stack = Stack(configuration, address, listening, os.environ)
            try:
                self._announce(stack, stack.start())
                note_address(note, address.url)
                stack.watch(self._say)
            finally:
                _ignore_further_signals()
                stack.stop()
                listening.close()

    def _announce(self, stack: Stack, worker: Presence) -> None:
        data = stack.configuration.data
        self._say(f"Holdover is at {stack.address.url}")
        self._say(f"Sandbox: {worker.backend}. {worker.isolation}")
        if stack.is_building:
            self._say("The other runtimes are being prepared; their requests wait until then.")
        self._say(f"Data is kept in {data}, logs in {data / 'log'}. Ctrl-C stops everything.")

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _stop(*_: object) -> NoReturn:
    raise _Stop


def _ignore_further_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
