"""The message stays inside the handler."""


def handler(event, context):
    message = event["queryStringParameters"]["message"]
    return {"statusCode": 200, "body": f"message={message}"}
