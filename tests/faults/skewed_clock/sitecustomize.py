"""A worker whose clock can be set: Python imports this first where the folder is on its path.

``HOLDOVER_FAULTS_CLOCK`` names a file with the seconds that the clock of the day is ahead; none are meant where it is
missing. The monotonic clock goes on as it does when somebody sets a machine's clock.
"""

import contextlib
import os
import sys
import threading
import time


def _ahead():
    with contextlib.suppress(OSError, ValueError), open(os.environ["HOLDOVER_FAULTS_CLOCK"]) as file:  # noqa: PTH123 - before anything else is imported
        return float(file.read())
    return 0.0


def _follow():
    import time_machine  # noqa: PLC0415 - only where a clock is to be set

    true_time, ahead, travelling = time.time, 0.0, None
    began, began_monotonic = true_time(), time.monotonic()
    while True:
        time.sleep(0.2)
        if (wanted := _ahead()) == ahead:
            continue
        ahead = wanted
        if travelling is not None:
            travelling.stop()
        travelling = None
        if ahead:
            now = began + time.monotonic() - began_monotonic
            travelling = time_machine.travel(now + ahead, tick=True)
            travelling.start()


if "celery" in sys.orig_argv and "HOLDOVER_FAULTS_CLOCK" in os.environ:
    threading.Thread(target=_follow, name="clock", daemon=True).start()
