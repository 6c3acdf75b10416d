"""Gives back what a request took from all, as soon as its answer is made: it may be long on its way.

An open stream would keep the request's thread, and with it that thread's connection to the database, for as long as
somebody watches; a slow reader of a page would keep them until its last byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import SyncToAsync
from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


def letting_go(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """The middleware: the connections of a request's thread go back before its answer is sent."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
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
