"""The product: experiments, runs, live pages and sharing, around the emulator in :mod:`sandbox_runner`."""

from typing import Final

from playground.celery import app as celery_app

VERSION: Final = "0.1.0"

__all__ = ["VERSION", "celery_app"]
