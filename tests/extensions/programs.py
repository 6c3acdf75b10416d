"""Extensions as programs: what each begins with, and those that several tests start."""

from __future__ import annotations

BEGINNING = """#!/usr/bin/env python3
import http.client, json, os, sys, time

NAME = os.path.basename(__file__)
ID = {}

def call(method, path, body=None, api="/2020-01-01/extension/", **headers):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, api + path, body, ID | given)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read().decode()

def register(*events, name=NAME):
    status, headers, body = call("POST", "register", json.dumps({"events": events}), Lambda_Extension_Name=name)
    if status == 200:
        ID["Lambda-Extension-Identifier"] = headers["Lambda-Extension-Identifier"]
    return status, body

def wait():
    return json.loads(call("GET", "event/next")[2])

def report(path, kind):
    return call("POST", path, "{}", Lambda_Extension_Function_Error_Type=kind)

def say(*words):
    print(NAME, *words, flush=True)

"""


def program(code: str) -> str:
    """An extension that does this."""
    return BEGINNING + code


LISTENS = program(
    """
register("INVOKE", "SHUTDOWN")
say("registered")
while True:
    event = wait()
    say(event["eventType"], event.get("requestId") or event["shutdownReason"])
    if event["eventType"] == "SHUTDOWN":
        say("bye")
        sys.exit(0)
"""
)
