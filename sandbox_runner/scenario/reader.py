"""Reads a scenario from text or data; for an invalid one, an error says what to change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sandbox_runner import limits
from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import say
from sandbox_runner.runtimes.registry import managed, runtime_of
from sandbox_runner.runtimes.requirements import RefusedRequirementError
from sandbox_runner.scenario.account.resources import check_account, check_depth
from sandbox_runner.scenario.account.settings import AccountSettings, CallStep
from sandbox_runner.scenario.code_sources import Beside, with_code
from sandbox_runner.scenario.contradictions import contradictions
from sandbox_runner.scenario.event_payloads import EVENT, with_event_payloads, written_requests
from sandbox_runner.scenario.functions import unclear_functions, written_functions
from sandbox_runner.scenario.model import Function, NamedFunction, Scenario, requests_of
from sandbox_runner.scenario.problem import Problem, known_keys, payload_problem
from sandbox_runner.scenario.request import Request
from sandbox_runner.scenario.reserved_variables import RESERVED_VARIABLES
from sandbox_runner.scenario.validation_messages import field_name, said_of
from sandbox_runner.scenario.yaml_reader import DEPTH_MAX, Document, read_document, shown
from sandbox_runner.untrusted_text import well_formed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STEP_KINDS = ("invoke", "concurrent", "call", "idle", "initialize", "recycle", "reserve", "provision", "deploy")
# Keys that may be combined in one step.
_BESIDE = dict.fromkeys(("initialize", "recycle", "reserve", "provision"), "function")
_KEYS = tuple(info.alias or name for name, info in Scenario.model_fields.items())
# Those that may name what lies beside the scenario come last.
_FUNCTION_KEYS, _NAMED_FUNCTION_KEYS = (
    (*(name for name in kind.model_fields if name != "archive"), "directory", "archive")
    for kind in (Function, NamedFunction)
)
_REQUEST_KEYS = (*(info.alias or name for name, info in Request.model_fields.items()), EVENT)
# Location parts that pydantic adds and nobody wrote.
_INVENTED_PARTS = frozenset(
    {
        "InvokeStep",
        "ConcurrentStep",
        "IdleStep",
        "InitializeStep",
        "RecycleStep",
        "ReserveStep",
        "ProvisionStep",
        "DeployStep",
        "CallStep",
        "[key]",
    }
)
# Below a function: files, the name of a file.
_FUNCTION_DEPTH = 2


def read_scenario(
    text: str,
    *,
    beside: Beside | None = None,
    today: date | None = None,
) -> Scenario:
    """Read the scenario that ``text`` (YAML or JSON) describes.

    :param beside: where folders and zips are that it names. Without it, a scenario must contain its files: input from
        a form or the network never names a folder of this machine.
    :param today: the day on which a runtime must be one that Lambda creates functions with; by default this day.
    :raises ScenarioError: it cannot be played as written; names the field, the line and the cure.
    """
    return _read(read_document(text), beside, today)


def parse_scenario(data: Any, *, today: date | None = None) -> Scenario:
    """Read the scenario in already parsed JSON data; errors have no line number.

    :param today: as for :func:`read_scenario`.
    :raises ScenarioError: it cannot be played as written; names the field and the cure.
    """
    return _read(Document(data, {}), None, today)


def _read(document: Document, beside: Beside | None, today: date | None = None) -> Scenario:
    try:
        _check_keys(document.data)
        data = with_event_payloads(with_code(document.data, beside))
        _check_characters(data)
        _check_payloads(data)
        check_depth(data)
        scenario = _validated(data)
        _check_functions(scenario, today or datetime.now(UTC).date())
        _check_steps(scenario)
        _check_contradictions(scenario)
        check_account(scenario)
    except Problem as problem:
        line, column = document.position(problem.path)
        raise ScenarioError(problem.message, field=field_name(problem.path), line=line, column=column) from None
    return scenario


# --- before the models: the shape, and what they cannot say well ---------------------------------------------------


def _check_keys(data: Any) -> None:
    if data is None:
        raise Problem(say("scenario-empty"))
    if not isinstance(data, dict):
        raise Problem(say("scenario-not-mapping"))
    known_keys(data, (), _KEYS)
    if data.get("function") is None and data.get("functions") is None:
        raise Problem(say("field-missing", field="function", hint="function"), "function")
    if "function" in data and "functions" in data:
        raise Problem(say("function-twice", field="functions", other="function"), "functions")
    if isinstance(data.get("account"), dict):
        known_keys(data["account"], ("account",), tuple(AccountSettings.model_fields))
    for path, function in written_functions(data):
        known_keys(function, path, _FUNCTION_KEYS if path == ("function",) else _NAMED_FUNCTION_KEYS)
    steps = data.get("steps")
    if isinstance(steps, list):
        if len(steps) > limits.STEPS_MAX:
            too_many = say("too-many-entries", field="steps", count=len(steps), most=limits.STEPS_MAX)
            raise Problem(too_many, "steps")
        for index, step in enumerate(steps):
            _check_step(step, index)


def _check_step(step: Any, index: int) -> None:
    kinds = (
        [key for key in step if not any(_BESIDE.get(other) == key for other in step)] if isinstance(step, dict) else []
    )
    if not isinstance(step, dict) or len(kinds) != 1:
        keys = shown(", ".join(map(str, step))) if isinstance(step, dict) else ""
        said = say("step-keys", field=f"steps[{index}]", keys=keys, known=_STEP_KINDS)
        raise Problem(said, "steps", index)
    known_keys(dict.fromkeys(kinds), ("steps", index), _STEP_KINDS)
    if "invoke" in step and step["invoke"] is not None and not isinstance(step["invoke"], dict):
        raise Problem(say("request-not-mapping", field=f"steps[{index}].invoke"), "steps", index)
    for path, request in written_requests(step, index):
        known_keys(request, path, _REQUEST_KEYS)


def _check_characters(data: dict[str, Any]) -> None:
    """Reject characters that no encoding can carry, except in payloads; JSON escapes can spell half a surrogate."""
    texts: list[tuple[tuple[str | int, ...], Any]] = [*written_functions(data)]
    deepest = max((len(path) for path, _ in texts), default=1) + _FUNCTION_DEPTH
    for index, step in enumerate(data["steps"] if isinstance(data.get("steps"), list) else []):
        texts += [((*path, "as"), request.get("as")) for path, request in written_requests(step, index)]
        call = step.get("call") if isinstance(step, dict) else None
        texts += [(("steps", index, "call", "as"), call.get("as"))] if isinstance(call, dict) else []
    while texts:
        path, value = texts.pop()
        if isinstance(value, dict) and len(path) < deepest:
            texts += [((*path, key), part) for key, each in value.items() for part in (key, each)]
        elif isinstance(value, str) and well_formed(value) != value:
            raise Problem(say("half-character", field=field_name(path)), *path)


def _check_payloads(data: dict[str, Any]) -> None:
    steps = data.get("steps")
    for index, step in enumerate(steps if isinstance(steps, list) else []):
        for path, request in written_requests(step, index):
            origin = request.get("made_from")
            parts = origin.get("parts") if isinstance(origin, dict) else None
            for key, value in (("payload", request.get("payload")), ("made_from", parts)):
                if problem := payload_problem(value, request.get("type"), field_name((*path, key))):
                    raise Problem(problem, *path, key)


# --- the models -----------------------------------------------------------------------------------------------------


def _validated(data: dict[str, Any]) -> Scenario:
    try:
        return Scenario.model_validate(data)
    except ValidationError as failed:
        errors = [each for each in failed.errors(include_url=False) if _speaks_of_its_step(each["loc"], data)]
        first = errors[0] if errors else failed.errors(include_url=False)[0]
    except RecursionError:
        raise Problem(say("too-deep", most=DEPTH_MAX)) from None
    path = tuple(part for part in first["loc"] if part not in _INVENTED_PARTS)
    # The message names an unknown key itself; repeating its path would be redundant.
    named = path[:-1] if first["loc"][-1:] == ("[key]",) else path
    raise Problem(said_of(first, named), *path)


def _speaks_of_its_step(location: tuple[str | int, ...], data: dict[str, Any]) -> bool:
    """A union reports the errors of each of its members; only those of the one that was written matter."""
    match location:
        case ("steps", int(index), str(model), *_):
            return model.removesuffix("Step").lower() in data["steps"][index]
        case _:
            return True


# --- after the models: what spans several fields --------------------------------------------------------------------


def _check_functions(scenario: Scenario, today: date) -> None:
    places = {name: ("functions", name) if scenario.has_names else ("function",) for name in scenario.functions}
    texts = (text for each in scenario.functions.values() for text in (*each.files.values(), *each.extensions.values()))
    total = sum(len(text.encode()) for text in texts)
    if total > limits.FILES_BYTES_MAX:
        place = next(iter(places.values()))
        raise Problem(say("files-too-large", bytes=total, most=limits.FILES_BYTES_MAX), *place, "files")
    for name, function in scenario.functions.items():
        _check_runtime(function.runtime, (*places[name], "runtime"), today)
        _check_files(function, places[name])
        _check_variables(function.environment, (*places[name], "environment"))
        _check_requirements(scenario, name, places[name])


def _check_runtime(identifier: str, place: tuple[str, ...], today: date) -> None:
    """Refuse what Lambda creates no function with; a scenario that is stored already is not read again."""
    known = managed(identifier)
    if known is not None and known.create_blocked is not None and known.is_refused(today):
        since, field = known.create_blocked.isoformat(), field_name(place)
        said = say("runtime-refused", field=field, value=identifier, since=since, said=known.refusal)
        raise Problem(said, *place)


def _check_variables(variables: Mapping[str, str], place: tuple[str, ...]) -> None:
    for name in variables:
        path = (*place, name)
        if name in RESERVED_VARIABLES:
            raise Problem(say("reserved-variable", field=field_name(place), name=name), *path)
        if "\0" in variables[name]:
            raise Problem(say("nul-character", field=field_name(path)), *path)
    size = sum(len((name + value).encode()) for name, value in variables.items())
    if size > limits.ENVIRONMENT_BYTES_MAX:
        most = limits.ENVIRONMENT_BYTES_MAX
        raise Problem(say("environment-too-large", field=field_name(place), bytes=size, most=most), *place)


def _check_files(function: Function, place: tuple[str, ...]) -> None:
    files = function.files
    everything = {**files, **function.attached_files}
    _check_layers(function, place)
    for path in everything:
        for folder in _folders(path):
            if folder in everything:
                raise Problem(say("file-is-folder", path=folder, other=path), *place, "files", path)
    named = [path for path in runtime_of(function.runtime).handler_files(function.handler) if path in files]
    for path in named or (list(files) if not any(text.strip() for text in files.values()) else []):
        if not files[path].strip():
            raise Problem(say("file-empty", path=path), *place, "files", path)


def _check_requirements(scenario: Scenario, name: str, place: tuple[str, ...]) -> None:
    try:
        scenario.requirements(name)
    except RefusedRequirementError as refused:
        raise Problem(refused.message, *place, "files", str(refused.message.params["path"])) from None


def _check_layers(function: Function, place: tuple[str, ...]) -> None:
    for path in function.layer_files:
        for folder in _folders(path):
            if folder in function.layer_files:
                raise Problem(say("file-is-folder", path=folder, other=path), *place, "layers")


def _folders(path: str) -> Iterator[str]:
    parts = path.split("/")[:-1]
    for count in range(1, len(parts) + 1):
        yield "/".join(parts[:count])


def _check_steps(scenario: Scenario) -> None:
    if not any(requests_of(step) or isinstance(step, CallStep) for step in scenario.steps):
        raise Problem(say("no-request", field="steps"), "steps")


def _check_contradictions(scenario: Scenario) -> None:
    found = next(chain(unclear_functions(scenario), contradictions(scenario)), None)
    if found is not None:
        raise Problem(found.message, *found.path)
