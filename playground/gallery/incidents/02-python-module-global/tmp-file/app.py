"""The message of the first caller, kept in a file below /tmp."""

from pathlib import Path

KEPT = Path("/tmp/message.txt")


def handler(event, context):
    if KEPT.exists():
        return {"statusCode": 200, "body": f"warmstart, message={KEPT.read_text()}"}
    KEPT.write_text(event["queryStringParameters"]["message"])
    return {"statusCode": 200, "body": "coldstart"}
