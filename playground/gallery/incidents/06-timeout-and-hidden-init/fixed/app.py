"""The same work in slices: when little time is left, the handler answers by itself."""

import time

time.sleep(0.5)  # connections are made, models are loaded

MARGIN_MS = 2000  # enough to undo what was begun
SLICE_S = 0.1


def handler(event, context):
    slices = round(event["work_s"] / SLICE_S)
    for _ in range(slices):
        if context.get_remaining_time_in_millis() < MARGIN_MS:
            return {"statusCode": 503, "body": "not finished in time; please send it again in smaller parts"}
        time.sleep(SLICE_S)
    return {"statusCode": 200, "body": "finished"}
