"""Answers with the whole export."""


def handler(event, context):
    row = "2026-01-05,apple,120;" * 50
    return {"rows": [row] * event["rows"]}
