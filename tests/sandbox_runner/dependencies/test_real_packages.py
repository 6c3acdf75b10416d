"""Packages that people have, from the index that this machine has."""

import json

import pytest

from sandbox_runner.dependencies.preparing import Dependencies
from sandbox_runner.dependencies.store import Store
from sandbox_runner.errors import IndexAway
from sandbox_runner.image.tools import ensure_tools
from sandbox_runner.limits import MB
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, invoke
from tests.contract.engines import make_backend, missing
from tests.popular_packages import NODE, PYTHON


@pytest.fixture(scope="module")
def engine(request, tmp_path_factory):
    ensure_tools()
    backend = make_backend("namespace", request)
    with Engine(
        backend=backend, pool=False, dependencies=Dependencies(Store(tmp_path_factory.mktemp("store"), 4096 * MB))
    ) as made:
        yield made


@pytest.mark.namespace
@pytest.mark.parametrize(
    "one",
    [
        pytest.param(each, id=each.what, marks=() if each.what == "requests" else pytest.mark.matrix)
        for each in (*PYTHON, *NODE)
    ],
)
def test_packages_load_and_answer(engine, one):
    try:
        result = engine.run(Scenario.model_validate(one.data), options=RunOptions(prove=False))
    except IndexAway as problem:
        missing(problem)

    assert [each.outcome for each in result.invocations] == ["success"], result.invocations[0].response
    assert json.loads(result.invocations[0].response)


BUCKET = {"resources": [{"s3.create_bucket": {"Bucket": "letters"}}]}
OLD_BOTO3 = """
import boto3, requests
s3 = boto3.client("s3")
def handler(event, context):
    s3.put_object(Bucket="letters", Key="k", Body=b"hoge")
    signed = s3.generate_presigned_url("get_object", Params={"Bucket": "letters", "Key": "k"})
    return [requests.get(signed, timeout=9).text, boto3.__version__]
"""
SDK_V2 = """
const AWS = require("aws-sdk");
const s3 = new AWS.S3();
exports.handler = async () => {
  await s3.putObject({ Bucket: "letters", Key: "k", Body: "hoge" }).promise();
  return [(await s3.getObject({ Bucket: "letters", Key: "k" }).promise()).Body.toString(), AWS.VERSION];
};
"""


@pytest.mark.namespace
@pytest.mark.matrix
@pytest.mark.parametrize(
    ("version", "function"),
    [
        (
            "1.40.1",
            {"files": {"app.py": OLD_BOTO3, "requirements.txt": "boto3==1.40.1\nrequests"}, "handler": "app.handler"},
        ),
        (
            "2.1692.0",
            {
                "files": {"app.js": SDK_V2, "package.json": json.dumps({"dependencies": {"aws-sdk": "2.1692.0"}})},
                "runtime": "nodejs22.x",
            },
        ),
    ],
    ids=["boto3 of one's own, and requests", "the SDK for JavaScript v2"],
)
def test_an_sdk_of_one_s_own_reaches_the_account(engine, version, function):
    settings = a_function(**function, dependencies="auto", memory_mb=512, timeout_s=30)
    asked = {"version": 2, "function": settings, "account": BUCKET, "steps": [invoke(1)]}
    try:
        result = engine.run(Scenario.model_validate(asked), options=RunOptions(prove=False))
    except IndexAway as problem:
        missing(problem)

    assert json.loads(result.invocations[0].response) == ["hoge", version]
