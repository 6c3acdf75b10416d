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
from tests.builders import a_function, invoke, scenario
from tests.contract.engines import make_backend, missing

REST = {
    "resource": "/hello",
    "path": "/hello",
    "httpMethod": "GET",
    "headers": {},
    "multiValueHeaders": {},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "requestContext": {"requestId": "r", "stage": "p", "identity": {"sourceIp": "1.2.3.4"}},
    "body": None,
    "isBase64Encoded": False,
}
HTTP = {
    "version": "2.0",
    "rawPath": "/",
    "rawQueryString": "",
    "headers": {"host": "x"},
    "requestContext": {"http": {"method": "GET", "path": "/", "sourceIp": "1.2.3.4"}},
    "isBase64Encoded": False,
}
PYTHON = {
    "requests": (
        "import requests\n\ndef handler(e, c):\n    return requests.Request('GET', 'http://x/').prepare().url\n",
        {},
    ),
    "pydantic": (
        "import pydantic\n\nclass M(pydantic.BaseModel):\n    a: int\n\ndef handler(e, c):\n    return M(a='3').a\n",
        {},
    ),
    "pandas": ("import pandas\n\ndef handler(e, c):\n    return int(pandas.Series([1, 2]).sum())\n", {}),
    "aws-lambda-powertools": (
        (
            "from aws_lambda_powertools import event_handler\n\napp = event_handler.APIGatewayRestResolver()\n\n"
            "@app.get('/hello')\ndef hello():\n    return {'a': 1}\n\n"
            "def handler(e, c):\n    return app.resolve(e, c)['body']\n"
        ),
        REST,
    ),
    "fastapi\nmangum": (
        (
            "from fastapi import FastAPI\nfrom mangum import Mangum\n\napp = FastAPI()\n\n@app.get('/')\ndef root():\n"
            "    return {'a': 1}\n\nhandler = Mangum(app, lifespan='off')\n"
        ),
        HTTP,
    ),
}
NODE = {
    ("axios",): ("const axios = require('axios');\nexports.handler = async () => axios.getUri({ url: '/a' });\n", {}),
    ("@aws-lambda-powertools/logger", "@middy/core"): (
        (
            "const { Logger } = require('@aws-lambda-powertools/logger');\nexports.handler = async () => {\n"
            "  const middy = (await import('@middy/core')).default;\n  new Logger().info('hi');\n"
            "  return middy(async () => 'done')({}, {});\n};\n"
        ),
        {},
    ),
    ("express@^4", "serverless-http"): (
        (
            "const app = require('express')();\napp.get('/', (_, answer) => answer.json({ a: 1 }));\n"
            "exports.handler = require('serverless-http')(app);\n"
        ),
        HTTP,
    ),
}


@pytest.fixture(scope="module")
def engine(request, tmp_path_factory):
    ensure_tools()
    backend = make_backend("namespace", request)
    with Engine(
        backend=backend, pool=False, dependencies=Dependencies(Store(tmp_path_factory.mktemp("store"), 4096 * MB))
    ) as made:
        yield made


def answered(engine, payload, **function):
    asked = scenario(invoke(payload), dependencies="auto", memory_mb=512, timeout_s=20, **function)
    try:
        result = engine.run(asked, options=RunOptions(prove=False))
    except IndexAway as problem:
        missing(problem)
    assert [each.outcome for each in result.invocations] == ["success"], result.invocations[0].response
    return json.loads(result.invocations[0].response)


@pytest.mark.namespace
@pytest.mark.parametrize(
    "wanted", [name if name == "requests" else pytest.param(name, marks=pytest.mark.matrix) for name in PYTHON]
)
def test_packages_for_python_load_and_answer(engine, wanted):
    code, payload = PYTHON[wanted]
    assert answered(engine, payload, files={"app.py": code, "requirements.txt": wanted})


@pytest.mark.namespace
@pytest.mark.parametrize("wanted", [pytest.param(each, marks=pytest.mark.matrix) for each in NODE])
def test_packages_for_node_load_and_answer(engine, wanted):
    code, payload = NODE[wanted]
    ranges = {name[0] + name[1:].partition("@")[0]: name[1:].partition("@")[2] or "*" for name in wanted}
    files = {"index.js": code, "package.json": json.dumps({"dependencies": ranges})}
    assert answered(engine, payload, runtime="nodejs22.x", handler="index.handler", files=files)


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
