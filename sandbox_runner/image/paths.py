"""Where the builder keeps things: downloads and builds in the cache, what sandboxes are made of in the data folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import platformdirs

PACKAGE: Final = Path(__file__).resolve().parent
GUEST: Final = PACKAGE.parent / "guest"
_PROJECT: Final = PACKAGE.parent.parent


def data_dir() -> Path:
    """``HOLDOVER_DATA``, else ``var/`` of a checkout, else the person's own data folder."""
    if named := os.environ.get("HOLDOVER_DATA"):
        return Path(named).absolute()
    if _is_checkout():
        return _PROJECT / "var"
    return platformdirs.user_data_path("holdover")


def cache_dir() -> Path:
    """``HOLDOVER_CACHE``, else ``.cache/`` of a checkout, else the person's own cache folder; under it ``image/``."""
    if named := os.environ.get("HOLDOVER_CACHE"):
        return Path(named).absolute() / "image"
    if _is_checkout():
        return _PROJECT / ".cache" / "image"
    return platformdirs.user_cache_path("holdover") / "image"


def _is_checkout() -> bool:
    return (_PROJECT / "manage.py").exists() or (_PROJECT / ".git").exists()
