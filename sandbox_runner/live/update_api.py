"""Lambda's API as it changes the code and the configuration of a session's functions.

https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html and
https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html. The text for reserved variables
is quoted in https://github.com/aws/aws-cdk/pull/28048, that for a zip stands in localstack/localstack,
localstack/services/lambda_/invocation/lambda_service.py.
"""

from __future__ import annotations

import base64
import json
import re
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from sandbox_runner import limits
from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import AwsAnswer
from sandbox_runner.bundles.zip_archive import read_zip
from sandbox_runner.errors import ScenarioError
from sandbox_runner.live import function_catalogue
from sandbox_runner.live.changes import Change
from sandbox_runner.runtimes.registry import runtime_of
from sandbox_runner.scenario.reader import parse_scenario
from sandbox_runner.scenario.revisions import revision_name
from sandbox_runner.scenario.service_steps import DeployStep, ProvisionStep

if TYPE_CHECKING:
    from sandbox_runner.account.base import AwsRequest
    from sandbox_runner.live.deployed import Deployed
    from sandbox_runner.scenario.model import NamedFunction
    from sandbox_runner.scenario.service_steps import ServiceStep

_PATH: Final = re.compile(
    r"/2015-03-31/functions/(?P<name>[^/?]{1,200})/(?P<what>code|configuration)/?(?:\?(?P<query>.*))?"
)
_NO_ZIP: Final = "Could not unzip uploaded file. Please check your file, then try to upload again."
_RESERVED: Final = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided "
    "contains reserved keys that are currently not supported for modification. Reserved keys used in this request: "
)


class _Refused(Exception):  # noqa: N818 - said to a client
    def __init__(self, status: int, error_type: str, said: str) -> None:
        super().__init__(said)
        self.answer = lambda_api.refusal(status, error_type, said)


def asked(request: AwsRequest, deployed: Deployed, now: str) -> Change | AwsAnswer | None:
    """What a request to update a function comes to; ``None`` for any other request.

    :param now: in ISO 8601.
    """
    found = _PATH.fullmatch(request.target)
    if found is None or request.method != "PUT":
        return None
    name = lambda_api.function_named(unquote(found["name"]), found["query"] or "", deployed.names)
    if isinstance(name, AwsAnswer):
        return name
    try:
        return _change(found["what"], _body(request.body), name, deployed, now)
    except _Refused as refused:
        return refused.answer


def _change(what: str, said: dict[str, Any], name: str, deployed: Deployed, now: str) -> Change | AwsAnswer:
    if said.pop("RevisionId", None) not in {None, deployed.versions[name].revision_id}:
        raise _Refused(
            412,
            "PreconditionFailedException",
            "The RevisionId provided does not match the latest RevisionId for the Lambda function or alias.",
        )
    is_rehearsal = said.pop("DryRun", False) is True
    told = function_catalogue.configuration(deployed, name)
    fields = _code(said, told, deployed, name) if what == "code" else _configuration(said, told)
    if len(deployed.scenario.functions) >= limits.FUNCTIONS_MAX:
        raise _Refused(
            400, "CodeStorageExceededException", f"Holdover keeps {limits.FUNCTIONS_MAX} functions and revisions"
        )
    before = deployed.current(name).model_dump(mode="json", by_alias=True)
    named = {"name": revision_name(name, deployed.scenario.functions), "revision_of": name}
    settings = {
        "reserved_concurrency": deployed.reserved.get(name),
        "initialization": "on-demand",
        "provisioned_concurrency": 0,
    }
    revision = _checked({**before, **fields, **settings, **named})
    after = deployed.with_revision(revision, now)
    answer = function_catalogue.answered(function_catalogue.configuration(after, name))
    if is_rehearsal:
        return answer
    steps: list[ServiceStep] = [DeployStep(deploy=revision.name)]
    if (provisioned := deployed.provisioned.get(name)) is not None:
        steps.append(ProvisionStep(provision=provisioned.count, function=revision.name))
    return Change(tuple(steps), answer, after, revision)


# --- what may be said ---------------------------------------------------------------------------------------------


def _code(said: dict[str, Any], told: dict[str, Any], deployed: Deployed, name: str) -> dict[str, Any]:
    written = said.pop("ZipFile", None)
    said.pop("Publish", None) if said.get("Publish") is False else None
    _check_rest(said, told)
    if not isinstance(written, str):
        raise _Refused(400, "InvalidParameterValueException", "Please provide a source for function code.")
    function = deployed.current(name)
    first = runtime_of(function.runtime).handler_files(function.handler)
    try:
        # Every path is as it is, and packages are part of it.
        with read_zip(BytesIO(base64.b64decode(written, validate=True)), is_layer=True) as bundle:
            files = bundle.take(first).to_json()
    except (ValueError, ScenarioError):
        raise _Refused(400, "InvalidParameterValueException", _NO_ZIP) from None
    return {"attached_files": {}, **files, "archive": None, "dependencies": "none"}


def _configuration(said: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, field in (("Timeout", "timeout_s"), ("MemorySize", "memory_mb"), ("Handler", "handler")):
        if key in said:
            fields[field] = said.pop(key)
    if "Environment" in said:
        environment = said.pop("Environment")
        fields["environment"] = environment.get("Variables", {}) if isinstance(environment, dict) else environment
    if "EphemeralStorage" in said:
        storage = said.pop("EphemeralStorage")
        fields["tmp_mb"] = storage.get("Size") if isinstance(storage, dict) else storage
    _check_rest(said, told)
    return fields


def _check_rest(said: dict[str, Any], told: dict[str, Any]) -> None:
    """What is said to stay as it is may be said."""
    other = next((key for key, value in said.items() if value is not None and told.get(key) != value), None)
    if other is not None:
        raise _Refused(501, "NotImplementedException", f"Holdover does not change {other[:64]} of a live function")


def _body(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise _Refused(400, "SerializationException", "Could not parse request body into json")
    return said


def _checked(fields: dict[str, Any]) -> NamedFunction:
    """The function, which a scenario can have."""
    name = fields["name"]
    alone = {each: value for each, value in fields.items() if each != "revision_of" and value is not None}
    step = {"invoke": {"function": name}}
    try:
        scenario = parse_scenario({"version": 2, "functions": {name: alone}, "steps": [step]})
    except ScenarioError as error:
        raise _Refused(400, *_said(error)) from None
    return (scenario.written_functions or {})[name].model_copy(update={"revision_of": fields["revision_of"]})


def _said(error: ScenarioError) -> tuple[str, str]:
    if error.message.code == "reserved-variable":
        return "InvalidParameterValueException", f"{_RESERVED}{error.message.params['name']}"
    kind = "ValidationException" if error.message.code in _OF_FORM else "InvalidParameterValueException"
    return kind, f"1 validation error detected: {error.problem}"


_OF_FORM: Final = frozenset({"out-of-range", "not-whole", "wrong-form", "not-text", "not-mapping", "variable-name"})
