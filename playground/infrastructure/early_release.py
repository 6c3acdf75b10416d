"""Bounds what requests take from all, and gives it back as soon as an answer is made: it may be long on its way.

An open stream would keep the request's thread, and with it that thread's connection to the database, for as long as
somebody watches; a slow reader of a page would keep them until its last byte.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from asgiref.sync import SyncToAsync
from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

# Each needs a connection to the database; PostgreSQL has 100 for all processes together.
AT_ONCE: Final = 24
# They answer within two seconds, whatever waits, on threads of their own.
_PROBES: Final = ("/healthz", "/readyz")


def letting_go(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """The middleware: so many answers are made at once, and the connections of a request's thread go back after each.

    Others wait: where a thousand come at one moment, as browsers do after a restart, they take turns with the database.
    """
    turns = threading.BoundedSemaphore(AT_ONCE)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path in _PROBES:
            return get_response(request)
        with turns:
            return answered(request)

    def answered(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for connection in connections.all(initialized_only=True):
            # Who calls a view within a transaction of his own, as tests do, goes on with it.
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
        return response

    return middleware


def end_thread() -> None:
    """End the thread that asgiref keeps for the synchronous parts of this request; what follows gets a new one."""
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = None if context is None else SyncToAsync.context_to_thread_executor.pop(context, None)
    if executor is not None:
        executor.shutdown(wait=False)
