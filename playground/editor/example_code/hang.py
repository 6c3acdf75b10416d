import time

# A timeout starts the process anew, so this list is empty again. What is in /tmp stays.
basket = []


def handler(event, context):
    query = event["queryStringParameters"]
    basket.append(query["order"])
    with open("/tmp/orders.txt", "a") as file:
        print(query["order"], file=file)
    if query.get("action") == "hang":
        time.sleep(60)
    with open("/tmp/orders.txt") as file:
        return {"customer": query["customer"], "basket": basket, "file": file.read().split()}
