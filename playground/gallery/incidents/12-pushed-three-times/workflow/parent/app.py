import json

import boto3

workflows = boto3.client("stepfunctions")
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:pushes"


def handler(event, context):
    # An execution's name is taken once: whoever starts it again starts nothing.
    started = workflows.start_execution(stateMachineArn=MACHINE, name=event["message"], input=json.dumps(event))
    return {"started": started["executionArn"]}
