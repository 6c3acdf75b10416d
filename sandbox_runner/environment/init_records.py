"""The platform's records of one init, with what the guest says of its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.environment import identity
from sandbox_runner.environment.extensions import at_end_of_init
from sandbox_runner.events.records import Metrics, PlatformInitReport, PlatformInitRuntimeDone, PlatformInitStart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.events.records import InitializationName, PhaseName, PlatformExtension, Status
    from sandbox_runner.guest import wire
    from sandbox_runner.scenario.model import Function


def init_start(
    function: Function, versions: Mapping[str, str], initialization: InitializationName, phase: PhaseName
) -> PlatformInitStart:
    """Its beginning; that of a suppressed init names no version."""
    version, arn = identity.runtime_version(function.played_on, versions) if phase == "init" else (None, None)
    return PlatformInitStart(
        initialization_type=initialization,
        phase=phase,
        function_name=function.name,
        function_version=identity.VERSION,
        runtime_version=version,
        runtime_version_arn=arn,
    )


def init_end(
    done: wire.InitDone, initialization: InitializationName, phase: PhaseName, status: Status
) -> list[PlatformInitRuntimeDone | PlatformExtension | PlatformInitReport]:
    """Its end, in the order of the public emulator: the runtime, each extension, the figures.

    Source: aws/aws-lambda-runtime-interface-emulator, internal/lambda/rapid/handlers.go, doRuntimeDomainInit.
    """
    error_type = done.error_type or None
    return [
        PlatformInitRuntimeDone(initialization_type=initialization, phase=phase, status=status, error_type=error_type),
        *at_end_of_init(done),
        PlatformInitReport(
            initialization_type=initialization,
            phase=phase,
            status=status,
            metrics=Metrics(duration_ms=max(0, done.at_us - done.started_us) / 1000),
            error_type=error_type,
        ),
    ]
