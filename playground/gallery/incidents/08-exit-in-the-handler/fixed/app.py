"""Wrong input is an answer like any other."""

print("loading the price list")
PRICES = {"apple": 120, "pear": 150}


def handler(event, context):
    if event["fruit"] not in PRICES:
        return {"statusCode": 400, "body": f"unknown fruit: {event['fruit']}"}
    return {"price": PRICES[event["fruit"]]}
