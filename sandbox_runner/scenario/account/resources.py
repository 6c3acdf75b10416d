"""Checks the resources of an account, and calls to it, against botocore's models of AWS's services."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, StructureShape
from botocore.validate import ParamValidator

from sandbox_runner.aws_place import REGION
from sandbox_runner.messages import cut, say
from sandbox_runner.scenario.account.queue_mappings import MAPPING, check_called_mapping, check_mappings
from sandbox_runner.scenario.account.settings import OFFERED, SERVICES, AccountSettings, CallStep, ResourceOperation
from sandbox_runner.scenario.named_functions import check_targets
from sandbox_runner.scenario.problem import Problem, nearest_of
from sandbox_runner.scenario.validation_messages import field_name
from sandbox_runner.scenario.yaml_reader import DEPTH_MAX, depth, shown
from sandbox_runner.untrusted_text import well_formed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocore.model import Shape

    from sandbox_runner.scenario.model import Scenario

_DETAIL_CHARACTERS_MAX: Final = 300
_Path = tuple[str | int, ...]


def check_depth(data: Mapping[str, Any]) -> None:
    """Refuse, before the models, operations that are nested deeper than they can be read.

    :raises Problem: one is.
    """
    account, steps = data.get("account"), data.get("steps")
    resources = account.get("resources") if isinstance(account, dict) else ()
    written: list[tuple[_Path, Any]] = [
        *(
            (("account", "resources", at), each)
            for at, each in enumerate(resources if isinstance(resources, list) else ())
        ),
        *(
            (("steps", at, "call"), step.get("call"))
            for at, step in enumerate(steps if isinstance(steps, list) else ())
            if isinstance(step, dict)
        ),
    ]
    for path, value in written:
        if depth(value) > DEPTH_MAX:
            raise Problem(say("payload-too-deep", field=field_name(path), most=DEPTH_MAX), *path)


def check_account(scenario: Scenario) -> None:
    """Refuse what no SDK would send, in the account's resources and in the steps that call it.

    :raises Problem: a service, an operation or a parameter that there is not, or a value of another type.
    """
    if scenario.account is not None:
        _check_settings(scenario.account)
        check_mappings(scenario)
    for index, step in enumerate(scenario.steps):
        if isinstance(step, CallStep):
            path = ("steps", index, "call")
            _check_written(step.call.written, path)
            _check_place(step.call.written, scenario.account.region if scenario.account else REGION, path)
            if step.call.operation.written == MAPPING:
                check_called_mapping(scenario, step.call.parameters, (*path, MAPPING))
    check_targets(scenario)


def is_operation(written: Mapping[str, dict[str, Any]]) -> bool:
    """Whether an SDK would send this, one operation with its parameters."""
    try:
        _check_written(written, ())
    except Problem:
        return False
    return True


def _check_settings(account: AccountSettings) -> None:
    if isinstance(account.services, tuple):
        for number, service in enumerate(account.services):
            _check_service(service, ("account", "services", number), OFFERED)
    if account.services == "none" and account.resources:
        path = ("account", "services")
        other = field_name(("account", "resources"))
        raise Problem(say("resources-without-services", field=field_name(path), other=other), *path)
    _check_region(account.region)
    for number, resource in enumerate(account.resources):
        place = ("account", "resources", number)
        _check_written(resource, place)
        _check_place(resource, account.region, place)


def _check_region(region: str) -> None:
    if region not in _regions():
        path, nearest = ("account", "region"), nearest_of(region, _regions())
        raise Problem(say("region-unknown", field=field_name(path), value=shown(region), nearest=nearest), *path)


def _check_place(one: Mapping[str, Any], region: str, path: _Path) -> None:
    """A function gets messages and records of its own region alone."""
    if region != REGION and MAPPING in one:
        place = (*path, MAPPING)
        raise Problem(say("mapping-elsewhere", field=field_name(place), region=region, own=REGION), *place)


@cache
def _regions() -> tuple[str, ...]:
    """Those that botocore knows of the partition that the account is in."""
    partitions = Loader().load_data("partitions")["partitions"]
    return tuple(name for each in partitions if each["id"] == "aws" for name in each["regions"] if name.count("-") > 1)


def operation_name(operation: ResourceOperation) -> str:
    """The name that AWS's API has for an operation of boto3's; empty where there is none."""
    known = operation.service in SERVICES or operation.written == MAPPING
    return _operations(operation.service).get(operation.method, "") if known else ""


def _check_written(one: Mapping[str, dict[str, Any]], path: _Path) -> None:
    """One operation with its parameters."""
    if len(one) != 1:
        raise Problem(say("resource-form", field=field_name(path)), *path)
    (written, parameters), *_ = one.items()
    text = json.dumps(parameters, ensure_ascii=False)
    if well_formed(text) != text:
        raise Problem(say("half-character", field=field_name((*path, written))), *path, written)
    _check_operation(ResourceOperation(written), parameters, path)


def _check_service(service: str, path: _Path, known: Sequence[str] = SERVICES) -> None:
    if service not in known:
        nearest = nearest_of(service, known)
        said = say("service-unknown", field=field_name(path), value=shown(service), nearest=nearest, known=known)
        raise Problem(said, *path)


def _check_operation(operation: ResourceOperation, parameters: dict[str, Any], path: _Path) -> None:
    if operation.written != MAPPING:
        _check_service(operation.service, path)
    name = operation_name(operation)
    if not name:
        nearest = nearest_of(operation.method, _operations(operation.service))
        said = say(
            "operation-unknown",
            field=field_name(path),
            service=operation.service,
            value=shown(operation.method),
            nearest=f"{operation.service}.{nearest}" if nearest else "",
        )
        raise Problem(said, *path)
    shape = _model(operation.service).operation_model(name).input_shape
    if shape is None:
        return
    _check_names(shape, parameters, (*path, operation.written))
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        detail = cut(shown(report.generate_report().splitlines()[0], _DETAIL_CHARACTERS_MAX), _DETAIL_CHARACTERS_MAX)
        field = field_name((*path, operation.written))
        raise Problem(say("other-problem", field=field, detail=detail), *path, operation.written)


def _check_names(shape: Shape, value: Any, path: _Path) -> None:
    """Refuse a name that a structure has not; botocore says so too, but not which is near."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for key, each in value.items():
            if key not in shape.members:
                nearest = nearest_of(str(key), shape.members)
                place, known = field_name(path), list(shape.members)
                raise Problem(
                    say("field-unknown", key=shown(str(key)), place=place, nearest=nearest, known=known), *path, key
                )
            _check_names(shape.members[key], each, (*path, key))
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, each in enumerate(value):
            _check_names(shape.member, each, (*path, number))
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, each in value.items():
            _check_names(shape.value, each, (*path, key))


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@cache
def _operations(service: str) -> dict[str, str]:
    return {xform_name(name): name for name in _model(service).operation_names}
