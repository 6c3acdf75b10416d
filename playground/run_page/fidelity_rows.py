"""Which rows of the ledger, ``docs/fidelity.md``, mattered to a run. Pure.

Each row of the ledger has a name that never changes; a run's page links to those whose behaviour showed in it. A rule
here looks at the result and nothing else, so a page of an old run keeps its links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import LateWork, PlatformInitReport, PlatformReport, RequestAssigned
from sandbox_runner.results.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox_runner.results.model import RunResult
    from sandbox_runner.scenario.model import Function


def fidelity_rows(result: RunResult) -> tuple[str, ...]:
    """The names of the rows that mattered to ``result``, each once."""
    return tuple(name for names, mattered in _RULES if mattered(result) for name in names)


# --- what a result may show ---------------------------------------------------------------------------------------


def _ended(*outcomes: Outcome) -> Callable[[RunResult], bool]:
    return lambda result: any(each.outcome in outcomes for each in result.invocations)


def _lived(phase: str) -> Callable[[RunResult], bool]:
    return lambda result: any(span.phase == phase for each in result.environments for span in each.spans)


def _created(*by: str) -> Callable[[RunResult], bool]:
    return lambda result: any(each.created_by in by for each in result.environments)


def _said(*texts: str) -> Callable[[RunResult], bool]:
    """Whether an answer or a line of the function's has one of these words of the kernel's or the service's."""
    return lambda result: any(text in said for said in _words(result) for text in texts)


def _words(result: RunResult) -> Iterator[str]:
    yield from (each.response for each in result.invocations)
    yield from (entry.line for entry in result.log if entry.source == "function")


def _init_timed_out(phase: str) -> Callable[[RunResult], bool]:
    return lambda result: any(each.phase == phase and each.status == "timeout" for each in _init_reports(result))


def _init_reports(result: RunResult) -> Iterator[PlatformInitReport]:
    return (each.record for each in result.events if isinstance(each.record, PlatformInitReport))


def _init_failed(result: RunResult) -> bool:
    return any(each.status != "success" for each in _init_reports(result))


def _cold_report(result: RunResult) -> bool:
    return any(each.init_duration_ms is not None for each in result.invocations)


def _unknown_error(result: RunResult) -> bool:
    records = (each.record for each in result.events)
    named = (each.error_type or "" for each in records if isinstance(each, PlatformReport | PlatformInitReport))
    return any(name.endswith(".Unknown") for name in named)


def _unserved(result: RunResult) -> bool:
    serving = {each.environment for each in result.invocations}
    return any(each.created_by == "proactive" and each.id not in serving for each in result.environments)


def _handed_over(result: RunResult) -> bool:
    return any(isinstance(each.record, RequestAssigned) and each.record.instead_of for each in result.events)


def _spilled_over(result: RunResult) -> bool:
    return _created("provisioned")(result) and _created("request")(result)


def _recycled(result: RunResult) -> bool:
    return any(each.ended_by == "spindown" for each in result.environments)


def _recycled_provisioned(result: RunResult) -> bool:
    return any(each.ended_by == "spindown" and each.created_by == "provisioned" for each in result.environments)


def _asynchronous(result: RunResult) -> bool:
    return any(request.type == "event" for _, _, request in result.scenario.requests())


def _retried(result: RunResult) -> bool:
    return any(each.attempt > 1 for each in result.invocations)


def _cut(result: RunResult) -> bool:
    return any(each.truncated.log_lines or each.truncated.log_bytes for each in result.invocations)


def _json_log(result: RunResult) -> bool:
    return _any(result, lambda each: each.log_format == "json")


def _any(result: RunResult, said: Callable[[Function], bool]) -> bool:
    return any(map(said, result.scenario.functions.values()))


def _filtered(result: RunResult) -> bool:
    return _any(result, lambda each: each.log_format == "json" and each.log_level is not None)


def _system_filtered(result: RunResult) -> bool:
    return _any(result, lambda each: each.log_format == "json" and each.system_log_level is not None)


def _older(result: RunResult) -> bool:
    return _any(result, lambda each: each.log_style == "older" and each.log_format != "json")


def _processor_mattered(result: RunResult) -> bool:
    return _any(result, lambda each: each.cpu == "proportional") or _ended(Outcome.TIMEOUT)(result)


def _reserves(result: RunResult) -> bool:
    scenario = result.scenario
    return any(scenario.settings_of(name).reserved_concurrency is not None for name in scenario.functions)


def _several(result: RunResult) -> bool:
    scenario = result.scenario
    return any(scenario.settings_of(name).concurrency_per_environment is not None for name in scenario.functions)


_RULES: Final[tuple[tuple[tuple[str, ...], Callable[[RunResult], bool]], ...]] = (
    (("several-functions",), lambda r: len(r.scenario.functions) > 1),
    (("init-limit",), lambda r: r.scenario.init_limit is not None or _init_timed_out("init")(r)),
    (("failed-init",), _init_failed),
    (("init-loop",), _init_timed_out("invoke")),
    (("proactive-init", "proactive-gap", "proactive-type"), _created("proactive")),
    (("proactive-handed-over",), _handed_over),
    (("proactive-unserved",), _unserved),
    (("provisioned-concurrency", "provisioned-time", "provisioned-report"), _created("provisioned")),
    (("spill-over",), _spilled_over),
    (("several-at-once", "several-workers", "several-no-room"), _several),
    (("provisioned-constant",), _recycled_provisioned),
    (("reserved-concurrency",), _reserves),
    (("throttling",), _ended(Outcome.THROTTLED)),
    (("request-size", "async-request-size"), _ended(Outcome.REQUEST_TOO_LARGE)),
    (("warm-reuse",), lambda r: any(each.start == "warm" for each in r.invocations)),
    (("placement",), lambda r: len(r.environments) > 1),
    (("spin-down",), _recycled),
    (("long-waits",), lambda r: r.service_time_compressed),
    (("handler-exception",), _ended(Outcome.FUNCTION_ERROR)),
    (("reset", "deferred-init"), _lived("reset")),
    (("suppressed-init", "deadline", "suppressed-log"), _lived("suppressed-init")),
    (("error-normalising",), _unknown_error),
    (("exit",), _ended(Outcome.RUNTIME_EXIT)),
    (("extensions", "extensions-invoke"), lambda r: any(each.extensions for each in r.environments)),
    (("extensions-end",), _ended(Outcome.EXTENSION_EXIT)),
    (("out-of-memory", "memory-limit"), _ended(Outcome.OUT_OF_MEMORY)),
    (("timeout",), _ended(Outcome.TIMEOUT)),
    (("init-error-answer",), _ended(Outcome.INIT_ERROR)),
    (("answer-too-large",), _said("Function.ResponseSizeTooLarge")),
    (("freeze",), _lived("frozen")),
    (("late-work", "clocks"), lambda r: any(isinstance(each.record, LateWork) for each in r.events)),
    (("connections", "peers", "names", "network"), lambda r: bool(r.scenario.peers)),
    (("log-older-style",), _older),
    (("older-timeout-answer",), lambda r: _older(r) and _ended(Outcome.TIMEOUT)(r)),
    (("log-caps",), _cut),
    (("log-json",), _json_log),
    (("system-log-level",), _system_filtered),
    (("log-level",), _filtered),
    (("init-duration", "billed-duration"), _cold_report),
    (("max-memory-used",), lambda r: any(each.max_memory_used_mb is not None for each in r.invocations)),
    (("unhandled-rejection",), _said("UnhandledPromiseRejection", "Uncaught Exception")),
    (("read-only", "read-only-task", "task-modes"), _said("Read-only file system", "EROFS")),
    (("cpu",), _processor_mattered),
    (("tmp-size",), _said("No space left on device", "ENOSPC")),
    (("descriptors",), _said("Too many open files", "EMFILE")),
    (("processes",), _said("can't start new thread", "Resource temporarily unavailable", "EAGAIN")),
    (("invoke-status", "request-id"), _asynchronous),
    (("async-retries",), _retried),
    (("async-destinations",), lambda r: any(each.destination is not None for each in r.asynchronous)),
)
