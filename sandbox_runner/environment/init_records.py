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


class InitRecords:
    """Those of one init, in the order of the public emulator: the runtime, each extension, the figures.

    Source: aws/aws-lambda-runtime-interface-emulator, internal/lambda/rapid/handlers.go, doRuntimeDomainInit.
    """

    def __init__(self, initialization: InitializationName, phase: PhaseName) -> None:
        self._initialization, self._phase = initialization, phase
        self._runtime_is_done = False

    def start(self, function: Function, versions: Mapping[str, str]) -> PlatformInitStart:
        """Its beginning; that of a suppressed init names no version."""
        is_first = self._phase == "init"
        version, arn = identity.runtime_version(function.played_on, versions) if is_first else (None, None)
        return PlatformInitStart(
            initialization_type=self._initialization,
            phase=self._phase,
            function_name=function.deployed_name,
            function_version=identity.VERSION,
            runtime_version=version,
            runtime_version_arn=arn,
        )

    def runtime_done(self, status: Status = "success", error_type: str | None = None) -> PlatformInitRuntimeDone:
        """The runtime is done with it; extensions may go on after it."""
        self._runtime_is_done = True
        return PlatformInitRuntimeDone(
            initialization_type=self._initialization, phase=self._phase, status=status, error_type=error_type
        )

    def end(
        self, done: wire.InitDone, status: Status
    ) -> list[PlatformInitRuntimeDone | PlatformExtension | PlatformInitReport]:
        """What is left to say at its end."""
        error_type = done.error_type or None
        return [
            *([] if self._runtime_is_done else [self.runtime_done(status, error_type)]),
            *at_end_of_init(done),
            PlatformInitReport(
                initialization_type=self._initialization,
                phase=self._phase,
                status=status,
                metrics=Metrics(duration_ms=max(0, done.at_us - done.started_us) / 1000),
                error_type=error_type,
            ),
        ]
