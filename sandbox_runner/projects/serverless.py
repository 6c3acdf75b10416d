"""The functions of a ``serverless.yml``. Pure.

https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.messages import say
from sandbox_runner.projects.event_sources import of_serverless
from sandbox_runner.projects.intrinsics import Intrinsics
from sandbox_runner.projects.payloads import payloads_of_events
from sandbox_runner.projects.planned import Planned, PlannedLayer, joined
from sandbox_runner.projects.serverless_variables import Variables
from sandbox_runner.projects.stack_resources import is_resource, resources_of
from sandbox_runner.projects.template_settings import not_understood, numbers, runtime, variables
from sandbox_runner.runtimes import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox_runner.messages import Message

NAMES: Final = ("serverless.yml", "serverless.yaml", "serverless.json")
# What a function has where nothing is said, by the page above.
_MEMORY_MB: Final = 1024
_TIMEOUT_S: Final = 6
_READ: Final = frozenset(
    {"handler", "runtime", "memorySize", "timeout", "environment", "ephemeralStorageSize", "events", "layers"}
)
_IRRELEVANT: Final = frozenset(
    {
        *("architecture", "dependsOn", "description", "image", "kmsKeyArn", "logRetentionInDays", "name", "package"),
        *("role", "tags", "tracing", "versionFunction", "iamRoleStatements", "disableLogs"),
    }
)


@dataclass(slots=True)
class ServerlessTemplate:
    """One file in a folder of the bundle.

    :ivar folder: the folder that it is in, which is the task root of every function.
    """

    data: Mapping[str, Any]
    folder: str
    said: list[Message] = field(default_factory=list)

    def functions(self) -> Iterator[Planned]:
        """Every function that it describes; one that nothing here plays has no runtime."""
        resources = self._resources()
        stack = Intrinsics({}, resources)
        made = tuple(resources_of(stack))
        for planned in self._functions(resources):
            yield replace(planned, resources=made, said=(*planned.said, *stack.said))

    def _functions(self, resources: Mapping[str, Any]) -> Iterator[Planned]:
        found = self.data.get("functions")
        for part in found if isinstance(found, list) else [found]:
            if isinstance(part, dict):
                for name, function in part.items():
                    yield self._planned(name, function if isinstance(function, dict) else {}, resources)
            elif part is not None:
                self.said.append(not_understood("functions", part))

    def _planned(self, name: str, function: Mapping[str, Any], resources: Mapping[str, Any]) -> Planned:
        provider = _mapping(self.data.get("provider"))
        stack = Intrinsics({}, resources)
        layers = _mapping(self.data.get("layers"))
        known = Variables(self.data, stack.said)
        return _Function(name, function, provider, layers, known, stack).planned(self.folder)

    def _resources(self) -> Mapping[str, Any]:
        """Those of CloudFormation, in one part or several; of what is made here, variables are resolved.

        https://www.serverless.com/framework/docs/providers/aws/guide/resources
        """
        written = self.data.get("resources")
        parts = [
            _mapping(_mapping(each).get("Resources")) for each in (written if isinstance(written, list) else [written])
        ]
        known = Variables(self.data)
        return {
            name: known.value(each, name) if is_resource(_mapping(each).get("Type")) else each
            for part in parts
            for name, each in part.items()
        }


@dataclass(slots=True)
class _Function:
    name: str
    function: Mapping[str, Any]
    provider: Mapping[str, Any]
    layers: Mapping[str, Any]
    variables: Variables
    stack: Intrinsics

    def planned(self, folder: str) -> Planned:
        said = self.stack.said
        for key, written in self.function.items():
            if key not in _READ | _IRRELEVANT:
                said.append(not_understood(f"{self.name}.{key}", written))
        handler = str(self._value("handler", "") or "")
        events = of_serverless(self.name, self.function.get("events"), self._resolved, said)
        payloads = tuple(payloads_of_events(events))
        return Planned(
            runtime=self._runtime(handler),
            handler=handler,
            name=self.name,
            folder=folder,
            settings=self._settings(),
            payloads=payloads,
            layers=tuple(self._layers(folder)),
            said=tuple(said),
        )

    def _resolved(self, written: Any, place: str) -> Any:
        return self.stack.value(self.variables.value(written, place), place)

    def _value(self, key: str, usual: Any) -> Any:
        written = self.function.get(key, self.provider.get(key, usual))
        return self._resolved(written, f"{self.name}.{key}")

    def _runtime(self, handler: str) -> str:
        if "image" in self.function:
            self.stack.said.append(say("template-image", place=self.name))
            return ""
        asked = self._value("runtime", "")
        return runtime(asked or _usual_runtime(), f"{self.name}.runtime", self.stack.said) if handler else ""

    def _layers(self, folder: str) -> Iterator[PlannedLayer]:
        """The layers that are in the bundle; the others are told.

        https://www.serverless.com/framework/docs/providers/aws/guide/layers: how a layer of the file is named.
        """
        here = {f"{name[:1].upper()}{name[1:]}LambdaLayer": name for name in self.layers}
        written = self.function.get("layers", self.provider.get("layers"))
        for each in written if isinstance(written, list) else []:
            name = here.get(str(each.get("Ref"))) if isinstance(each, dict) else None
            path = _mapping(self.layers.get(str(name))).get("path")
            place = joined(folder, path) if isinstance(path, str) else None
            if name is None or place is None:
                self.stack.said.append(not_understood(f"{self.name}.layers", each))
            else:
                yield PlannedLayer(name, place)

    def _settings(self) -> dict[str, Any]:
        given = {
            "memory_mb": ("memorySize", self._value("memorySize", _MEMORY_MB)),
            "timeout_s": ("timeout", self._value("timeout", _TIMEOUT_S)),
            "tmp_mb": ("ephemeralStorageSize", self._value("ephemeralStorageSize", None)),
        }
        settings: dict[str, Any] = numbers(given, self._resolved, self.name, self.stack.said)
        written = {
            **self._whole(self.provider.get("environment")),
            **self._whole(self.function.get("environment")),
        }
        if environment := variables(written, self._resolved, self.name, self.stack.said):
            settings["environment"] = environment
        return settings

    def _whole(self, written: Any) -> Mapping[str, Any]:
        """A mapping, which may be named by a variable as a whole."""
        if isinstance(written, str):
            written = self._resolved(written, f"{self.name}.environment")
        return _mapping(written)


def _usual_runtime() -> str:
    """The framework's own default is of JavaScript."""
    language = next(each for each in registry.LANGUAGES if each.dialect is not None)
    return registry.newest_of(language).identifier


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
