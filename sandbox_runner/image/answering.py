"""What the sandbox of an account needs beside the image: moto and its packages; a folder that is shown to it alone.

Moto is AWS's API in memory (https://docs.getmoto.org). The SDK that it needs, botocore, is the image's own.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from . import downloads, pins
from .fingerprint import short_name
from .manifest import machine
from .tools import ToolsReference, made, named

if TYPE_CHECKING:
    from pathlib import Path

WHEELS: Final = (
    "moto==5.2.5",
    "blinker==1.9.0",
    "certifi==2026.10.19.post1",
    "cffi==2.1.1",
    "charset-normalizer==3.5.3",
    "click==8.5.1",
    "cryptography==50.0.2",
    "flask==3.1.3",
    "flask-cors==6.0.5",
    "idna==3.20",
    "itsdangerous==2.2.0",
    "jinja2==3.1.6",
    "joserfc==1.8.0",
    "markupsafe==3.0.4",
    "py-partiql-parser==0.6.3",
    "pycparser==3.12",
    "pyyaml==6.0.4",
    "requests==2.34.2",
    "responses==0.26.3",
    "typing-extensions==4.16.0",
    "werkzeug==3.1.9",
    "xmltodict==1.0.4",
)
"""Without what only services need that an account does not have."""

RUNTIME: Final = f"python{pins.PYTHON}"
"""The runtime that runs it."""


def answering() -> ToolsReference:
    """That of the sources as they are, made or not."""
    return named(f"answering-{short_name((*WHEELS, RUNTIME, machine()))}")


def ensure_answering() -> ToolsReference:
    """Make it unless it is here.

    :raises BackendUnavailable: it cannot be fetched.
    """
    return made(answering(), "fetching what answers for AWS's services", _fill)


def _fill(folder: Path) -> None:
    shutil.copytree(downloads.answering(WHEELS), folder)
