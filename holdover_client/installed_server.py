"""``holdover-server``: what ``manage.py`` is in a checkout. Without the extra `server`, it says what to install."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import NoReturn


def main() -> NoReturn:
    """Start everything on this machine, or run the command of Django's that is named."""
    if not find_spec("django"):
        raise SystemExit("The server is not installed; install it with: pip install 'holdover[server]'")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    # -P: the folder that one is in has nothing of the server's, whatever its files are called.
    command = (sys.executable, "-P", "-m", "django", *(sys.argv[1:] or ["holdover"]))
    os.execv(sys.executable, command)  # noqa: S606 - no shell is wanted
