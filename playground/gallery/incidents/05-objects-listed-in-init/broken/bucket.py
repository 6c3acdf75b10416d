"""Stands in for a bucket of objects, into which somebody puts another object every second."""

import time


def newest():
    return f"upload-{int(time.time())}"


def list_objects():
    last = int(time.time())
    return [f"upload-{second}" for second in range(last - 2, last + 1)]
