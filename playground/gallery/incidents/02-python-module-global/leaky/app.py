"""The message of the first caller, kept in a global of the module."""

some_global_value = None


def handler(event, context):
    global some_global_value
    if some_global_value:
        return {"statusCode": 200, "body": f"warmstart, message={some_global_value}"}
    some_global_value = event["queryStringParameters"]["message"]
    return {"statusCode": 200, "body": "coldstart"}
