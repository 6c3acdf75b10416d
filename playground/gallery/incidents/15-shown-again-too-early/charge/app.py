import time


def handler(event, context):
    for record in event["Records"]:
        print(f"charged {record['body']}")
        # The bank takes its time.
        time.sleep(2.5)
    return {"charged": len(event["Records"])}
