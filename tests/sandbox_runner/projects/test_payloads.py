"""Payloads beside the code: event files, and the events of a template."""

from __future__ import annotations

import json

import pytest

from sandbox_runner.messages import render
from sandbox_runner.projects.project import open_function, read_project
from tests.sandbox_runner.bundles.test_bundle import zipped

HANDLER = "def handler(event, context):\n    return 1\n"
SAM = """
Resources:
  Front:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: front
      Events:
        Get: {Type: HttpApi, Properties: {Path: "/users/{id}", Method: get}}
        Any: {Type: Api, Properties: {Path: "/{proxy+}", Method: ANY}}
        Jobs: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}
        Daily: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        Mail: {Type: IoTRule, Properties: {Sql: select}}
"""
SERVERLESS = """
provider: {name: aws, runtime: python3.13}
functions:
  front:
    handler: app.handler
    events:
      - http: {path: "users/{id}", method: post}
      - httpApi: "GET /orders"
      - httpApi: "*"
      - sqs: arn:aws:sqs:region:1:jobs
      - stream: {type: dynamodb, arn: a}
      - schedule: rate(1 day)
      - websocket: $connect
"""


def opened(files):
    bundle = zipped(files)
    project = read_project(bundle)
    return open_function(bundle, project.function())


def test_json_files_that_are_named_as_events_are_found_those_of_the_function_first():
    files = {
        "template.yaml": SAM.partition("      Events:")[0],
        "front/app.py": HANDLER,
        "events/event.json": '{"a": 1}',
        "front/test_event.json": '{"b": 2}',
        "package.json": "{}",
        "events/broken.json": "{",
        "events/nan.json": "NaN",
        "events/deep.json": "[" * 200 + "]" * 200,
        "events/readme.md": "{}",
    }

    found = opened(files)

    assert [each.name for each in found.payloads] == ["front/test_event.json", "events/event.json"]
    assert [request.payload for _, _, request in found.scenario().requests()] == [{"b": 2}] * 2 + [{"a": 1}] * 2


def test_no_more_than_twenty_are_offered():
    assert len(opened({"app.py": HANDLER} | {f"events/{n:02}.json": "{}" for n in range(40)}).payloads) == 20


@pytest.mark.parametrize(
    ("name", "text", "names", "told"),
    [
        (
            "template.yaml",
            SAM,
            ["Get: GET /users/{id}", "Any: /{proxy+}", "Jobs: SQS", "Daily: Schedule"],
            "Not understood: Front.Mail: IoTRule",
        ),
        (
            "serverless.yml",
            SERVERLESS,
            ["POST /users/{id}", "GET /orders", "httpApi", "sqs", "stream", "schedule"],
            'Not understood: front.websocket: {"websocket": "$connect"}',
        ),
    ],
)
def test_the_events_of_a_template_are_payloads_in_aws_shapes(name, text, names, told):
    found = opened({name: text, "front/app.py": HANDLER, "app.py": HANDLER})

    assert [each.name for each in found.payloads] == names
    assert told in [render(each) for each in found.said]
    first = json.loads(found.payloads[0].text)
    assert first["pathParameters"] == {"id": "1"}


def test_each_caller_sends_an_event_of_a_template_with_values_of_its_own():
    found = opened({"template.yaml": SAM, "front/app.py": HANDLER, "app.py": HANDLER})
    requests = [request for _, _, request in found.scenario().requests()][:2]
    assert [request.principal for request in requests] == ["tenant-a", "tenant-b"]
    assert requests[0].payload != requests[1].payload
    assert {request.made_from.template for request in requests} == {"apigateway-v2"}


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": "def handler(event, context): pass\n", "requirements.txt": "requests\n"},
        {"index.mjs": "export const handler = async () => 1;\n", "package.json": '{"dependencies": {"requests": "1"}}'},
    ],
)
def test_the_packages_that_a_project_asks_for_are_installed(files):
    scenario = opened(files).scenario()
    (name,) = scenario.functions
    assert scenario.requirements(name).names == ("requests",)
