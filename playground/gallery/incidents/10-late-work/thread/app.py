"""The audit goes on in a thread of its own, so that the caller need not wait for it."""

import threading
import time


def audit(account, item):
    time.sleep(0.3)  # a store far away
    print(f"audit: {account} ordered {item}")


def handler(event, context):
    threading.Thread(target=audit, args=(event["account"], event["item"])).start()
    time.sleep(0.1)  # the order itself
    return {"statusCode": 200, "body": "ordered"}
