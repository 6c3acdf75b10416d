"""The talk, live: two requests from outside to one function in real sandboxes, and the proof of the verdict."""

import threading
from queue import SimpleQueue

from sandbox_runner.live.http import HttpRequest
from sandbox_runner.live.visitors import Visit, Visitors
from sandbox_runner.run.runner import RunOptions
from tests.builders import scenario

CODE = """
message = None

def handler(event, context):
    global message
    if message is None:
        message = event["queryStringParameters"]["message"]
        return "coldstart"
    return f"warmstart, message={message}"
"""


def test_the_talks_two_lines_are_answered_and_what_came_is_proven_to_leak(engine):
    visitors = Visitors(idle_s=120, total_s=240, at_most_s=240)
    answers = SimpleQueue()

    def ask(message):
        request = HttpRequest("GET", "/", f"message={message}", (("user-agent", "curl/8"),), b"", "127.0.0.1")
        visitors.come(Visit(request, answers.put))
        return answers.get().body

    said = []

    def visit():
        said.extend([ask("hoge"), ask("fuga")])
        visitors.come("end")

    thread = threading.Thread(target=visit)
    thread.start()
    result = engine.run(scenario(files={"app.py": CODE}), options=RunOptions(visitors=visitors, proof_s=60))
    thread.join()

    assert said == [b'"coldstart"', b'"warmstart, message=hoge"']
    assert [each.start for each in result.invocations] == ["cold", "warm"]
    finding = result.findings[0]
    assert (result.verdict, finding.confidence, finding.location.path) == ("leak", "proven", "app.message")
