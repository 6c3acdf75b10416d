"""``python -m sandbox_runner``."""

from __future__ import annotations

import sys

from sandbox_runner.cli import main

if __name__ == "__main__":
    sys.exit(main())
