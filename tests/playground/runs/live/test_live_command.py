"""``holdover live`` against a playground that really listens; only the sandboxes are not real."""

import io
import socket
import threading
import urllib.request

import pytest
import uvicorn
from django.db import connection

from holdover_client.command import main
from playground.asgi import application
from playground.experiments.live_session import LiveSession
from playground.experiments.models import Run, Status
from playground.runs import execution
from tests.fakes.backend import FakeFunction

pytestmark = [pytest.mark.django_db(transaction=True)]


def warm_start(event, runtime):
    runtime.log("it is asked")
    before = runtime.globals.get("message")
    runtime.globals["message"] = before or event["queryStringParameters"]["message"]
    return f"warmstart, message={before}" if before else "coldstart"


@pytest.fixture
def site():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def working(make_worker):
    """A worker that plays what is queued."""
    over, worker = threading.Event(), make_worker(FakeFunction(warm_start))

    def play():
        while not over.wait(0.02):
            for run_id in Run.objects.filter(status=Status.QUEUED).values_list("id", flat=True):
                execution.execute(run_id, worker)
        connection.close()

    thread = threading.Thread(target=play)
    thread.start()
    yield
    over.set()
    execution.release_all(worker)
    thread.join()


class Terminal(io.StringIO):
    """A person's: they send two requests when told where, and press Ctrl-C when both are answered."""

    def __init__(self):
        super().__init__()
        self.answers = []

    def write(self, text):
        super().write(text)
        if text.startswith("http") and "/live/" in text:
            url = text.splitlines()[0]
            threading.Thread(target=self._ask, args=(url,)).start()
        if text.startswith("#2"):
            raise KeyboardInterrupt
        return len(text)

    def _ask(self, url):
        for message in ("hoge", "fuga"):
            with urllib.request.urlopen(f"{url}?message={message}") as answer:
                self.answers.append(answer.read())


def test_requests_are_shown_as_they_come_and_an_interrupt_proves_them(site, working, tmp_path):
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return event\n")
    out, err = Terminal(), io.StringIO()

    status = main(["live", str(tmp_path), "--url", site, "--fail-on", "leak"], out=out, err=err)

    lines = out.getvalue().splitlines()
    run = LiveSession.objects.get().run
    assert out.answers == [b'"coldstart"', b'"warmstart, message=hoge"']
    assert '#1 request-1  env-1 cold  200  "coldstart"' in lines
    assert '#2 request-2  env-1 warm  200  "warmstart, message=hoge"' in lines
    assert "    it is asked" in lines
    assert lines[-1] == f"{site}/r/{run.id}"
    assert lines[-2].startswith("LEAK")
    assert "ending the session" in err.getvalue()
    assert (status, run.status) == (1, Status.FINISHED)
