import os

# A crash empties this list. It does not empty /tmp.
basket = []


def handler(event, context):
    query = event["queryStringParameters"]
    basket.append(query["order"])
    with open("/tmp/orders.txt", "a") as file:
        print(query["order"], file=file)
    if query.get("action") == "crash":
        os._exit(1)
    with open("/tmp/orders.txt") as file:
        return {"customer": query["customer"], "basket": basket, "file": file.read().split()}
