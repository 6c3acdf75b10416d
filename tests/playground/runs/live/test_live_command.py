"""``holdover live`` against a playground that really listens; only the sandboxes are not real."""

import io
import threading
import urllib.request

import pytest

from holdover_client.command import main
from playground.experiments.live_session import LiveSession
from playground.experiments.models import Status
from tests.fakes.backend import FakeFunction

pytestmark = [pytest.mark.django_db(transaction=True)]


def warm_start(event, runtime):
    runtime.log("it is asked")
    before = runtime.globals.get("message")
    runtime.globals["message"] = before or event["queryStringParameters"]["message"]
    return f"warmstart, message={before}" if before else "coldstart"


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
    working(FakeFunction(warm_start))
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
