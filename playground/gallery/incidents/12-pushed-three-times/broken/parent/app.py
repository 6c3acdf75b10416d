import json

import boto3

functions = boto3.client("lambda")


def handler(event, context):
    for user in event["users"]:
        push = {"to": user["name"], "message": event["message"]}
        functions.invoke(FunctionName="push", InvocationType="Event", Payload=json.dumps(push))
    return {"started": len(event["users"])}
