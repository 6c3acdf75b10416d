"""Unpacks an upload of 200 MB below /tmp and leaves it there."""

from pathlib import Path

MB = 1024 * 1024


def handler(event, context):
    with Path("/tmp", f"{event['upload']}.raw").open("wb") as unpacked:
        for _ in range(event["megabytes"]):
            unpacked.write(b"\xff" * MB)
    return {"unpacked": event["megabytes"]}
