import boto3

queues = boto3.client("sqs")
URL = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"


def handler(event, context):
    queues.send_message(QueueUrl=URL, MessageBody=event["order"])
    return {"ordered": event["order"]}
