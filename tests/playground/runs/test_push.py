"""The ``holdover`` command against a playground that really listens; only the sandboxes are not real."""

import io
import socket
import threading
import time

import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from django.db import connection

from holdover_client.command import main
from playground.accounts.models import User
from playground.experiments.longer_proof import LongerProof
from playground.experiments.models import Experiment, Revision, Run, Status
from playground.runs import execution, submission
from sandbox_runner.messages import say
from tests.builders import invoke
from tests.fakes.backend import FakeFunction
from tests.playground.people import token_of
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db(transaction=True)]

CODE = "def handler(event, context):\n    return event\n"
SCENARIO = """\
function: {runtime: python3.13, handler: app.handler, directory: .}
steps:
  - invoke: {payload: {message: the-first-callers-own-words}, as: tenant-a}
  - invoke: {payload: {message: the-second-callers-own-words}, as: tenant-b}
"""


def leaky(event, runtime):
    """Answers with what the caller before sent."""
    before = runtime.globals.get("message", "nothing")
    runtime.globals["message"] = event["message"]
    return {"before": before}


def echo(event, runtime):
    return event


@pytest.fixture
def site():
    """The address of a web server over the tests' own database."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(get_asgi_application(), lifespan="off", log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def work(make_worker):
    """Starts a worker that plays what is queued with a fake function."""
    over, threads = threading.Event(), []

    def start(handler):
        worker = make_worker(FakeFunction(handler))

        def play():
            while not over.wait(0.02):
                for run_id in Run.objects.filter(status=Status.QUEUED).values_list("id", flat=True):
                    execution.execute(run_id, worker)
            connection.close()

        threads.append(threading.Thread(target=play))
        threads[-1].start()

    yield start
    over.set()
    for thread in threads:
        thread.join()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "scenario.yaml").write_text(SCENARIO)
    (tmp_path / "app.py").write_text(CODE)
    return tmp_path


def push(*arguments):
    return holdover("push", *arguments)


def holdover(*arguments):
    out, err = io.StringIO(), io.StringIO()
    status = main([*map(str, arguments)], out=out, err=err)
    return status, out.getvalue(), err.getvalue()


def test_the_verdict_and_the_address_of_the_run_are_printed(site, work, folder):
    work(leaky)

    status, out, _ = push(folder, "--url", site)

    verdict, url = out.splitlines()
    assert status == 0
    assert verdict.startswith("LEAK  ")
    assert url == f"{site}/r/{Run.objects.get().id}"


GATES = {"a leak": (leaky, 1), "nothing": (echo, 0)}


@pytest.mark.parametrize(("handler", "status"), GATES.values(), ids=GATES.keys())
def test_a_gate_fails_on_the_verdict_that_it_names(site, work, folder, handler, status):
    work(handler)

    assert push(folder, "--url", site, "--fail-on", "leak")[0] == status


def test_what_is_pushed_with_a_token_is_the_persons(site, work, folder):
    work(echo)
    person = User.objects.create_user("ann")
    _, secret = token_of(person, "ci")

    _, _, err = push(folder, "--url", site, "--token", secret)

    assert (Experiment.objects.get().owner, err) == (person, "")


def test_what_is_worth_mending_is_said_on_standard_error(site, work, folder):
    work(echo)
    (folder / "scenario.yaml").write_text(SCENARIO.replace("second", "first"))

    status, _, err = push(folder, "--url", site)

    assert status == 0
    assert "Requests 1, 2 send the same `message` (the-first-callers-own-words): " in err


def test_what_is_pushed_without_a_token_can_be_taken_by_the_address_on_standard_error(site, work, folder, client):
    work(echo)

    _, out, err = push(folder, "--url", site)
    client.post(err.split()[-1].removeprefix(site))

    assert "/take/" not in out
    assert client.get(f"/x/{Experiment.objects.get().pk}/edit").status_code == 200


def test_a_token_that_does_not_work_is_said_and_nothing_is_pushed(site, folder):
    status, out, err = push(folder, "--url", site, "--token", "hld_never")

    assert (status, out) == (2, "")
    assert "says no: The token is unknown, expired or revoked" in err
    assert not Run.objects.exists()


def test_a_run_that_was_cancelled_has_no_verdict(site, folder):
    done = []
    thread = threading.Thread(target=lambda: done.append(push(folder, "--url", site)))
    thread.start()
    while not Run.objects.exists():
        time.sleep(0.02)  # a person who looks again
    Run.objects.update(status=Status.CANCELLED)
    thread.join()

    ((status, out, err),) = done
    assert status == 2
    assert out == f"{site}/r/{Run.objects.get().id}\n"
    assert err.splitlines()[-1] == "the run is cancelled and has no verdict"


class Terminal(io.StringIO):
    """Where the command writes to. Whenever it waits for a change, the next of ``deeds`` is done; then it is ended."""

    def __init__(self, *deeds):
        super().__init__()
        self._deeds = iter(deeds)

    def write(self, text):
        if "watching for changes" in text:
            next(self._deeds, interrupt)()
        return super().write(text)


def interrupt():
    """What Ctrl-C does."""
    raise KeyboardInterrupt


def test_a_change_is_pushed_as_the_next_revision_until_somebody_ends_it(site, work, folder):
    work(echo)
    _, secret = token_of(User.objects.create_user("ann"), "laptop")
    terminal = Terminal(lambda: (folder / "app.py").write_text(CODE + "# changed\n"))

    status = main(
        ["push", str(folder), f"--url={site}", f"--token={secret}", "--watch"], out=io.StringIO(), err=terminal
    )

    assert status == 0
    assert Run.objects.count() == 2
    assert Revision.objects.count() == 2
    assert Experiment.objects.count() == 1


def test_a_change_that_cannot_be_played_is_said_and_the_next_one_is_pushed(site, work, folder):
    work(echo)
    terminal = Terminal(
        lambda: (folder / "scenario.yaml").write_text("function: {}\n"),
    )
    mended = threading.Timer(3, lambda: (folder / "scenario.yaml").write_text(SCENARIO + "  - idle: 1s\n"))
    mended.start()

    main(["push", str(folder), "--url", site, "--watch"], out=io.StringIO(), err=terminal)

    assert f"{folder}/scenario.yaml:1:" in terminal.getvalue()
    assert Run.objects.count() == 2


@pytest.fixture
def cut_short(site, make_worker):
    """The address of a run whose proof was stopped before it began."""
    run = a_run(invoke({"message": "the-first-callers-own-words"}), invoke({"message": "the-second-callers-own-words"}))
    submission.stop_proof(run)
    execution.execute(run.id, make_worker(FakeFunction(leaky)))
    assert Run.objects.get().result.proof.stopped == say("stopped-on-request")
    return f"{site}/r/{run.id}"


def test_a_run_is_proven_further_by_the_address_of_its_page(cut_short, work):
    work(leaky)
    first = Run.objects.get()

    status, out, _ = holdover("prove", f"{cut_short}#longer-proof", "--budget", "200,30.5s", "--fail-on", "leak")

    verdict, url = out.splitlines()
    assert (status, verdict.startswith("LEAK  "), url) == (1, True, cut_short)
    proof = LongerProof.objects.get()
    assert (proof.original, proof.seconds, proof.replays) == (first, 31, 200)
    first.refresh_from_db()
    assert first.result.findings[0].confidence == "proven"


def test_a_run_that_nothing_is_left_of_to_prove_is_refused_in_a_sentence(cut_short, work, site):
    work(leaky)
    run_id = cut_short.rpartition("/")[2]
    holdover("prove", run_id, "--url", site)

    status, out, err = holdover("prove", run_id, "--url", site)

    assert (status, out) == (2, "")
    assert "A longer proof of this run would add nothing" in err


@pytest.mark.parametrize("budget", ["0", "3600s", "100000"], ids=["no replay", "an hour", "too many"])
def test_a_budget_that_no_proof_may_have_is_refused_in_a_sentence(cut_short, budget):
    status, out, err = holdover("prove", cut_short, "--budget", budget)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "from 1 to" in err
    assert not LongerProof.objects.exists()


@pytest.mark.parametrize("named", ["", "a b", "../x", "https://holdover.example/x/abc"])
def test_what_names_no_run_is_said(named):
    status, _, err = holdover("prove", "--url=http://nowhere.invalid", "--", named)
    assert (status, "names no run" in err) == (2, True)
