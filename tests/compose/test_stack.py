"""A team's installation from nothing, by docker-compose.yml, on the engine of this machine."""

import contextlib
import json
import socket
import textwrap

import pytest

from tests.compose import stack as stacks
from tests.contract.engines import missing
from tests.faults.keeping import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.matrix, pytest.mark.timeout(1800)]

LEAKING = textwrap.dedent(
    """
    function:
      runtime: python3.13
      handler: app.handler
      files:
        app.py: |
          seen = []

          def handler(event, context):
              seen.append(event["user"])
              return seen[0]
    steps:
      - invoke: {payload: {user: alice-4711}, as: alice}
      - invoke: {payload: {user: bob-0815}, as: bob}
    """
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    if not stacks.program():
        missing("no compose here: scripts/install-packages compose")
    made = stacks.Stack(tmp_path_factory.mktemp("compose"), stacks.images())
    try:
        made.up("--build")
        yield made
    finally:
        made.down()


@pytest.fixture
def scenario(tmp_path):
    written = tmp_path / "scenario.yaml"
    written.write_text(LEAKING)
    return written


def test_a_run_is_played_and_proven(stack, scenario):
    pushed = stack.push(scenario, "--fail-on", "leak")

    assert (pushed.returncode, pushed.stdout.split()[0]) == (1, "LEAK"), pushed
    assert "Traceback" not in stack.log()


def test_another_worker_joins_and_runs_go_on(stack, scenario):
    stack.up("--no-recreate", "--scale", "worker=2")
    wait_until("both workers are there", lambda: stack.workers() == 2, stacks.READY_S)

    assert [stack.push(scenario).stdout.split()[0] for _ in range(2)] == ["LEAK"] * 2
    assert "Traceback" not in stack.log()


def test_all_comes_back_from_a_backup(stack, scenario, tmp_path):
    address = stack.push(scenario).stdout.split()[-1]
    before = stack.run_at(address).json()
    stack.back_up(tmp_path / "kept.zip")
    stack.down()
    stack.up()
    assert stack.run_at(address).status_code == 404

    stack.restore(tmp_path / "kept.zip")

    assert stack.run_at(address).json() == before
    assert "Traceback" not in stack.log()


def test_each_visitor_has_limits_of_their_own_whatever_they_say_about_it(stack):
    scenario = {
        "function": {"runtime": "python3.13", "handler": "a.b", "files": {"a.py": "b = print"}},
        "steps": [{"invoke": {}}],
    }
    once = f"curl --output /dev/null --write-out '%{{http_code}} ' --json '{json.dumps({'scenario': scenario})}'"
    # A limit is for a minute of the clock: among so many, some are beyond it.
    forging = f"for n in $(seq {2 * stacks.SUBMISSIONS_PER_MINUTE + 1}); do {once} -H X-Forwarded-For:203.0.113.$n"

    assert "429" in stack.visitor(f"{forging} $SITE/api/v1/runs; done")
    assert stack.visitor(f"{once} $SITE/api/v1/runs", place=5).split() == ["202"]


def everything_from(client):
    """What is received until the other side ends the connection."""
    return b"".join(iter(lambda: client.recv(4096), b""))


BEGUN = {
    "nothing": b"",
    "half of the headers": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ",
    "half of the body": b"POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 100\r\n\r\n{",
}


def test_the_proxy_ends_what_stays_incomplete(stack):
    with contextlib.ExitStack() as opened:
        clients = {}
        for name, begun in BEGUN.items():
            plain = opened.enter_context(socket.create_connection(("127.0.0.1", stack.port), timeout=150))
            clients[name] = opened.enter_context(stack.trusting().wrap_socket(plain, server_hostname="localhost"))
            clients[name].sendall(begun)

        answers = {name: everything_from(client) for name, client in clients.items()}

    assert {name: answer.partition(b"\r\n\r\n")[2] for name, answer in answers.items()} == dict.fromkeys(BEGUN, b"")


TOO_MUCH = {
    "a body": ("head -c 31M /dev/zero | {ask} --data-binary @- $SITE/api/v1/runs", "413"),
    "a header": ("{ask} --http1.1 --header X-A:$(head -c 60000 /dev/zero | tr '\\0' a) $SITE/", "431"),
}


@pytest.mark.parametrize(("script", "status"), TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_the_proxy_refuses_what_no_page_takes(stack, script, status):
    ask = "curl --output /dev/null --write-out '%{http_code}'"

    assert stack.visitor(script.replace("{ask}", ask)) == status
