def handler(event, context):
    name = event["user"]["name"]
    print(f"pushed to {name}: {event['message']}")
    return {"pushed": name}
