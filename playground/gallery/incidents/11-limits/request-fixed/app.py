def handler(event, context):
    if isinstance(event, dict):
        return {"fetched": event["place"]}
    return {"received": len(event)}
