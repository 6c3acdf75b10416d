"""A chapter is loaded when somebody asks for it, and kept: it is the same for everybody."""

import functools
import time


@functools.cache
def chapter(number):
    time.sleep(0.01)  # reading and parsing it
    return f"chapter {number}"


def handler(event, context):
    return {"text": chapter(event["chapter"])}
