"""``python -m sandbox_runner``."""

from __future__ import annotations

import signal
import sys

from sandbox_runner.cli.main import main

if __name__ == "__main__":
    # SIGTERM is handled like an interrupt: everything that was started is ended first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
