def handler(event, context):
    query = event["queryStringParameters"]
    print(f"Charging {query['customer']} for {query['order']}")
    if query.get("action") == "fail":
        raise RuntimeError("The payment service does not answer.")
    return {"customer": query["customer"], "charged": query["order"]}
