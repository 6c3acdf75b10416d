"""The caller a templated request is made for: values of theirs alone. Pure.

They are made from the caller's name and the request's number and never drawn, so a scenario means the same payload
wherever it is read. Names and numbers are those that are kept free for examples: ``example.com``
(https://www.rfc-editor.org/rfc/rfc2606), addresses of https://www.rfc-editor.org/rfc/rfc5737, the account 123456789012
of AWS's own documentation.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEGINNING: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_NETWORKS: Final = ("203.0.113", "198.51.100", "192.0.2")


@dataclass(frozen=True)
class Caller:
    """Caller ``name``, who makes the scenario's request ``number``, counted from 1."""

    name: str
    number: int

    @cached_property
    def user(self) -> str:
        """The name as a user name: letters, digits and hyphens."""
        made = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")
        return made or f"caller-{_digest(self.name)[:6]}"

    @property
    def email(self) -> str:
        """An address of the caller's."""
        return f"{self.user}@example.com"

    @property
    def phone(self) -> str:
        """A number of the caller's, of those that nobody has."""
        return f"+1206555{100 + int(_digest(self.name, 'phone')[:4], 16) % 100:04}"

    @property
    def source_ip(self) -> str:
        """An address of the caller's, of the three networks for documentation."""
        drawn = int(_digest(self.name, "ip")[:8], 16)
        return f"{_NETWORKS[drawn % 3]}.{1 + drawn // 3 % 254}"

    @property
    def order(self) -> int:
        """An order's number, of the caller's request."""
        return 1000 + int(self.hexadecimal("order", 8), 16) % 9000

    @property
    def subject(self) -> str:
        """The caller as an identity provider knows them, a UUID."""
        return _uuid(_digest(self.name, "subject"))

    @property
    def body(self) -> dict[str, Any]:
        """What the caller sends where nothing else is said."""
        return {"name": self.user, "email": self.email, "order": self.order}

    @property
    def attributes(self) -> Mapping[str, str]:
        """The caller's attributes in a user pool."""
        return {"sub": self.subject, "email": self.email, "phone_number": self.phone}

    def uuid(self, what: str) -> str:
        """A UUID of this request's."""
        return _uuid(self.hexadecimal(what, 32))

    def hexadecimal(self, what: str, digits: int) -> str:
        """Hexadecimal digits of this request's, at most 64."""
        return _digest(self.name, str(self.number), what)[:digits]

    def decimal(self, what: str, digits: int) -> str:
        """Decimal digits of this request's, at most 70; the first is not 0."""
        drawn = str(int(self.hexadecimal(what, 64), 16))
        return ("4" + drawn.rjust(digits, "7"))[:digits]

    @property
    def at(self) -> datetime:
        """When the request was made: a minute after the one before it."""
        return _BEGINNING + timedelta(minutes=self.number)

    @property
    def at_ms(self) -> int:
        """The same in milliseconds of the Unix epoch."""
        return int(self.at.timestamp() * 1000)

    @property
    def at_iso(self) -> str:
        """The same in ISO 8601, with milliseconds."""
        return f"{self.at:%Y-%m-%dT%H:%M:%S}.000Z"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _uuid(digits: str) -> str:
    """Of version 4 in its form."""
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"
