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
    from sandbox_runner.live.deployed import Deployed

_LIST: Final = re.compile(r"/2015-03-31/functions/?(?:\?.*)?")
_ONE: Final = re.compile(
    r"/2015-03-31/functions/(?P<name>[^/?]{1,200})(?P<configuration>/configuration)?/?(?:\?(?P<query>.*))?"
)
_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/holdover"


def described(request: AwsRequest, deployed: Deployed) -> AwsAnswer | None:
    """The answer to a request that reads what functions there are; None for any other."""
    if request.method != "GET":
        return None
    if _LIST.fullmatch(request.target):
        return answered({"Functions": [configuration(deployed, name) for name in deployed.names]})
    found = _ONE.fullmatch(request.target)
    if found is None:
        return None
    named = lambda_api.function_named(unquote(found["name"]), found["query"] or "", deployed.names)
    if isinstance(named, AwsAnswer):
        return named
    described_so = configuration(deployed, named)
    if found["configuration"]:
        return answered(described_so)
    told: dict[str, Any] = {"Configuration": described_so, "Code": {"RepositoryType": "S3"}}
    if (reserved := deployed.reserved.get(named)) is not None:
        told["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
    return answered(told)


def answered(told: dict[str, Any]) -> AwsAnswer:
    """An answer with that in it."""
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    return AwsAnswer(200, (("content-type", "application/json"),), body)


def configuration(deployed: Deployed, name: str) -> dict[str, Any]:
    """What Lambda's API says of a function."""
    function, version = deployed.current(name), deployed.versions[name]
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
        "LastModified": version.since,
        "RevisionId": version.revision_id,
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
