"""A team's installation as docker-compose.yml makes it: with TLS, of images without a registry, at ports of its own."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import secrets
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import httpx

from playground.config.environment import CHECKOUT
from sandbox_runner.image import ensure_docker_image
from tests.faults.keeping import wait_until

READY_S = 300
METRICS_TOKEN = "read-the-figures"
SUBMISSIONS_PER_MINUTE = 8


class Stack:
    """One installation; ``up`` and ``down`` are compose's own."""

    def __init__(self, folder, images):
        self._folder = folder
        self._settings = folder / "settings.env"
        self.port, self._direct, redirected = _free_ports(3)
        self.url = f"https://localhost:{self.port}"
        self.name = f"holdover-test-{os.getpid()}"
        self._network = f"10.214.{os.getpid() % 256}"
        self._proxy_address = f"{self._network}.6"
        said = {
            "HOLDOVER_SECRET_KEY": secrets.token_urlsafe(50),
            "HOLDOVER_ALLOWED_HOSTS": "localhost",
            "HOLDOVER_TRUSTED_ORIGINS": self.url,
            "HOLDOVER_HTTPS": "1",
            "HOLDOVER_POSTGRES_PASSWORD": secrets.token_hex(24),
            "HOLDOVER_REDIS_PASSWORD": secrets.token_hex(24),
            "HOLDOVER_DOCKER_GID": str(Path("/var/run/docker.sock").stat().st_gid),
            "HOLDOVER_PUBLISH": f"127.0.0.1:{self._direct}",
            "HOLDOVER_PROXY_HTTP": str(redirected),
            "HOLDOVER_PROXY_HTTPS": str(self.port),
            "HOLDOVER_PROXY_NETWORK": f"{self._network}.0/29",
            "HOLDOVER_PROXY_ADDRESS": self._proxy_address,
            "HOLDOVER_SUBMISSIONS_PER_MINUTE": str(SUBMISSIONS_PER_MINUTE),
            "HOLDOVER_METRICS_TOKEN": METRICS_TOKEN,
            "HOLDOVER_WORKER_THREADS": "2",
            "HOLDOVER_APP_IMAGE": "holdover-app:test",
        }
        written = "".join(f"{name}={value}\n" for name, value in said.items())
        self._settings.write_text(written + images)

    def up(self, *words):
        """Bring the services up, and wait until a run submitted now would finish."""
        self.compose("--profile", "proxy", "up", "--detach", *words)
        wait_until("the installation is ready", self._is_ready, READY_S)

    def down(self):
        """End all of it, data included."""
        self.compose("--profile", "proxy", "down", "--volumes", "--timeout", "20")
        vars(self).pop("authority", None)

    def log(self):
        """What all services said."""
        return self.compose("--profile", "proxy", "logs", "--no-color")

    def workers(self):
        """How many are alive."""
        asked = {"Authorization": f"Bearer {METRICS_TOKEN}"}
        said = httpx.get(f"{self.url}/metrics", headers=asked, verify=self.trusting()).text
        return sum(int(float(count)) for count in re.findall(r"^holdover_workers\{.*\} (\S+)$", said, re.MULTILINE))

    def run_at(self, address):
        """What the API says of the run with that page."""
        run = address.rpartition("/")[2]
        return httpx.get(f"{self.url}/api/v1/runs/{run}", verify=self.trusting())

    def back_up(self, target):
        """Write a backup to that file."""
        with target.open("wb") as file:
            self.compose("exec", "-T", "web", "python", "manage.py", "backup", "-", stdout=file)

    def restore(self, source):
        """Restore that backup; the user of the container has to be able to read it."""
        source.chmod(0o644)
        shown = ("--volume", f"{source}:/backup.zip:ro")
        self.compose("run", "--rm", "-T", *shown, "web", "python", "manage.py", "restore", "/backup.zip")

    def push(self, scenario, *words):
        """What ``holdover push`` says of that scenario, which it sees to its end, and its exit status."""
        command = [sys.executable, "-m", "holdover_client", "push", scenario, "--url", self.url, *words]
        environment = os.environ | {"SSL_CERT_FILE": str(self.authority)}
        return subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=READY_S
        )

    def visitor(self, script, place=4):
        """What a shell script prints in a container at that place of the network; curl is there, the site is $SITE."""
        shown = ("--volume", f"{self.authority}:/authority.crt:ro", "--env", "CURL_CA_BUNDLE=/authority.crt")
        there = (
            *shown,
            "--env",
            f"SITE={self.url}",
            "--network",
            f"{self.name}_front",
            "--ip",
            f"{self._network}.{place}",
        )
        # What is published is reached from the address of the gateway alone.
        curl = f'curl() {{ command curl --silent --connect-to ::{self._proxy_address}:{self.port} "$@"; }}'
        words = ["docker", "run", "--rm", *there, "holdover-caddy:debian", "sh", "-c", f"{curl}; {script}"]
        return subprocess.run(words, capture_output=True, text=True, check=True, timeout=READY_S).stdout

    @functools.cached_property
    def authority(self):
        """The file with the certificate of the proxy's own authority."""
        written = self._folder / "authority.crt"
        written.write_text(self.compose("exec", "-T", "proxy", "cat", "/data/caddy/pki/authorities/local/root.crt"))
        return written

    def trusting(self):
        """A TLS context that trusts the proxy."""
        return ssl.create_default_context(cafile=self.authority)

    def compose(self, *words, stdout=subprocess.PIPE):
        """What compose prints on stdout, unless that goes elsewhere.

        :raises AssertionError: it failed; with what it said.
        """
        chosen = ("--project-name", self.name, "--env-file", self._settings, "--file", CHECKOUT / "docker-compose.yml")
        # Of its own configuration alone: what is set where the tests are run would go before the file.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HOLDOVER_")}
        done = subprocess.run(
            [*program(), *chosen, *words],
            env=environment,
            cwd=CHECKOUT,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"compose {words}:\n{(done.stdout or '')[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def _is_ready(self):
        try:
            # Its authority's certificate is not there before it answers.
            return httpx.get(f"{self.url}/readyz", verify=False).is_success
        except httpx.TransportError:
            return False


@functools.cache
def program():
    """The command that compose has on this machine; of version 2 where there is one."""
    for words in (("docker", "compose"), ("docker-compose",)):
        try:
            subprocess.run([*words, "version"], capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return words
    return ()


def images():
    """Lines of .env with the images of docker-compose.yml, made here; sandboxes have theirs as well."""
    ensure_docker_image()
    made = subprocess.run([CHECKOUT / "scripts" / "compose-images"], cwd=CHECKOUT, stdout=subprocess.PIPE, check=True)
    return made.stdout.decode()


def _free_ports(count):
    with contextlib.ExitStack() as stack:
        asked = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in asked:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in asked]
