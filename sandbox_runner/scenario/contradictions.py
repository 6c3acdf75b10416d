"""What a scenario asks for that contradicts itself, in one sentence that names both fields. Pure.

Each field alone may be as it is; together they mean nothing, or something that Lambda would not accept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.scenario.model import IdleStep, InitializeStep, InvokeStep, requests_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox_runner.scenario.model import Scenario, ServiceSettings


@dataclass(frozen=True, slots=True)
class Contradiction:
    """``sentence`` begins with the field at ``path`` and names the other one."""

    sentence: str
    path: tuple[str | int, ...]


def contradictions(scenario: Scenario) -> Iterator[Contradiction]:
    """Every contradiction, one after the other."""
    for find in _FINDERS:
        yield from find(scenario)


def _told(scenario: Scenario) -> Iterator[tuple[ServiceSettings, tuple[str, ...], str]]:
    """What the service is told of each function, with the path at which it stands and what a field begins with."""
    for name in scenario.functions:
        path = ("functions", name) if scenario.has_names else ()
        yield scenario.settings_of(name), path, "".join(f"{part}." for part in path)


def _provisioned(scenario: Scenario) -> Iterator[Contradiction]:
    for told, path, at in _told(scenario):
        wanted, count = told.initialization == "provisioned-concurrency", told.provisioned_concurrency
        if wanted and not count:
            yield Contradiction(
                f"{at}provisioned_concurrency is 0 and {at}initialization is provisioned-concurrency; "
                "give the number of environments, or choose on-demand",
                (*path, "provisioned_concurrency"),
            )
        if count and not wanted:
            yield Contradiction(
                f"{at}provisioned_concurrency is {count} and {at}initialization is {told.initialization}; "
                "choose provisioned-concurrency, or 0",
                (*path, "provisioned_concurrency"),
            )


def _reserved_below_provisioned(scenario: Scenario) -> Iterator[Contradiction]:
    # https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html: it cannot exceed the reserved one.
    for told, path, at in _told(scenario):
        reserved, provisioned = told.reserved_concurrency, told.provisioned_concurrency
        if reserved is not None and reserved < provisioned:
            yield Contradiction(
                f"{at}reserved_concurrency is {reserved} and {at}provisioned_concurrency is {provisioned}; "
                "reserve at least as many as are provisioned",
                (*path, "reserved_concurrency"),
            )


def _nothing_unreserved(scenario: Scenario) -> Iterator[Contradiction]:
    """What all functions of an account reserve together leaves a part of its concurrency to others."""
    most = limits.ACCOUNT_CONCURRENCY - limits.UNRESERVED_CONCURRENCY_MIN
    reserved = 0
    for told, path, at in _told(scenario):
        before, reserved = reserved, reserved + (told.reserved_concurrency or 0)
        if reserved > most:
            also = f", {before} are reserved by the functions before it," if before else ""
            yield Contradiction(
                f"{at}reserved_concurrency is {told.reserved_concurrency}{also} and an account has "
                f"{limits.ACCOUNT_CONCURRENCY}, of which {limits.UNRESERVED_CONCURRENCY_MIN} stay unreserved; "
                f"choose at most {max(0, most - before)}, or leave it out",
                (*path, "reserved_concurrency"),
            )
            return


def _initialize_of_nothing(scenario: Scenario) -> Iterator[Contradiction]:
    nothing = {name for name in scenario.functions if scenario.settings_of(name).reserved_concurrency == 0}
    for index, step in enumerate(scenario.steps):
        if isinstance(step, InitializeStep) and (name := scenario.name_of(step.function)) in nothing:
            field = f"functions.{name}.reserved_concurrency" if scenario.has_names else "reserved_concurrency"
            yield Contradiction(
                f"steps[{index}].initialize prepares environments and {field} is 0, so that nothing can "
                "ever run in them; reserve at least 1, or take the step out",
                ("steps", index, "initialize"),
            )


def _two_payloads(scenario: Scenario) -> Iterator[Contradiction]:
    for index, step in enumerate(scenario.steps):
        for number, request in enumerate(requests_of(step)):
            if request.payload is not None and request.payload_bytes is not None:
                place = ("invoke",) if isinstance(step, InvokeStep) else ("concurrent", number)
                name = "invoke" if isinstance(step, InvokeStep) else f"concurrent[{number}]"
                yield Contradiction(
                    f"steps[{index}].{name}.payload_bytes is {request.payload_bytes} and there is a payload; keep one "
                    "of them: a payload is sent as it is, payload_bytes has one of that size made",
                    ("steps", index, *place, "payload_bytes"),
                )


def _made_together(scenario: Scenario) -> Iterator[Contradiction]:
    """What is refused for its size is never made, so it counts nothing."""
    made = 0
    for index, step in enumerate(scenario.steps):
        made += sum(each.payload_bytes or 0 for each in requests_of(step) if not each.is_too_large)
        if made > limits.MADE_PAYLOADS_BYTES_MAX:
            yield Contradiction(
                f"steps[{index}] and the steps before it have payload_bytes of {made:,} together; a run has "
                f"{limits.MADE_PAYLOADS_BYTES_MAX:,}, make them smaller or fewer",
                ("steps", index),
            )
            return


def _init_limit(scenario: Scenario) -> Iterator[Contradiction]:
    if scenario.init_limit is not None and not 0 < scenario.init_limit <= limits.ON_DEMAND_INIT_S:
        yield Contradiction(
            f"init_limit cannot be {scenario.init_limit:g} s; initialization on-demand has "
            f"{limits.ON_DEMAND_INIT_S} s on Lambda, and init_limit can only lower that",
            ("init_limit",),
        )


def _equal_peers(scenario: Scenario) -> Iterator[Contradiction]:
    for field in ("name", "port"):
        seen: dict[object, int] = {}
        for index, peer in enumerate(scenario.peers):
            first = seen.setdefault(getattr(peer, field), index)
            if first != index:
                yield Contradiction(
                    f"peers[{index}].{field} is {getattr(peer, field)}, and so is peers[{first}].{field}; "
                    f"give each peer a {field} of its own",
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
                    f"{at}.{field} is {level} and {at}.log_format is text, which has no levels; "
                    "choose json, or leave the level out",
                    (*path, field),
                )
        if function.log_style == "older" and function.log_format == "json":
            yield Contradiction(
                f"{at}.log_style is older and {at}.log_format is json, which has one style only; "
                "choose text or current",
                (*path, "log_style"),
            )


def _longer_than_the_run(scenario: Scenario) -> Iterator[Contradiction]:
    """Waits up to a limit are lived through; together they must leave the run some of its time."""
    lived = 0.0
    for index, step in enumerate(scenario.steps):
        if isinstance(step, IdleStep):
            lived += step.idle if step.idle <= limits.IDLE_REAL_S_MAX else limits.IDLE_COMPRESSED_S
            if lived >= limits.RUN_WALL_S_DEFAULT:
                yield Contradiction(
                    f"steps[{index}].idle and the idle steps before it take {lived:g} s, and a run has "
                    f"{limits.RUN_WALL_S_DEFAULT:g} s; shorten them, or wait for more than "
                    f"{limits.IDLE_REAL_S_MAX:g} s at once, which is compressed",
                    ("steps", index, "idle"),
                )
                return


_FINDERS: tuple[Callable[[Scenario], Iterator[Contradiction]], ...] = (
    _provisioned,
    _reserved_below_provisioned,
    _nothing_unreserved,
    _initialize_of_nothing,
    _two_payloads,
    _made_together,
    _init_limit,
    _equal_peers,
    _log_settings,
    _longer_than_the_run,
)
