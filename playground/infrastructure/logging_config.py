"""The format of log lines: JSON in production, readable on a terminal; with the id of the current run.

Code logs through Python's ``logging``; structlog formats the lines. The run's id is bound on submission and on
claiming, and is passed to the threads that work on the run. An exception's text may quote what a handler was sent, so
for exceptions not our own only the type and the place are logged. An address may be a secret (an invitation, a link of
an e-mail, a run that is not listed), so the line of a request has its route instead.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any, Final

import structlog
from redis.exceptions import RedisError

from playground.infrastructure.clients import client_of
from sandbox_runner.errors import OurFailure

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    Entry = MutableMapping[str, Any]

_WORDED: Final = (OurFailure, RedisError, OSError)
# Fields a line may have besides its message. Libraries attach whole requests, whose addresses contain keys and
# searches.
_FIELDS: Final = frozenset(
    {"run_id", "experiment_id", "reference", "sentence", "status", "verdict", "attempts", "became", "person", "client"}
)
_FRAMES_MAX: Final = 30


def logging_configuration(*, as_json: bool, colours: bool = False) -> dict[str, Any]:
    """The configuration for :func:`logging.config.dictConfig`."""
    if as_json:
        last: list[Any] = [structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=colours)]
    chain = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    line = {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": _PREPARED, "processors": chain}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
    }


def without_values(_: Any, __: str, entry: Entry) -> Entry:
    """Replace an exception by its type and frames, keeping only messages of our own."""
    info = entry.pop("exc_info", None)
    if not info:
        return entry
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        said = f": {error}" if isinstance(error, _WORDED) else ""
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_MAX:]
        entry["error"] = f"{type(error).__name__}{said}"
        entry["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return entry


def with_route(_: Any, __: str, entry: Entry) -> Entry:
    """Replace the address in the line of a request by the route that it was found by, and say who asked."""
    request: Any = getattr(entry.get("_record"), "request", None)
    path = getattr(request, "path", "")
    if len(path) > 1:
        match = getattr(request, "resolver_match", None)
        entry["event"] = str(entry["event"]).replace(path, f"/{match.route}" if match else "an unknown address")
        entry["client"] = client_of(request)
        # Known only if somebody asked for them; a line of the log asks no database.
        entry["person"] = getattr(getattr(request, "_cached_user", None), "pk", None)
    return entry


_PREPARED: Final = [
    with_route,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(allow=_FIELDS),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_values,
]
