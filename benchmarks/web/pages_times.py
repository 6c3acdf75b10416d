"""``python -m benchmarks.web.pages_times``: what every address costs, as JSON.

In a process of its own, against the database that ``HOLDOVER_DATABASE_URL`` names.
"""

from __future__ import annotations

import json
import logging
import os
import sys

import django


def main() -> None:
    """Make the dearest input, ask every address, print what it cost."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    django.setup()
    from benchmarks.web import dearest  # noqa: PLC0415 - it needs Django
    from tests.playground.pages.walk_world import build  # noqa: PLC0415 - the same

    logging.disable(logging.CRITICAL)
    world = build()
    dearest.make_dear(world)
    json.dump(list(dearest.rows(world)), sys.stdout)


if __name__ == "__main__":
    main()
