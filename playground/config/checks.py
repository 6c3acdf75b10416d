"""Checks at start-up that refuse an unsafe production configuration, one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import Error, register, run_checks

from playground.config.environment import LOOPBACK_HOSTS

if TYPE_CHECKING:
    from playground.config.environment import Configuration

SECRET_CHARACTERS_MIN = 32


@register("holdover")
def production_is_configured(**_: Any) -> list[Error]:
    """Django's system check of the values read by :mod:`playground.config.environment`."""
    return problems(settings.HOLDOVER)


def problems(configuration: Configuration) -> list[Error]:
    """What production requires and this configuration lacks. Pure."""
    if not configuration.production:
        return []
    found = []
    if not configuration.secret_key:
        found.append(Error("HOLDOVER_PRODUCTION is set, so HOLDOVER_SECRET_KEY must be too.", id="holdover.E001"))
    elif len(configuration.secret_key) < SECRET_CHARACTERS_MIN:
        sentence = f"HOLDOVER_SECRET_KEY is shorter than {SECRET_CHARACTERS_MIN} characters; choose a longer one."
        found.append(Error(sentence, id="holdover.E002"))
    if not configuration.allowed_hosts:
        sentence = "HOLDOVER_PRODUCTION is set, so HOLDOVER_ALLOWED_HOSTS must name the hosts this site answers for."
        found.append(Error(sentence, id="holdover.E003"))
    if any("*" in host or host.startswith(".") for host in configuration.allowed_hosts):
        sentence = "HOLDOVER_ALLOWED_HOSTS must name each host of this site; a pattern would let others choose it."
        found.append(Error(sentence, id="holdover.E005"))
    if not configuration.behind_https and not set(configuration.allowed_hosts) <= set(LOOPBACK_HOSTS):
        sentence = "Production needs a proxy with TLS and HOLDOVER_HTTPS=1; without it only this machine can be named."
        found.append(Error(sentence, id="holdover.E006"))
    if not configuration.trusted_origins:
        sentence = "HOLDOVER_TRUSTED_ORIGINS must name this site's address: links in e-mails and answers begin with it."
        found.append(Error(sentence, id="holdover.E007"))
    if any(proxy == "*" or proxy.endswith("/0") for proxy in configuration.trusted_proxies):
        sentence = (
            "HOLDOVER_TRUSTED_PROXIES must name the proxies; with a pattern for everybody, any client says who it is."
        )
        found.append(Error(sentence, id="holdover.E008"))
    if configuration.backend == "namespace":
        sentence = "The namespace sandbox is for a person's own code; production needs HOLDOVER_BACKEND=docker."
        found.append(Error(sentence, id="holdover.E004"))
    return found


def refuse_to_start_unsafely() -> None:
    """:raises SystemExit: with the messages, if a check failed."""
    if serious := [check for check in run_checks(tags=["holdover"]) if check.is_serious()]:
        raise SystemExit("\n".join(str(check.msg) for check in serious))
