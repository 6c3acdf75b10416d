"""The product: experiments, runs, live pages and sharing, around the emulator in :mod:`sandbox_runner`."""

from playground.celery import app as celery_app

__all__ = ["celery_app"]
