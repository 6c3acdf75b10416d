"""``python -m holdover_client``, the same as ``holdover``."""

from __future__ import annotations

import sys

from holdover_client.command import main

if __name__ == "__main__":
    sys.exit(main())
