import json


def handler(event, context):
    failed = []
    for record in event["Records"]:
        push = json.loads(record["body"])
        try:
            print(f"pushed to {push['user']['name']}: {push['message']}")
        except KeyError:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
