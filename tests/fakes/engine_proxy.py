"""A way to a real Docker engine that can be cut: for whoever uses it, the engine is away from then on."""

import contextlib
import socket
import threading


class EngineProxy:
    """Listens at a unix socket and carries bytes both ways.

    :param path: where it listens; a Docker client reaches it with ``DOCKER_HOST=unix://<path>``.
    :param engine: the path of the engine's own socket.
    """

    def __init__(self, path, engine):
        self.host = f"unix://{path}"
        self._path = path
        self._engine = engine
        self._open = []
        self._lock = threading.Lock()
        self._listener = None
        self.mend()

    def mend(self):
        """Let the engine be reached again."""
        self._path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen()
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self):
        """Break every connection off and refuse new ones; the socket's file stays, as when an engine is killed."""
        end(self._listener)
        with self._lock:
            for each in self._open:
                end(each)
            self._open.clear()

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._engine)
                with self._lock:
                    self._open += [client, server]
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=carry, args=ends, daemon=True).start()


def carry(source, target):
    """Bytes from one to the other until either ends, and then that end."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def end(connection):
    """End a connection, also for whoever waits for it."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
