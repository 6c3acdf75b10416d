"""A file of its own for each request, removed before the answer."""

import tempfile
from pathlib import Path


def handler(event, context):
    with tempfile.TemporaryDirectory() as directory:
        kept = Path(directory) / "message.txt"
        kept.write_text(event["queryStringParameters"]["message"])
        return {"statusCode": 200, "body": f"message={kept.read_text()}"}
