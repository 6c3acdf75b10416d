"""What Lambda's API says of the functions of a session: GetFunction, GetFunctionConfiguration, ListFunctions. Pure.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import AwsAnswer
from sandbox_runner.aws_place import ACCOUNT
from sandbox_runner.environment import identity

if TYPE_CHECKING:
    from sandbox_runner.account.base import AwsRequest
    from sandbox_runner.scenario.model import Scenario

_LIST: Final = re.compile(r"/2015-03-31/functions/?(?:\?.*)?")
_ONE: Final = re.compile(
    r"/2015-03-31/functions/(?P<name>[^/?]{1,200})(?P<configuration>/configuration)?/?(?:\?(?P<query>.*))?"
)
_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/holdover"


def described(request: AwsRequest, scenario: Scenario, since: str) -> AwsAnswer | None:
    """The answer to a request that reads what functions there are; None for any other.

    :param since: when the functions were last changed, in ISO 8601.
    """
    if request.method != "GET":
        return None
    if _LIST.fullmatch(request.target):
        return _answer({"Functions": [_configuration(scenario, name, since) for name in scenario.functions]})
    found = _ONE.fullmatch(request.target)
    if found is None:
        return None
    named = lambda_api.function_named(unquote(found["name"]), found["query"] or "", scenario.functions)
    if isinstance(named, AwsAnswer):
        return named
    configuration = _configuration(scenario, named, since)
    if found["configuration"]:
        return _answer(configuration)
    told: dict[str, Any] = {"Configuration": configuration, "Code": {"RepositoryType": "S3"}}
    if (reserved := scenario.settings_of(named).reserved_concurrency) is not None:
        told["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
    return _answer(told)


def _answer(told: dict[str, Any]) -> AwsAnswer:
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    return AwsAnswer(200, (("content-type", "application/json"),), body)


def _configuration(scenario: Scenario, name: str, since: str) -> dict[str, Any]:
    function = scenario.functions[name]
    code = json.dumps([function.files, function.attached_files], sort_keys=True).encode()
    return {
        "FunctionName": name,
        "FunctionArn": identity.function_arn(name),
        "Runtime": function.runtime,
        "Role": _ROLE,
        "Handler": function.handler,
        "CodeSize": len(code),
        "Description": "",
        "Timeout": function.timeout_s,
        "MemorySize": function.memory_mb,
        "LastModified": since,
        "CodeSha256": base64.b64encode(hashlib.sha256(code).digest()).decode(),
        "Version": identity.VERSION,
        "TracingConfig": {"Mode": "PassThrough"},
        "Environment": {"Variables": dict(function.environment)},
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": function.tmp_mb},
        "LoggingConfig": {
            "LogFormat": "JSON" if function.log_format == "json" else "Text",
            "LogGroup": identity.log_group(name),
        },
    }
