"""Finds settings in a scenario that contradict each other, with both fields. Pure.

Each field is valid alone; together they mean nothing, or something that Lambda would reject.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.messages import say
from sandbox_runner.runtimes import registry
from sandbox_runner.scenario.account.settings import CallStep
from sandbox_runner.scenario.model import InvokeStep, requests_of
from sandbox_runner.scenario.problem import nearest_of
from sandbox_runner.scenario.service_steps import IdleStep, InitializeStep, ReserveStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.scenario.request import Request
    from sandbox_runner.scenario.service_settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Contradiction:
    """``message`` is about the field at ``path``, and names the other one."""

    message: Message
    path: tuple[str | int, ...]


def contradictions(scenario: Scenario) -> Iterator[Contradiction]:
    """Every contradiction in turn."""
    for find in _FINDERS:
        yield from find(scenario)


def _settings_with_paths(
    scenario: Scenario, *, without_revisions: bool = False
) -> Iterator[tuple[ServiceSettings, tuple[str, ...], str]]:
    """Each function's service settings, with their path and the prefix of their field names.

    :param without_revisions: what a revision of a function has is the function's.
    """
    for name, function in scenario.functions.items():
        if without_revisions and function.deployed_name != name:
            continue
        path = ("functions", name) if scenario.has_names else ()
        yield scenario.settings_of(name), path, "".join(f"{part}." for part in path)


def _provisioned(scenario: Scenario) -> Iterator[Contradiction]:
    for told, path, at in _settings_with_paths(scenario):
        wanted, count = told.initialization == "provisioned-concurrency", told.provisioned_concurrency
        if wanted and not count:
            yield Contradiction(
                say("provisioned-none", field=f"{at}provisioned_concurrency", other=f"{at}initialization"),
                (*path, "provisioned_concurrency"),
            )
        if count and not wanted:
            yield Contradiction(
                say(
                    "provisioned-unused",
                    field=f"{at}provisioned_concurrency",
                    other=f"{at}initialization",
                    count=count,
                    value=told.initialization,
                ),
                (*path, "provisioned_concurrency"),
            )


def _per_environment(scenario: Scenario) -> Iterator[Contradiction]:
    """What several requests at once in an environment need, and what they cannot have."""
    for name, function in scenario.functions.items():
        told = scenario.settings_of(name)
        path = ("functions", name) if scenario.has_names else ()
        at, count = "".join(f"{part}." for part in path), told.concurrency_per_environment
        field, place = f"{at}concurrency_per_environment", (*path, "concurrency_per_environment")
        if count is None:
            continue
        of_function = at if scenario.has_names else "function."
        if registry.runtime_of(function.runtime).several is None:
            choices = [each.identifier for each in registry.RUNTIMES if each.several is not None]
            runtime = say("runtime-serves-one", field=field, count=count, value=function.runtime, choices=choices)
            yield Contradiction(runtime, place)
        # https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html
        if function.log_format == "text":
            other = f"{of_function}log_format"
            yield Contradiction(say("several-need-json", field=field, count=count, other=other), place)
        beside = {
            f"{at}initialization": told.initialization != "on-demand",
            f"{of_function}extensions": bool(function.extensions),
            "account": scenario.account is not None,
            "init_limit": scenario.init_limit is not None,
        }
        for other in (each for each, is_there in beside.items() if is_there):
            yield Contradiction(say("not-with-several", field=field, count=count, other=other), place)


def _fault_among_several(scenario: Scenario) -> Iterator[Contradiction]:
    """Where an environment serves several requests at once, none of them is made to fail."""
    several = {name for name in scenario.functions if scenario.settings_of(name).concurrency_per_environment}
    for request, field, path in _requests(scenario):
        if request.fault is not None and (name := scenario.name_of(request.function)) in several:
            at = f"functions.{name}." if scenario.has_names else ""
            said = say("fault-with-several", field=f"{field}.fault", other=f"{at}concurrency_per_environment")
            yield Contradiction(said, (*path, "fault"))


def _reserved_below_provisioned(scenario: Scenario) -> Iterator[Contradiction]:
    # https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html: it cannot exceed the reserved one.
    for told, path, at in _settings_with_paths(scenario):
        reserved, provisioned = told.reserved_concurrency, told.provisioned_concurrency
        if reserved is not None and reserved < provisioned:
            yield Contradiction(
                say(
                    "reserved-below-provisioned",
                    field=f"{at}reserved_concurrency",
                    other=f"{at}provisioned_concurrency",
                    reserved=reserved,
                    provisioned=provisioned,
                ),
                (*path, "reserved_concurrency"),
            )


def _nothing_unreserved(scenario: Scenario) -> Iterator[Contradiction]:
    """The reservations of all functions of an account must leave some concurrency unreserved."""
    most = limits.ACCOUNT_CONCURRENCY - limits.UNRESERVED_CONCURRENCY_MIN
    reserved = 0
    for told, path, at in _settings_with_paths(scenario, without_revisions=True):
        before, reserved = reserved, reserved + (told.reserved_concurrency or 0)
        if reserved > most:
            yield Contradiction(
                say(
                    "nothing-unreserved",
                    field=f"{at}reserved_concurrency",
                    reserved=told.reserved_concurrency or 0,
                    before=before,
                    account=limits.ACCOUNT_CONCURRENCY,
                    unreserved=limits.UNRESERVED_CONCURRENCY_MIN,
                    most=max(0, most - before),
                ),
                (*path, "reserved_concurrency"),
            )
            return


def _initialize_of_nothing(scenario: Scenario) -> Iterator[Contradiction]:
    changed = {scenario.name_of(step.function) for step in scenario.steps if isinstance(step, ReserveStep)}
    nothing = {name for name in scenario.functions if scenario.settings_of(name).reserved_concurrency == 0} - changed
    for index, step in enumerate(scenario.steps):
        if isinstance(step, InitializeStep) and (name := scenario.name_of(step.function)) in nothing:
            field = f"functions.{name}.reserved_concurrency" if scenario.has_names else "reserved_concurrency"
            yield Contradiction(
                say("initialize-of-nothing", field=f"steps[{index}].initialize", other=field),
                ("steps", index, "initialize"),
            )


def _requests(scenario: Scenario) -> Iterator[tuple[Request, str, tuple[str | int, ...]]]:
    """Every request with its field and its path."""
    for index, step in enumerate(scenario.steps):
        for number, request in enumerate(requests_of(step)):
            if isinstance(step, InvokeStep):
                yield request, f"steps[{index}].invoke", ("steps", index, "invoke")
            else:
                yield request, f"steps[{index}].concurrent[{number}]", ("steps", index, "concurrent", number)


def _two_payloads(scenario: Scenario) -> Iterator[Contradiction]:
    for request, field, path in _requests(scenario):
        if request.payload is not None and request.payload_bytes is not None:
            said = say("two-payloads", field=f"{field}.payload_bytes", bytes=request.payload_bytes)
            yield Contradiction(said, (*path, "payload_bytes"))


def _made_together(scenario: Scenario) -> Iterator[Contradiction]:
    """A payload rejected for its size is never created, so it does not count."""
    made = 0
    for index, step in enumerate(scenario.steps):
        made += sum(each.payload_bytes or 0 for each in requests_of(step) if not each.is_too_large)
        if made > limits.MADE_PAYLOADS_BYTES_MAX:
            yield Contradiction(
                say("payloads-together", field=f"steps[{index}]", bytes=made, most=limits.MADE_PAYLOADS_BYTES_MAX),
                ("steps", index),
            )
            return


def _init_limit(scenario: Scenario) -> Iterator[Contradiction]:
    if scenario.init_limit is not None and not 0 < scenario.init_limit <= limits.ON_DEMAND_INIT_S:
        yield Contradiction(
            say(
                "init-limit-raised",
                field="init_limit",
                other="initialization",
                seconds=scenario.init_limit,
                most=limits.ON_DEMAND_INIT_S,
            ),
            ("init_limit",),
        )


def _equal_peers(scenario: Scenario) -> Iterator[Contradiction]:
    for field in ("name", "port"):
        seen: dict[object, int] = {}
        for index, peer in enumerate(scenario.peers):
            first = seen.setdefault(getattr(peer, field), index)
            if first != index:
                yield Contradiction(
                    say(
                        "equal-peers",
                        field=f"peers[{index}].{field}",
                        other=f"peers[{first}].{field}",
                        value=str(getattr(peer, field)),
                        what=field,
                    ),
                    ("peers", index, field),
                )


def _log_settings(scenario: Scenario) -> Iterator[Contradiction]:
    # https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html: levels exist in the JSON format only.
    for name, function in scenario.functions.items():
        path = ("functions", name) if scenario.has_names else ("function",)
        at = ".".join(path)
        for field in ("log_level", "system_log_level"):
            level = getattr(function, field)
            if level is not None and function.log_format == "text":
                yield Contradiction(
                    say("log-level-needs-json", field=f"{at}.{field}", other=f"{at}.log_format", level=level),
                    (*path, field),
                )
        if function.log_style == "older" and function.log_format == "json":
            yield Contradiction(
                say("log-style-needs-text", field=f"{at}.log_style", other=f"{at}.log_format"),
                (*path, "log_style"),
            )


def _longer_than_the_run(scenario: Scenario) -> Iterator[Contradiction]:
    """Waits shorter than the compression limit really elapse; together they must leave the run some time."""
    lived = 0.0
    for index, step in enumerate(scenario.steps):
        if isinstance(step, IdleStep):
            lived += step.idle if step.idle <= limits.IDLE_REAL_S_MAX else limits.IDLE_COMPRESSED_S
            if lived >= limits.RUN_WALL_S_DEFAULT:
                yield Contradiction(
                    say(
                        "waits-too-long",
                        field=f"steps[{index}].idle",
                        seconds=lived,
                        run_seconds=limits.RUN_WALL_S_DEFAULT,
                        compressed_above=limits.IDLE_REAL_S_MAX,
                    ),
                    ("steps", index, "idle"),
                )
                return


def _calls_of_nothing(scenario: Scenario) -> Iterator[Contradiction]:
    if scenario.account is not None and scenario.account.offered:
        return
    for index, step in enumerate(scenario.steps):
        if isinstance(step, CallStep):
            field, written = f"steps[{index}].call", next(iter(step.call.written), "")
            yield Contradiction(
                say("call-without-account", field=field, operation=written[:100], other="account"),
                ("steps", index, "call"),
            )


def _unknown_function(field: str, name: str, scenario: Scenario) -> Message:
    known = list(scenario.functions)
    nearest = nearest_of(name, known)
    return say("function-unknown", field=field, value=name, nearest=nearest, count=len(known), known=known)


def _receivers(scenario: Scenario) -> Iterator[Contradiction]:
    """What an asynchronous request's record is sent to has to be within reach."""
    offered = scenario.account.offered if scenario.account is not None else ()
    for told, path, at in _settings_with_paths(scenario):
        for field, receiver in told.receivers.items():
            service, name = receiver.service, receiver.name
            if service not in offered:
                said = say(
                    "receiver-without-service", field=f"{at}{field}", service=service, value=name, other="account"
                )
                yield Contradiction(said, (*path, field))
            elif service == "lambda" and name not in scenario.functions:
                yield Contradiction(_unknown_function(f"{at}{field}", name, scenario), (*path, field))


_FINDERS: tuple[Callable[[Scenario], Iterator[Contradiction]], ...] = (
    _provisioned,
    _per_environment,
    _fault_among_several,
    _reserved_below_provisioned,
    _nothing_unreserved,
    _initialize_of_nothing,
    _two_payloads,
    _made_together,
    _init_limit,
    _equal_peers,
    _log_settings,
    _longer_than_the_run,
    _calls_of_nothing,
    _receivers,
)
