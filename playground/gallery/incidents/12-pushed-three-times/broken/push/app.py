def handler(event, context):
    print(f"pushed to {event['to']}: {event['message']}")
    return {"pushed": event["to"]}
