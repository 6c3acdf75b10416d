"""Steps in which time passes or the service does something that no request asks for. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html and
https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from sandbox_runner import limits
from sandbox_runner.scenario.field_types import FunctionName, Provisioned, Reserved, Seconds, is_absent
from sandbox_runner.scenario.parts import Part


class IdleStep(Part):
    """Wait that many seconds; environments are frozen."""

    idle: Seconds


class InitializeStep(Part):
    """The service pre-initialises idle environments, of ``function`` if there are several."""

    initialize: int = Field(ge=1, le=limits.CONCURRENT_MAX)
    function: FunctionName | None = Field(default=None, exclude_if=is_absent)


class RecycleStep(Part):
    """The service shuts down free environments: all, or the least recently used; only of ``function`` if named."""

    recycle: Literal["all", "one"]
    function: FunctionName | None = Field(default=None, exclude_if=is_absent)


class ReserveStep(Part):
    """That much concurrency is reserved from here on, none where it is null; for ``function`` if there are several."""

    reserve: Reserved
    function: FunctionName | None = Field(default=None, exclude_if=is_absent)


class ProvisionStep(Part):
    """That many environments are kept initialised from here on; of ``function`` if there are several."""

    provision: Provisioned
    function: FunctionName | None = Field(default=None, exclude_if=is_absent)


class DeployStep(Part):
    """A revision takes the place of the function that it is one of, whose environments are shut down.

    From here on functions that call that one reach the revision; requests of the scenario name it.
    """

    deploy: FunctionName


ServiceStep: TypeAlias = IdleStep | InitializeStep | RecycleStep | ReserveStep | ProvisionStep | DeployStep
