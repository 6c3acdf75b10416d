import threading
import time

receipt = None


def write_receipt(order):
    global receipt
    time.sleep(0.05)
    receipt = order
    print(f"Receipt written for {order}")


def handler(event, context):
    query = event["queryStringParameters"]
    if query.get("action") == "later":
        # Nobody waits for this: the environment is frozen first, and it goes on in the next request.
        threading.Thread(target=write_receipt, args=(query["order"],)).start()
    else:
        time.sleep(0.2)
    return {"customer": query["customer"], "receipt": receipt}
