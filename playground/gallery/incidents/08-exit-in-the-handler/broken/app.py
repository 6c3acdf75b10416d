"""Grew out of a command-line tool, and still ends like one where its input is wrong."""

import sys

print("loading the price list")
PRICES = {"apple": 120, "pear": 150}


def handler(event, context):
    if event["fruit"] not in PRICES:
        sys.exit(f"unknown fruit: {event['fruit']}")
    return {"price": PRICES[event["fruit"]]}
