# Every request that this environment serves shares this list.
basket = []


def handler(event, context):
    query = event["queryStringParameters"]
    basket.append(query["order"])
    return {"customer": query["customer"], "basket": basket}
