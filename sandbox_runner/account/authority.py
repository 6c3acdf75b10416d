"""The certificates under which AWS's services are reached: an authority of this process's own, a leaf for each name.

The authority's key is made by the process, is in no file and enters no sandbox. Nobody trusts it but sandboxes that are
told to.
"""

from __future__ import annotations

import ssl
import threading
from functools import cache
from typing import Final

import trustme

from sandbox_runner.account import aws_names
from sandbox_runner.limits import ACCOUNT_NAMES_MAX


class Authority:
    """Issues a certificate for each of AWS's names that is asked for."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="Holdover")
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.context = self._issued("sts.amazonaws.com")
        self.context.sni_callback = self._choose

    @property
    def certificate(self) -> str:
        """What is to be trusted, in PEM."""
        return self._authority.cert_pem.bytes().decode()

    def _choose(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        """Called while a connection is made; a name that is none of AWS's gets the certificate of another."""
        if name is not None and aws_names.is_reached_as(name):
            connection.context = self._of(name.lower())
        return None

    def _of(self, name: str) -> ssl.SSLContext:
        if name not in self._contexts:
            if len(self._contexts) >= ACCOUNT_NAMES_MAX:
                self._contexts.pop(next(iter(self._contexts)))
            self._contexts[name] = self._issued(name)
        return self._contexts[name]

    def _issued(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(name).configure_cert(context)
        return context


def authority() -> Authority:
    """The one of this process."""
    with _making:
        return _made()


_making: Final = threading.Lock()
_made: Final = cache(Authority)
