"""Reads and validates all configuration from the environment. Every name begins with ``HOLDOVER_``.

``DATABASE_URL`` is read if ``HOLDOVER_DATABASE_URL`` is not set, because hosting platforms use that name.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from playground.config.sign_in import providers
from sandbox_runner import limits
from sandbox_runner.bundles.folder import zip_bytes_max
from sandbox_runner.errors import UsageError
from sandbox_runner.image.paths import data_dir

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKOUT: Final = Path(__file__).resolve().parents[2]
# Where templates and catalogues are: beside the package in a checkout, in it where it was installed as a wheel.
SITE: Final = CHECKOUT if (CHECKOUT / "manage.py").exists() else CHECKOUT / "playground"
LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration; ``secret_key`` is empty if production does not set it, which a system check refuses."""

    data: Path
    production: bool
    secret_key: str
    database_url: str
    redis_url: str
    allowed_hosts: tuple[str, ...]
    trusted_origins: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    backend: str
    submissions_per_minute: int
    queue_max: int
    streams_max: int
    streams_per_client: int
    worker_threads: int
    live_sessions_max: int
    live_sessions_per_client: int
    proof_seconds_max: int
    proof_replays_max: int
    behind_https: bool
    metrics_token: str
    archive_bytes_max: int
    archives_client_mb: int
    archives_mb: int
    archives_storage: dict[str, Any]
    disk_free_mb: int
    retention_days: int
    retention_notice_days: int
    deletion_grace_hours: int
    email_url: str
    email_from: str
    oidc_providers: tuple[dict[str, Any], ...]


def read(environ: Mapping[str, str]) -> Configuration:
    """Read the configuration from ``environ``. Creates the data directory, and a secret key in it once."""
    data = Path(environ.get("HOLDOVER_DATA") or data_dir()).resolve()
    data.mkdir(parents=True, exist_ok=True)
    production = environ.get("HOLDOVER_PRODUCTION", "") == "1"
    hosts = _listed(environ.get("HOLDOVER_ALLOWED_HOSTS", ""))
    return Configuration(
        data=data,
        production=production,
        secret_key=environ.get("HOLDOVER_SECRET_KEY", "") or ("" if production else _kept_secret(data / "secret-key")),
        database_url=environ.get("HOLDOVER_DATABASE_URL") or environ.get("DATABASE_URL") or _sqlite(data),
        redis_url=environ.get("HOLDOVER_REDIS_URL") or f"unix://{embedded_socket(data)}",
        allowed_hosts=hosts or (() if production else LOOPBACK_HOSTS),
        trusted_origins=_listed(environ.get("HOLDOVER_TRUSTED_ORIGINS", "")),
        trusted_proxies=_listed(environ.get("HOLDOVER_TRUSTED_PROXIES", "")),
        backend=environ.get("HOLDOVER_BACKEND", ""),
        submissions_per_minute=_number(environ, "HOLDOVER_SUBMISSIONS_PER_MINUTE", 60),
        queue_max=_number(environ, "HOLDOVER_QUEUE_MAX", 200),
        streams_max=_number(environ, "HOLDOVER_STREAMS_MAX", 1000),
        streams_per_client=_number(environ, "HOLDOVER_STREAMS_PER_CLIENT", 100),
        worker_threads=_number(environ, "HOLDOVER_WORKER_THREADS", min(4, os.cpu_count() or 1)),
        live_sessions_max=_number(environ, "HOLDOVER_LIVE_SESSIONS_MAX", 20),
        live_sessions_per_client=_number(environ, "HOLDOVER_LIVE_SESSIONS_PER_CLIENT", 3),
        proof_seconds_max=_number(environ, "HOLDOVER_PROOF_SECONDS_MAX", int(limits.PROOF_S_AT_MOST)),
        proof_replays_max=_number(environ, "HOLDOVER_PROOF_REPLAYS_MAX", limits.PROOF_REPLAYS_AT_MOST),
        behind_https=environ.get("HOLDOVER_HTTPS", "") == "1",
        archive_bytes_max=_archive_bytes(environ),
        archives_client_mb=_number(environ, "HOLDOVER_ARCHIVES_CLIENT_MB", 1_024),
        archives_mb=_number(environ, "HOLDOVER_ARCHIVES_MB", 8_192),
        archives_storage=_storage(environ, data / "archives"),
        disk_free_mb=_number(environ, "HOLDOVER_DISK_FREE_MB", 100),
        metrics_token=environ.get("HOLDOVER_METRICS_TOKEN", ""),
        retention_days=_number(environ, "HOLDOVER_RETENTION_DAYS", 180),
        retention_notice_days=_number(environ, "HOLDOVER_RETENTION_NOTICE_DAYS", 30),
        deletion_grace_hours=_number(environ, "HOLDOVER_DELETION_GRACE_HOURS", 24),
        email_url=environ.get("HOLDOVER_EMAIL_URL", ""),
        email_from=environ.get("HOLDOVER_EMAIL_FROM") or "holdover@localhost",
        oidc_providers=providers(environ),
    )


def celery_url(redis_url: str) -> str:
    """The broker's URL as Celery writes it; they differ for unix sockets. Pure."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return (
        redis_url.replace("unix://", "redis+socket://", 1)
        .replace("?db=", "?virtual_host=")
        .replace("&db=", "&virtual_host=")
    )


def embedded_socket(data: Path) -> Path:
    """The socket of that data directory's embedded broker."""
    return data / "broker.sock"


def _sqlite(data: Path) -> str:
    return f"sqlite:///{data / 'holdover.sqlite3'}"


def _archive_bytes(environ: Mapping[str, str]) -> int:
    try:
        return zip_bytes_max(environ)
    except UsageError as problem:
        raise SystemExit(f"{problem}.") from None


def _storage(environ: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Where zips are kept, as Django writes it: a folder, or any storage that Django knows."""
    backend = environ.get("HOLDOVER_ARCHIVES_STORAGE", "")
    if not backend:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    written = environ.get("HOLDOVER_ARCHIVES_OPTIONS") or "{}"
    try:
        options = json.loads(written)
    except ValueError:
        options = None
    if not isinstance(options, dict):
        raise SystemExit("HOLDOVER_ARCHIVES_OPTIONS must be the storage's options as a JSON object.")
    return {"BACKEND": backend, "OPTIONS": options}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise SystemExit(f"{name} is {text!r}; it must be a whole number of at least 1.")
    return int(text)


def _kept_secret(path: Path) -> str:
    """The secret of this data directory, created on first use and readable only by its owner."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text("ascii")
