"""The scenario model: functions, their configuration and the steps. Pure.

The models are the contract: ``python -m sandbox_runner schema`` prints their JSON Schema. Reading a scenario from text,
with error messages and line numbers, is in :mod:`sandbox_runner.scenario.reader`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import (
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticKnownError

from sandbox_runner import limits
from sandbox_runner.runtimes import registry
from sandbox_runner.scenario.account.settings import AccountSettings, CallStep
from sandbox_runner.scenario.carried import Layer, StoredArchive, check_carried, check_texts, files_of_opt
from sandbox_runner.scenario.destinations import DeadLetter, OnFailure, OnSuccess
from sandbox_runner.scenario.field_types import (
    EnvironmentName,
    EventAge,
    ExtensionName,
    FunctionName,
    PerEnvironment,
    Provisioned,
    Reserved,
    RetryAttempts,
    RuntimeIdentifier,
    Seconds,
    TaskPath,
    is_absent,
    is_empty,
)
from sandbox_runner.scenario.function_url import FunctionUrl
from sandbox_runner.scenario.parts import Part, Peer
from sandbox_runner.scenario.request import Request
from sandbox_runner.scenario.service_settings import ServiceSettings
from sandbox_runner.scenario.service_steps import ServiceStep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox_runner.runtimes.requirements import Requirements


DEFAULT_NAME = "holdover"
"""What a function is called where a scenario has one and does not say."""

_DEPENDENCIES: Final[Mapping[int, Literal["auto", "none"]]] = {1: "none", 2: "auto"}

Initialization = Literal["on-demand", "provisioned-concurrency"]


class Function(Part):
    """The function under test, with its configuration.

    ``files`` are texts. ``attached_files`` are carried in Base64 and never looked into: libraries, images, tables.
    ``dependencies`` says whether packages that its files ask for (``requirements.txt``, ``package.json``) are
    installed: by default they are in a scenario of version 2, and are not in one of version 1.
    ``layers`` are unpacked in their order, a later one over an earlier one. ``archive`` is a zip that is kept beside
    scenarios; its files lie beneath the others, each of which takes the place of one of the same path.
    ``extensions`` are programs by name, each a text that is started as an external extension: files of
    ``/opt/extensions``, over those of layers. ``url`` has the settings of its URL in a live session.
    """

    runtime: RuntimeIdentifier
    handler: str = Field(min_length=1, max_length=128, pattern=r"^[^\s\x00-\x1f]+$")
    archive: StoredArchive | None = Field(default=None, exclude_if=is_absent)
    files: dict[TaskPath, str] = Field(max_length=limits.FILES_MAX)
    attached_files: dict[TaskPath, str] = Field(
        default_factory=dict, max_length=limits.ATTACHED_FILES_MAX, exclude_if=is_empty
    )
    layers: tuple[Layer, ...] = Field(default=(), max_length=limits.LAYERS_MAX, exclude_if=is_empty)
    extensions: dict[ExtensionName, str] = Field(
        default_factory=dict, max_length=limits.EXTENSIONS_MAX, exclude_if=is_empty
    )
    memory_mb: int = Field(default=limits.MEMORY_MB_DEFAULT, ge=limits.MEMORY_MB_MIN, le=limits.MEMORY_MB_MAX)
    timeout_s: int = Field(default=limits.TIMEOUT_S_DEFAULT, ge=limits.TIMEOUT_S_MIN, le=limits.TIMEOUT_S_MAX)
    tmp_mb: int = Field(default=limits.TMP_MB_DEFAULT, ge=limits.TMP_MB_MIN, le=limits.TMP_MB_MAX)
    environment: dict[EnvironmentName, str] = Field(default_factory=dict)
    log_format: Literal["text", "json"] = "text"
    log_style: Literal["current", "older"] = "current"
    log_level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] | None = None
    system_log_level: Literal["DEBUG", "INFO", "WARN"] | None = None
    cpu: Literal["unthrottled", "proportional"] = "unthrottled"
    name: FunctionName = DEFAULT_NAME
    dependencies: Literal["auto", "none"] | None = Field(default=None, exclude_if=is_absent)
    url: FunctionUrl | None = Field(default=None, exclude_if=is_absent)

    @field_validator("files")
    @classmethod
    def _some_code(cls, files: dict[str, str], found: ValidationInfo) -> dict[str, str]:
        if not files and found.data.get("archive") is None:
            at_least = {"field_type": "Dictionary", "min_length": 1, "actual_length": 0}
            raise PydanticKnownError("too_short", at_least)
        return files

    @property
    def played_on(self) -> str:
        """The identifier of the runtime that plays it: its own, or that of a stand-in."""
        return registry.runtime_of(self.runtime).identifier

    @property
    def deployed_name(self) -> str:
        """What the function is called on Lambda."""
        return self.name

    @property
    def layer_files(self) -> dict[str, str]:
        """What ends up at ``/opt``, in Base64."""
        return files_of_opt(self.layers, self.extensions)

    @property
    def opt(self) -> tuple[Layer, ...]:
        """What is unpacked at ``/opt``: its layers in their order, then its extensions."""
        written = files_of_opt((), self.extensions)
        return (*self.layers, Layer(name="extensions", files=written)) if written else self.layers

    @property
    def archives(self) -> tuple[StoredArchive, ...]:
        """Every zip that it names instead of carrying it."""
        named = (self.archive, *(layer.archive for layer in self.layers))
        return tuple(each for each in named if each is not None)

    @property
    def processors(self) -> float | None:
        """Its share of processor time per second; ``None`` if it is not limited."""
        return None if self.cpu == "unthrottled" else self.memory_mb / limits.MEMORY_MB_PER_PROCESSOR


class NamedFunction(Function):
    """One of several functions, with its own service settings. Its name is its key in the scenario.

    ``revision_of`` names the function whose code and configuration it is after a step deployed it.
    """

    initialization: Initialization = "on-demand"
    provisioned_concurrency: Provisioned = 0
    reserved_concurrency: Reserved = None
    concurrency_per_environment: PerEnvironment = Field(default=None, exclude_if=is_absent)
    max_retry_attempts: RetryAttempts = limits.RETRY_ATTEMPTS_MAX
    max_event_age_s: EventAge = limits.EVENT_AGE_S_MAX
    on_success: OnSuccess = Field(default=None, exclude_if=is_absent)
    on_failure: OnFailure = Field(default=None, exclude_if=is_absent)
    dead_letter: DeadLetter = Field(default=None, exclude_if=is_absent)
    revision_of: FunctionName | None = Field(default=None, exclude_if=is_absent)

    @property
    def deployed_name(self) -> str:
        """What the function is called on Lambda."""
        return self.revision_of or self.name


class InvokeStep(Part):
    """One request, and the wait for its answer."""

    invoke: Request


class ConcurrentStep(Part):
    """Several requests arrive at the same time; the step ends when all are answered."""

    concurrent: tuple[Request, ...] = Field(min_length=1, max_length=limits.CONCURRENT_MAX)


Step = InvokeStep | ConcurrentStep | ServiceStep | CallStep


class Scenario(Part):
    """One or several functions, and the steps to play.

    A scenario with a single function has it as ``function``, with its service settings beside it. Version 2 may have
    named ``functions`` instead, each with its own ``reserved_concurrency`` and so on; requests then name the function
    they invoke. Read :attr:`functions`, which has them by name in both forms.
    """

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["function"]}, {"required": ["functions"]}]},
    )

    version: Literal[1, 2] = 1
    function: Function | None = Field(default=None, exclude_if=is_absent)
    written_functions: dict[FunctionName, NamedFunction] | None = Field(
        default=None, alias="functions", min_length=1, max_length=limits.FUNCTIONS_MAX, exclude_if=is_absent
    )
    initialization: Initialization = "on-demand"
    provisioned_concurrency: Provisioned = 0
    reserved_concurrency: Reserved = None
    concurrency_per_environment: PerEnvironment = Field(default=None, exclude_if=is_absent)
    max_retry_attempts: RetryAttempts = limits.RETRY_ATTEMPTS_MAX
    max_event_age_s: EventAge = limits.EVENT_AGE_S_MAX
    on_success: OnSuccess = Field(default=None, exclude_if=is_absent)
    on_failure: OnFailure = Field(default=None, exclude_if=is_absent)
    dead_letter: DeadLetter = Field(default=None, exclude_if=is_absent)
    placement: Literal["most-recently-used", "least-recently-used"] = "most-recently-used"
    spare_environments: bool = False
    spin_down_after: Seconds | None = None
    init_limit: Seconds | None = None
    peers: tuple[Peer, ...] = Field(default=(), max_length=8)
    account: AccountSettings | None = Field(default=None, exclude_if=is_absent)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=limits.STEPS_MAX)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        """A named function carries its own name."""
        written = data.get("functions") if isinstance(data, dict) else None
        if not isinstance(written, dict):
            return data
        named = {key: {"name": key, **each} if isinstance(each, dict) else each for key, each in written.items()}
        return {**data, "functions": named}

    @model_validator(mode="after")
    def _sizes(self) -> Scenario:
        if (self.function is None) == (self.written_functions is None):
            raise ValueError("a scenario has either function or functions")
        for function in self.functions.values():
            check_texts(function.files)
            check_texts(function.extensions)
            check_carried(function.files, function.attached_files, function.layers)
        return self

    @property
    def functions(self) -> Mapping[str, Function]:
        """Every function by name, in the order written."""
        if self.function is not None:
            return {self.function.name: self.function}
        return {**(self.written_functions or {})}

    @property
    def has_names(self) -> bool:
        """Whether functions have names, in the scenario and in the records of a run."""
        return self.written_functions is not None

    @property
    def code(self) -> Mapping[str, str]:
        """Every file by its displayed name, see :meth:`shown_file`."""
        return {
            self.shown_file(name, path): text
            for name, function in self.functions.items()
            for path, text in function.files.items()
        }

    def shown_file(self, name: str, path: str) -> str:
        """The displayed name of a function's file: its path, after the function's name if functions have names."""
        return f"{name}/{path}" if self.has_names else path

    @property
    def runtimes(self) -> tuple[str, ...]:
        """The runtimes of its functions, without duplicates."""
        return tuple(dict.fromkeys(each.runtime for each in self.functions.values()))

    def dependencies_of(self, function: Function) -> Literal["auto", "none"]:
        """Whether packages that it asks for are installed."""
        return function.dependencies or _DEPENDENCIES[self.version]

    def requirements(self, name: str) -> Requirements | None:
        """What is to be installed for that function; ``None`` for nothing.

        :raises RefusedRequirementError: its files ask for something that is not installed.
        """
        function = self.functions[name]
        if self.dependencies_of(function) == "none":
            return None
        return registry.runtime_of(function.runtime).requirements(function.files)

    @property
    def interpreters(self) -> tuple[str, ...]:
        """The identifiers of the runtimes that play them, without duplicates."""
        return tuple(dict.fromkeys(each.played_on for each in self.functions.values()))

    @property
    def stand_ins(self) -> Mapping[str, str]:
        """The runtimes that are not here, each with the one that plays its functions."""
        return {each.runtime: each.played_on for each in self.functions.values() if each.runtime != each.played_on}

    @property
    def archives(self) -> tuple[StoredArchive, ...]:
        """Every zip that its functions name instead of carrying it, without duplicates."""
        return tuple(dict.fromkeys(one for each in self.functions.values() for one in each.archives))

    def with_environment(self, name: str, environment: Mapping[str, str]) -> Scenario:
        """The same scenario with other environment variables in that function."""
        return self._with_changed(name, {"environment": dict(environment)})

    def with_files(self, name: str, files: Mapping[str, str]) -> Scenario:
        """The same scenario with other files in that function."""
        return self._with_changed(name, {"files": dict(files)})

    def _with_changed(self, name: str, changed: dict[str, Any]) -> Scenario:
        if self.function is not None:
            return self.model_copy(update={"function": self.function.model_copy(update=changed)})
        written = {**(self.written_functions or {})}
        written[name] = written[name].model_copy(update=changed)
        return self.model_copy(update={"written_functions": written})

    def settings_of(self, name: str) -> ServiceSettings:
        """The service settings of that function."""
        return ServiceSettings.of((self.written_functions or {}).get(name, self))

    def name_of(self, function: str | None) -> str:
        """The name of the function that a request or step refers to; by default the first and only one."""
        return function or next(iter(self.functions))

    def recorded(self, name: str) -> str | None:
        """The function's name in records; ``None`` if the scenario's function has no name."""
        return name if self.has_names else None

    def requests(self) -> Iterator[tuple[int, str, Request]]:
        """Every request with its index from 1 and its principal; without ``as`` each request has its own."""
        index = 0
        for step in self.steps:
            for request in requests_of(step):
                index += 1
                yield index, request.principal or f"request-{index}", request

    def to_json(self) -> dict[str, Any]:
        """The JSON form; reading it back gives an equal scenario."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=False)


def requests_of(step: Step) -> tuple[Request, ...]:
    """The requests of one step, in order of arrival."""
    match step:
        case InvokeStep():
            return (step.invoke,)
        case ConcurrentStep():
            return step.concurrent
        case _:
            return ()
