"""Which package indexes this installation has, by its environment variables."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from sandbox_runner import limits
from sandbox_runner.errors import BackendUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sandbox_runner.runtimes.requirements import Index

_OFF: Final = frozenset({"off", "0", "no", "false"})
# The variable that has the address of each.
VARIABLES: Final[Mapping[Index, str]] = {"pypi": "HOLDOVER_PYPI_INDEX", "npm": "HOLDOVER_NPM_REGISTRY"}
_PATIENCE_S: Final = 30


@dataclass(frozen=True, slots=True)
class IndexAddress:
    """One index: its address without credentials, and what authorises a request there.

    :ivar file_hosts: where its files may be beside itself; empty for wherever its own pages say that they are.
    """

    base: str
    authorization: str = field(default="", repr=False)
    file_hosts: frozenset[str] = frozenset()

    @property
    def host(self) -> str:
        """Its host and port."""
        return urlsplit(self.base).netloc

    def allows(self, url: str, named: Collection[str] = ()) -> bool:
        """Whether something may be fetched from there, over the index's own scheme.

        :param named: the hosts that the index's own pages have named.
        """
        parts = urlsplit(url)
        return parts.scheme == urlsplit(self.base).scheme and (
            parts.netloc == self.host or parts.netloc in (self.file_hosts or named)
        )

    def headers(self, url: str) -> dict[str, str]:
        """What authorises a request; only the index itself gets it."""
        return {"Authorization": self.authorization} if self.authorization and urlsplit(url).netloc == self.host else {}


@dataclass(frozen=True, slots=True)
class ReachableIndex:
    """One index, and the bundle of certificates that is trusted there; empty for the system's."""

    address: IndexAddress
    ca: str = ""

    def trust(self) -> ssl.SSLContext:
        """Whom the relay trusts.

        :raises BackendUnavailable: the bundle cannot be read.
        """
        try:
            return ssl.create_default_context(cafile=self.ca or None)
        except OSError as problem:
            raise BackendUnavailable(f"HOLDOVER_INDEX_CA names a file that cannot be read: {problem}") from problem


def is_on(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether packages are installed on this installation."""
    return environment.get("HOLDOVER_DEPENDENCIES", "").strip().lower() not in _OFF


def stored_bytes_max(environment: Mapping[str, str] = os.environ) -> int:
    """What all installed packages together may take on this machine's disk.

    :raises BackendUnavailable: the variable is no number.
    """
    written = environment.get("HOLDOVER_PACKAGES_MB") or str(limits.PACKAGES_MB_DEFAULT)
    if not written.isdecimal():
        raise BackendUnavailable("HOLDOVER_PACKAGES_MB is no number; write how many MB packages may take on this disk")
    return int(written) * limits.MB


def reachable(index: Index, environment: Mapping[str, str] = os.environ) -> ReachableIndex | None:
    """What the variables say of it; where they do not, on a person's own machine, what pip or npm say there.

    :raises BackendUnavailable: an address is none.
    """
    is_own = environment.get("HOLDOVER_PRODUCTION", "") in {"", "0"}
    url = environment.get(VARIABLES[index]) or (_OF_MACHINE[index]() if is_own else "")
    if not url:
        return None
    more = frozenset(filter(None, (each.strip() for each in environment.get("HOLDOVER_INDEX_FILES", "").split(","))))
    address = _address(VARIABLES[index], url, more)
    if index == "npm" and (token := environment.get("HOLDOVER_NPM_TOKEN", "")):
        address = replace(address, authorization=f"Bearer {token}")
    return ReachableIndex(address, environment.get("HOLDOVER_INDEX_CA", ""))


@cache
def _pips_index() -> str:
    """The index that this machine's pip uses: its help names what its configuration says, without credentials."""
    said = " ".join(_said_by(sys.executable, "-m", "pip", "download", "--help").split())
    found = re.search(r"--index-url <url> [^()]*\(default (?P<url>https?://[^\s()]+)\)", said)
    return found["url"] if found else ""


@cache
def _npms_registry() -> str:
    """The registry that this machine's npm uses."""
    npm = shutil.which("npm")
    return _said_by(npm, "config", "get", "registry").strip() if npm else ""


def _said_by(*words: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


_OF_MACHINE: Final[Mapping[Index, Callable[[], str]]] = {"pypi": _pips_index, "npm": _npms_registry}


def _address(variable: str, url: str, more: frozenset[str]) -> IndexAddress:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BackendUnavailable(f"{variable} is no address: it begins with https:// and names a host")
    host = parts.netloc.rpartition("@")[2]
    secret = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        secret = f"Basic {b64encode(pair.encode()).decode()}"
    return IndexAddress(urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", "")), secret, more)
