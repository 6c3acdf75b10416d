"""Clients of AWS's make every call that a session takes, over a real network, and get their own errors."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from playground.experiments.live_session import LiveSession
from playground.infrastructure import redis_client
from playground.runs.live import relay
from sandbox_runner.image import downloads
from sandbox_runner.image.node_sdk import node_sdk
from sandbox_runner.runtimes.registry import runtime_of
from tests.fakes.backend import FakeFunction
from tests.playground.runs.live import lambda_calls
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db(transaction=True)]

HERE = Path(__file__).parent
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def endpoint(site, working):
    """Lambda's API at a session."""
    session = LiveSession.objects.create(run=a_run(), client="")
    working(FakeFunction(lambda_calls.handler))
    while not redis_client.redis().exists(relay.lease_key(session.address)):
        pass
    return f"{site}/live/{session.address}/aws"


def answers(command, calls, **variables):
    """What a program prints that makes the calls."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_MAX_ATTEMPTS": "1", **KEYS, **variables}
    done = subprocess.run(
        command, input=json.dumps(calls), capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_sdk_for_python(endpoint):
    client = get_session().create_client(
        "lambda",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )

    def told(operation, parameters):
        if "ZipFile" in parameters:
            parameters["ZipFile"] = lambda_calls.base64.b64decode(parameters["ZipFile"])
        try:
            answer = getattr(client, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())(**parameters)
        except ClientError as error:
            return {"error": error.response["Error"]["Code"]}
        return {**answer, "Payload": answer["Payload"].read().decode()} if "Payload" in answer else answer

    assert not lambda_calls.differences([told(*call) for call in lambda_calls.asked()])


def test_the_sdk_for_javascript(endpoint):
    recipe = runtime_of("nodejs24.x").recipe
    packages, node = node_sdk(recipe), downloads.node(recipe.interpreter) / "bin" / "node"
    streamed = ["InvokeWithResponseStream", {"FunctionName": lambda_calls.NAME, "Payload": '"stream"'}]
    program = [node, HERE / "lambda_client.mjs", packages.parent, endpoint]
    *told, stream = answers(program, [*lambda_calls.asked(), streamed])
    assert not lambda_calls.differences(told)
    assert stream["EventStream"] == ["ab", "c", "InvokeComplete"]


@pytest.mark.matrix
def test_the_aws_cli_which_refuses_itself_what_is_no_zip(endpoint, tmp_path):
    installed, folder = tmp_path / "packages", tmp_path / "files"
    folder.mkdir()
    quietly = ("--quiet", "--disable-pip-version-check", "--target", str(installed))
    subprocess.run([sys.executable, "-m", "pip", "install", *quietly, "awscli>=1,<2"], check=True)
    program = [sys.executable, HERE / "lambda_cli.py", endpoint, folder]
    (other,) = lambda_calls.differences(answers(program, lambda_calls.asked(), PYTHONPATH=str(installed)))
    assert other[0] == "UpdateFunctionCode"
    assert "must be a zip file" in other[-1]["error"]
