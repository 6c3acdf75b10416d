"""The functions of a SAM or CloudFormation template. Pure.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.messages import say
from sandbox_runner.projects.event_sources import of_sam
from sandbox_runner.projects.intrinsics import Intrinsics
from sandbox_runner.projects.payloads import payloads_of_events
from sandbox_runner.projects.planned import Planned, PlannedLayer, joined
from sandbox_runner.projects.stack_resources import resources_of
from sandbox_runner.projects.template_settings import not_understood, numbers, runtime, url, variables
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.managed import CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox_runner.messages import Message

NAMES: Final = ("template.yaml", "template.yml", "template.json", "sam.yaml", "sam.yml")
_SERVERLESS: Final = "AWS::Serverless::Function"
_PLAIN: Final = "AWS::Lambda::Function"
_LAYERS: Final = ("AWS::Serverless::LayerVersion", "AWS::Lambda::LayerVersion")
_READ: Final = frozenset(
    {"Handler", "Runtime", "MemorySize", "Timeout", "Environment", "CodeUri", "Code", "InlineCode"}
)
_READ_ALSO: Final = frozenset(
    {
        *("EphemeralStorage", "Layers", "LoggingConfig", "PackageType", "FunctionName", "Events", "ImageUri"),
        "FunctionUrlConfig",
    }
)
# What changes nothing of what a handler sees while it runs here.
_IRRELEVANT: Final = frozenset(
    {
        *("Architectures", "AssumeRolePolicyDocument", "AutoPublishAlias", "AutoPublishAliasAllProperties"),
        *("AutoPublishCodeSha256", "CodeSigningConfigArn", "DeploymentPreference", "Description", "KmsKeyArn"),
        *("PermissionsBoundary", "Policies", "PropagateTags", "Role", "RolePath", "RuntimeManagementConfig"),
        *(
            "RecursiveLoop",
            "SourceKMSKeyArn",
            "Tags",
            "Tracing",
            "TracingConfig",
            "VersionDescription",
            "PublishToLatestPublished",
        ),
    }
)


@dataclass(slots=True)
class SamTemplate:
    """One template in a folder of the bundle.

    :ivar folder: the folder that it is in, which its paths are relative to.
    """

    data: Mapping[str, Any]
    folder: str
    said: list[Message] = field(default_factory=list)

    def functions(self) -> Iterator[Planned]:
        """Every function that it describes; one that nothing here plays has no runtime."""
        resources = _mapping(self.data.get("Resources"))
        parameters = {name: _default(each) for name, each in _mapping(self.data.get("Parameters")).items()}
        defaults = _mapping(_mapping(self.data.get("Globals")).get("Function"))
        stack = Intrinsics(parameters, resources, _mapping(self.data.get("Mappings")))
        made = tuple(resources_of(stack))
        for name, resource in resources.items():
            kind = resource.get("Type") if isinstance(resource, dict) else None
            if kind in (_SERVERLESS, _PLAIN):
                own = _mapping(resource.get("Properties"))
                known = Intrinsics(parameters, resources, _mapping(self.data.get("Mappings")))
                given = _merged(defaults, own) if kind == _SERVERLESS else own
                planned = _Function(name, given, _mapping(resource.get("Metadata")), known).planned(self.folder)
                yield replace(planned, resources=made, said=(*planned.said, *stack.said))


@dataclass(slots=True)
class _Function:
    name: str
    properties: Mapping[str, Any]
    metadata: Mapping[str, Any]
    known: Intrinsics

    def planned(self, folder: str) -> Planned:
        said = self.known.said
        inline = self._inline()
        code, elsewhere = ("", "") if inline is not None else self._code(folder)
        if elsewhere:
            said.append(say("template-code-elsewhere", place=self.name, uri=elsewhere))
        for key, written in self.properties.items():
            if key not in _READ | _READ_ALSO | _IRRELEVANT:
                said.append(not_understood(f"{self.name}.{key}", written))
        runs_on = self._runtime()
        handler = self._handler()
        files = (
            {registry.runtime_of(runs_on).handler_files(handler)[0]: inline} if inline is not None and runs_on else {}
        )
        events = of_sam(self.name, _mapping(self.properties.get("Events")), self.known.value, said)
        payloads = tuple(payloads_of_events(events))
        return Planned(
            runtime=runs_on,
            handler=handler,
            name=self.name,
            folder=code,
            settings=self._settings(),
            payloads=payloads,
            layers=tuple(self._layers(folder)),
            inline=files,
            said=tuple(said),
            is_elsewhere=bool(elsewhere),
        )

    def _value(self, key: str) -> Any:
        return self.known.value(self.properties.get(key), f"{self.name}.{key}")

    def _handler(self) -> str:
        """The handler where its source is; a build by esbuild puts what it makes of each at its place among the others.

        https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build-typescript.html,
        https://esbuild.github.io/api/#outbase
        """
        handler = str(self._value("Handler") or "")
        module, _, function = handler.rpartition(".")
        written = _mapping(self.metadata.get("BuildProperties")).get("EntryPoints")
        listed = written if isinstance(written, list) else []
        entries = [posixpath.normpath(each) for each in listed if isinstance(each, str)]
        stems = [posixpath.splitext(each)[0] for each in entries if not each.startswith(("/", "..", "."))]
        base = posixpath.commonpath([posixpath.dirname(each) for each in stems]) if stems else ""
        made = {posixpath.relpath(stem, base or "."): stem for stem in stems}
        return f"{made[module]}.{function}" if (module := posixpath.normpath(module)) in made else handler

    def _runtime(self) -> str:
        if self.properties.get("PackageType") == "Image":
            self.known.said.append(say("template-image", place=self.name))
            return ""
        asked, place = self._value("Runtime"), f"{self.name}.Runtime"
        if asked == CUSTOMERS and (built_as := self._built_as()):
            self.known.said.append(say("template-runtime", place=place, runtime=CUSTOMERS, used=built_as))
            asked = built_as
        return runtime(asked, place, self.known.said)

    def _built_as(self) -> str:
        """Lambda's runtime that the code is built for, where its own is kept by somebody.

        https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-customer-managed-runtimes.html
        """
        method = str(self.metadata.get("BuildMethod"))
        return method if method != CUSTOMERS and registry.managed(method) else ""

    def _inline(self) -> str | None:
        code = self.properties.get("Code")
        written = self.properties.get("InlineCode") or (code.get("ZipFile") if isinstance(code, dict) else None)
        found = self.known.value(written, f"{self.name}.InlineCode")
        return found if isinstance(found, str) else None

    def _code(self, folder: str) -> tuple[str, str]:
        """The folder that its code is in, or what it says where that is none of the bundle."""
        written = self.properties.get("CodeUri", self.properties.get("Code"))
        if written is None:
            return folder, ""
        if not isinstance(written, str):
            return "", str(not_understood("", written).params["text"])
        found = joined(folder, written)
        return ("", written[:80]) if found is None else (found, "")

    def _layers(self, folder: str) -> Iterator[PlannedLayer]:
        """The layers that are in the bundle; the others are told."""
        written = self.properties.get("Layers")
        for each in written if isinstance(written, list) else []:
            name = each.get("Ref") if isinstance(each, dict) else None
            found = _mapping(self.known.resources.get(str(name)))
            own = _mapping(found.get("Properties"))
            content = own.get("ContentUri", own.get("Content"))
            place = joined(folder, content) if found.get("Type") in _LAYERS and isinstance(content, str) else None
            if place is None:
                self.known.said.append(not_understood(f"{self.name}.Layers", each))
            else:
                yield PlannedLayer(str(name), place, _built_below(_mapping(found.get("Metadata")).get("BuildMethod")))

    def _settings(self) -> dict[str, Any]:
        storage = _mapping(self.properties.get("EphemeralStorage")).get("Size")
        given = {
            "memory_mb": ("MemorySize", self.properties.get("MemorySize")),
            "timeout_s": ("Timeout", self.properties.get("Timeout")),
            "tmp_mb": ("EphemeralStorage.Size", storage),
        }
        settings: dict[str, Any] = numbers(given, self.known.value, self.name, self.known.said)
        written = _mapping(_mapping(self.properties.get("Environment")).get("Variables"))
        if environment := variables(written, self.known.value, self.name, self.known.said):
            settings["environment"] = environment
        if _mapping(self.properties.get("LoggingConfig")).get("LogFormat") == "JSON":
            settings["log_format"] = "json"
        place = f"{self.name}.FunctionUrlConfig"
        if found := url(self.properties.get("FunctionUrlConfig"), self.known.value, place, self.known.said):
            settings["url"] = found
        return settings


def _built_below(method: Any) -> str:
    """The folder of a layer that its build puts the files in: ``python`` or ``nodejs``.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-layers.html
    """
    name = str(method or "").rstrip("0123456789.x")
    return next((each.logged_name for each in registry.LANGUAGES if each.logged_name == name), "")


def _default(parameter: Any) -> Any:
    """What a parameter is where nobody says it; lists are written with commas.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """
    told = _mapping(parameter)
    default = told.get("Default")
    is_list = str(told.get("Type")).startswith(("CommaDelimitedList", "List<"))
    return [each.strip() for each in default.split(",")] if is_list and isinstance(default, str) else default


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What is set for all functions, with a function's own on top: mappings are merged, lists added up.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
    """
    merged = {**defaults, **own}
    for key in defaults.keys() & own.keys():
        one, other = defaults[key], own[key]
        if isinstance(one, dict) and isinstance(other, dict):
            merged[key] = _merged(one, other)
        elif isinstance(one, list) and isinstance(other, list):
            merged[key] = [*one, *other]
    return merged
