import json

import boto3

queues = boto3.client("sqs")
URL = "https://sqs.us-east-1.amazonaws.com/123456789012/pushes"


def handler(event, context):
    entries = [
        {"Id": str(number), "MessageBody": json.dumps({"user": user, "message": event["message"]})}
        for number, user in enumerate(event["users"])
    ]
    # All of them in one call: there is no half-way.
    queues.send_message_batch(QueueUrl=URL, Entries=entries)
    return {"queued": len(entries)}
