"""The tables, queues, buckets and topics of a template in the scenario's account."""

from __future__ import annotations

import pytest

from sandbox_runner.messages import render
from sandbox_runner.projects.project import open_function, read_project
from tests.sandbox_runner.bundles.test_bundle import zipped

HANDLER = "def handler(event, context):\n    return 1\n"
FUNCTION = "  F: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler, Runtime: python3.13}}\n"
ORDERS = {
    "TableName": "orders",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ARN = "arn:aws:{}:us-east-1:123456789012:{}"
KEYS = "KeySchema: [{AttributeName: id, KeyType: HASH}], AttributeDefinitions: [{AttributeName: id, AttributeType: S}]"


def opened(resources, name="template.yaml", before="Parameters: {Stage: {Type: String, Default: dev}}\nResources:\n"):
    bundle = zipped({name: f"{before}{FUNCTION}{resources}", "app.py": HANDLER})
    found = open_function(bundle, read_project(bundle).function())
    return found, [render(each) for each in found.said]


RESOURCES = {
    "a table": (
        f"Orders: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: orders, {KEYS}, SSESpecification: {{}}}}}}",
        [{"dynamodb.create_table": ORDERS}],
    ),
    "a table with an index, a stream and a price": (
        (
            f"Orders: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: !Sub 'orders', {KEYS},"
            " ProvisionedThroughput: {ReadCapacityUnits: '5', WriteCapacityUnits: 5},"
            " StreamSpecification: {StreamViewType: NEW_IMAGE}, GlobalSecondaryIndexes: [{IndexName: by_id,"
            " KeySchema: [{AttributeName: id, KeyType: HASH}], Projection: {ProjectionType: ALL},"
            " ProvisionedThroughput: {ReadCapacityUnits: 5}}]}}"
        ),
        [
            {
                "dynamodb.create_table": ORDERS
                | {
                    "GlobalSecondaryIndexes": [
                        {
                            "IndexName": "by_id",
                            "KeySchema": ORDERS["KeySchema"],
                            "Projection": {"ProjectionType": "ALL"},
                        }
                    ],
                    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
                }
            }
        ],
    ),
    "a simple table": (
        "orders: {Type: AWS::Serverless::SimpleTable}",
        [{"dynamodb.create_table": ORDERS}],
    ),
    "a queue for what failed, made before the one that names it": (
        (
            "Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 60,"
            " RedrivePolicy: {deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 3}}}\n"
            "  Failed: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub 'failed-${Stage}'}}"
        ),
        [
            {"sqs.create_queue": {"QueueName": "failed-dev"}},
            {
                "sqs.create_queue": {
                    "QueueName": "Jobs",
                    "Attributes": {
                        "VisibilityTimeout": "60",
                        "RedrivePolicy": (
                            f'{{"deadLetterTargetArn": "{ARN.format("sqs", "failed-dev")}", "maxReceiveCount": 3}}'
                        ),
                    },
                }
            },
        ],
    ),
    "a queue in order, which has to be called so": (
        "Jobs: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}",
        [{"sqs.create_queue": {"QueueName": "Jobs.fifo", "Attributes": {"FifoQueue": "true"}}}],
    ),
    "a bucket, whose name has no capitals": (
        "Files: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}}}",
        [
            {"s3.create_bucket": {"Bucket": "holdover-files"}},
            {
                "s3.put_bucket_versioning": {
                    "Bucket": "holdover-files",
                    "VersioningConfiguration": {"Status": "Enabled"},
                }
            },
        ],
    ),
    "a topic with a queue that subscribed first": (
        (
            "Heard: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref News, Protocol: sqs,"
            " Endpoint: !GetAtt Jobs.Arn, RawMessageDelivery: true}}\n"
            "  News: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}\n"
            "  Jobs: {Type: AWS::SQS::Queue}"
        ),
        [
            {"sns.create_topic": {"Name": "news"}},
            {"sqs.create_queue": {"QueueName": "Jobs"}},
            {
                "sns.subscribe": {
                    "TopicArn": ARN.format("sns", "news"),
                    "Protocol": "sqs",
                    "Endpoint": ARN.format("sqs", "Jobs"),
                    "Attributes": {"RawMessageDelivery": "true"},
                }
            },
        ],
    ),
    "a stream": (
        "Clicks: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 2}}",
        [{"kinesis.create_stream": {"StreamName": "Clicks", "ShardCount": 2}}],
    ),
    "a bus": (
        "Bus: {Type: AWS::Events::EventBus, Properties: {Name: shop}}",
        [{"events.create_event_bus": {"Name": "shop"}}],
    ),
    "a parameter": (
        "Level: {Type: AWS::SSM::Parameter, Properties: {Name: /level, Type: String, Value: !Ref Stage}}",
        [{"ssm.put_parameter": {"Name": "/level", "Type": "String", "Value": "dev"}}],
    ),
    "what no handler asks for anything": (
        "Role: {Type: AWS::IAM::Role}\n  Logs: {Type: AWS::Logs::LogGroup}\n  Rights: {Type: AWS::SQS::QueuePolicy}",
        [],
    ),
}


@pytest.mark.parametrize(("resources", "made"), RESOURCES.values(), ids=RESOURCES.keys())
def test_resources_of_a_template_are_in_the_account_of_the_scenario(resources, made):
    found, said = opened(f"  {resources}\n")
    account = found.scenario().account

    assert (list(found.resources), said) == (made, [])
    assert (list(account.resources) if account else []) == made


@pytest.mark.parametrize(
    ("resources", "sentence"),
    [
        ("Pool: {Type: AWS::Cognito::UserPool}", "Not understood: Pool: AWS::Cognito::UserPool"),
        ("T: {Type: AWS::DynamoDB::Table}", "Not understood: T: AWS::DynamoDB::Table"),
        (
            f"T: {{Type: AWS::DynamoDB::Table, Properties: {{{KEYS}, LocalSecondaryIndexes: [{{IndexName: [1]}}]}}}}",
            "Not understood: T: AWS::DynamoDB::Table",
        ),
        (
            "Q: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: !If [A, 1, 2]}}",
            'Not understood: Q.VisibilityTimeout: !If ["A", 1, 2]',
        ),
        (
            "Q: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: [x]}}}",
            'Not understood: Q.RedrivePolicy: {"deadLetterTargetArn": ["x"]}',
        ),
        (
            "N: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: email, Endpoint: a@example.com}]}}",
            "Not understood: N.Subscription: email",
        ),
        ("B: {Type: [a]}", 'Not understood: B: ["a"]'),
    ],
)
def test_what_is_not_made_of_a_template_is_told(resources, sentence):
    _, said = opened(f"  {resources}\n")

    assert said == [sentence]


def test_so_many_are_told_and_made_and_no_more():
    pools = "".join(f"  P{n}: {{Type: AWS::Cognito::UserPool}}\n" for n in range(300))
    queues = "".join(f"  Q{n}: {{Type: AWS::SQS::Queue}}\n" for n in range(300))

    found, said = opened(pools + queues)

    assert (len(found.resources), len(said)) == (100, 20)


def test_a_serverless_yml_has_resources_in_parts_whose_names_may_be_variables():
    before = """
provider: {name: aws, runtime: python3.13, environment: {TABLE: "orders-${self:provider.stage}", USED: !Ref Orders}}
functions: {F: {handler: app.handler}}
resources:
  - Resources:
      Orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: "${self:provider.environment.TABLE}", KEYS}}
  - ${file(more.yml)}
  - Outputs: {}
  - Resources: {Named: {Type: AWS::S3::Bucket, Properties: {BucketName: "${file(names.yml):bucket}"}}}
#""".replace("KEYS", KEYS)

    found, said = opened("", "serverless.yml", before)

    assert found.function["environment"] == {"TABLE": "orders-dev", "USED": "orders-dev"}
    assert list(found.resources) == [{"dynamodb.create_table": ORDERS | {"TableName": "orders-dev"}}]
    assert said == ["Not understood: Named: AWS::S3::Bucket"]
