"""Limits concurrent requests, and releases their resources once the response exists, before it is sent.

Otherwise an open stream would keep the request's thread, and with it a database connection, for as long as it is
watched; a slow reader of a page would keep them until the last byte.
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

# Each needs a database connection; PostgreSQL has 100 for all processes together.
AT_ONCE: Final = 24
# They answer within two seconds on their own threads, whatever else is waiting.
_PROBES: Final = ("/healthz", "/readyz")


def letting_go(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: limits concurrent requests, and releases each request's connections after its response.

    Others wait: when a thousand arrive at once, as browsers do after a restart, they take turns with the database.
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
            # A view called inside a transaction, as in tests, keeps its connection.
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
        return response

    return middleware


def end_thread() -> None:
    """End asgiref's thread for the synchronous parts of this request; whatever follows gets a new one."""
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = None if context is None else SyncToAsync.context_to_thread_executor.pop(context, None)
    if executor is not None:
        executor.shutdown(wait=False)
