"""A playground that really listens, with a worker; only the sandboxes are not real."""

import socket
import threading

import pytest
import uvicorn
from django.db import connection

from playground.asgi import application
from playground.experiments.models import Run, Status
from playground.runs import execution


@pytest.fixture
def site():
    """Its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def working(make_worker):
    """Starts a worker that plays what is queued, with that function."""
    over, begun = threading.Event(), []

    def play(worker):
        while not over.wait(0.02):
            for run_id in Run.objects.filter(status=Status.QUEUED).values_list("id", flat=True):
                execution.execute(run_id, worker)
        connection.close()

    def work(function):
        worker = make_worker(function)
        thread = threading.Thread(target=play, args=(worker,))
        begun.append((worker, thread))
        thread.start()

    yield work
    over.set()
    for worker, thread in begun:
        execution.release_all(worker)
        thread.join()
