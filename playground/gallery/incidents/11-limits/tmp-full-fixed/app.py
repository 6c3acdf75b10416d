"""Unpacks an upload of 200 MB into a directory that ends with the request."""

import tempfile
from pathlib import Path

MB = 1024 * 1024


def handler(event, context):
    with tempfile.TemporaryDirectory() as directory:
        with Path(directory, f"{event['upload']}.raw").open("wb") as unpacked:
            for _ in range(event["megabytes"]):
                unpacked.write(b"\xff" * MB)
    return {"unpacked": event["megabytes"]}
