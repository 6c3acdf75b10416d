"""All timeouts for the broker; every client takes its values from here.

By default redis-py gives up a silent read after 5 s and Celery's transport never does; we want neither. A broker that
is away and one that hangs cost the caller the same bounded time.
"""

from __future__ import annotations

from typing import Final

# To connect.
CONNECT_S: Final = 1.0
# For one reply, and for writing one command. A submission makes two calls, and responds within three seconds.
ANSWER_S: Final = 1.0
# For what is taken from a list: a broker that replies after its reader gave up has handed it to nobody.
TAKING_S: Final = 5.0
# For one reply to Celery's own connections; giving one up restarts a worker's consumer. It never interrupts kombu's
# BRPOP, which waits in poll() and reads only what has arrived.
CELERY_ANSWER_S: Final = 5.0


def blocking_s(waits_s: float) -> float:
    """The read timeout for a command that lets the broker wait ``waits_s`` before it replies."""
    return waits_s + ANSWER_S
