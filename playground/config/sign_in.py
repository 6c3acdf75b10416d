"""Sign-in settings from the environment: OpenID Connect providers, and how e-mail is sent.

:raises SystemExit: with one sentence, if the environment contradicts itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NEEDED: Final = ("provider_id", "name", "client_id", "secret", "server_url")


def providers(environ: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    """The OpenID Connect providers: one from the environment, more from the file of ``HOLDOVER_OIDC_FILE``."""
    named = [_from_file(one, at) for at, one in enumerate(_file(environ.get("HOLDOVER_OIDC_FILE", "")), 1)]
    if server := environ.get("HOLDOVER_OIDC_SERVER_URL", ""):
        one = {
            "provider_id": environ.get("HOLDOVER_OIDC_ID") or "oidc",
            "name": environ.get("HOLDOVER_OIDC_NAME") or urlsplit(server).hostname or "",
            "client_id": environ.get("HOLDOVER_OIDC_CLIENT_ID", ""),
            "secret": environ.get("HOLDOVER_OIDC_SECRET", ""),
            "server_url": server,
        }
        named.insert(0, _checked(one, "HOLDOVER_OIDC_SERVER_URL is set, but"))
    return tuple({**{k: v for k, v in one.items() if k != "server_url"}, "settings": _settings(one)} for one in named)


def origins(apps: Sequence[Mapping[str, Any]]) -> list[str]:
    """The sites a sign-in form may lead to: the providers' own."""
    parts = [urlsplit(app["settings"]["server_url"]) for app in apps]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


@dataclass(frozen=True, slots=True)
class Mail:
    """How e-mail is sent: through a server, or not at all; its links are secrets, so none is written to the log."""

    backend: str = "django.core.mail.backends.dummy.EmailBackend"
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    tls: bool = False


def mail(url: str) -> Mail:
    """Parse ``smtp://user:password@host:port?tls=1``; without an address, none is sent."""
    if not url:
        return Mail()
    parts = urlsplit(url)
    if parts.scheme != "smtp" or not parts.hostname:
        raise SystemExit("HOLDOVER_EMAIL_URL must look like smtp://user:password@host:587?tls=1.")
    return Mail(
        backend="django.core.mail.backends.smtp.EmailBackend",
        host=parts.hostname,
        port=parts.port or 25,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parse_qs(parts.query).get("tls") == ["1"],
    )


def _settings(one: Mapping[str, str]) -> dict[str, Any]:
    return {"server_url": one["server_url"], "oauth_pkce_enabled": True}


def _file(path: str) -> list[Any]:
    if not path:
        return []
    try:
        found = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"HOLDOVER_OIDC_FILE cannot be read: {error}") from None
    if not isinstance(found, list):
        raise SystemExit("HOLDOVER_OIDC_FILE must hold a list of providers.")
    return found


def _from_file(one: Any, at: int) -> dict[str, str]:
    where = f"Provider {at} of HOLDOVER_OIDC_FILE:"
    if not isinstance(one, dict) or set(one) - set(_NEEDED):
        raise SystemExit(f"{where} it must have exactly {', '.join(_NEEDED)}.")
    return _checked(one, where)


def _checked(one: dict[str, Any], where: str) -> dict[str, str]:
    if missing := [name for name in _NEEDED if not isinstance(one.get(name), str) or not one[name]]:
        raise SystemExit(f"{where} {missing[0]} is missing.")
    if urlsplit(one["server_url"]).scheme not in ("https", "http"):
        raise SystemExit(f"{where} server_url must begin with https://.")
    return one
