"""AWS's SDKs are simply there, as in the managed runtimes."""

from __future__ import annotations

import pytest

from sandbox_runner.results.grades import Verdict
from tests.builders import invoke, scenario
from tests.clients.cases import NODE_22, NODE_24
from tests.playing import answers, lines, played

CALL = """
import sys, time
import boto3
s3, table = boto3.client("s3"), boto3.resource("dynamodb").Table("users")
def handler(event, context):
    began = time.monotonic()
    try:
        s3.list_buckets()
    except Exception as problem:
        return [sys.path[:5], boto3.__file__, table.name, type(problem).__name__, time.monotonic() - began < 5]
"""
OWN = """
import boto3
def handler(event, context):
    return boto3.client
"""
KEPT = """
import boto3
queue = boto3.client("sqs")
queue.last = None
def handler(event, context):
    before, queue.last = queue.last, queue.last or event["who"]
    return before
"""
IMPORTED = """
import { createRequire } from "node:module";
import { S3Client, ListBucketsCommand } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
const { DynamoDBClient } = createRequire(import.meta.url)("@aws-sdk/client-dynamodb");
const s3 = new S3Client({});
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
export const handler = async () => {
  const problem = await s3.send(new ListBucketsCommand({})).catch((error) => error.code);
  return [await s3.config.region(), documents.constructor.name, problem, process.execArgv];
};
"""
OFF = ["--no-experimental-require-module", "--no-experimental-detect-module"]


def test_boto3_lies_where_lambda_has_it_behind_layers_and_a_call_fails_as_on_no_endpoint(engine):
    site = "lib/python3.13/site-packages"
    path = ["/var/task", f"/opt/python/{site}", "/opt/python", f"/var/lang/{site}", "/var/runtime"]
    result = played(engine, CALL, 1, timeout_s=20)
    assert answers(result) == [[path, f"/var/lang/{site}/boto3/__init__.py", "users", "EndpointConnectionError", True]]
    assert result.backend.installed["python3.13"]["boto3"]


def test_a_functions_own_copy_of_a_package_comes_first(engine):
    files = {"app.py": OWN, "boto3.py": "client = 'own'"}
    assert answers(played(engine, "", 1, files=files)) == ["own"]


def test_a_search_path_of_the_functions_own_leaves_client_and_sdk_within_reach(engine):
    files = {"app.py": "import mine, boto3\ndef handler(event, context): return mine.VALUE", "lib/mine.py": "VALUE = 7"}
    assert answers(played(engine, "", 1, files=files, environment={"PYTHONPATH": "/var/task/lib"})) == [7]


def test_what_a_function_keeps_on_a_client_of_the_sdk_is_a_leak_and_named(engine):
    result = engine.run(
        scenario(invoke({"who": "alice-7Qx1"}, "alice"), invoke({"who": "bob-91KzZ"}, "bob"), files={"app.py": KEPT})
    )
    assert result.verdict == Verdict.LEAK, lines(result)
    assert [finding.location.path for finding in result.findings if finding.location] == ["app.queue"]


@pytest.mark.parametrize(("runtime", "flags"), [(NODE_22, OFF), (NODE_24, [])])
def test_clients_of_the_javascript_sdk_are_imported_and_required(engine, runtime, flags):
    result = played(engine, IMPORTED, 1, runtime=runtime, timeout_s=20, memory_mb=512)
    assert answers(result) == [["us-east-1", "DynamoDBDocumentClient", "ENOTFOUND", flags]], lines(result)
