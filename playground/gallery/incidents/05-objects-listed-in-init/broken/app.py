"""After a well-known example for Go: init lists the bucket, and the handler counts its invocations."""

import bucket

invocations = 0
objects = bucket.list_objects()


def handler(event, context):
    global invocations
    invocations += 1
    return {"invocation": invocations, "newest_listed": objects[-1], "newest_there": bucket.newest()}
