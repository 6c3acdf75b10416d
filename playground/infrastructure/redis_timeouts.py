"""How long anything of ours waits for the broker. Every client of it takes its times from here, and from nowhere else.

redis-py gives up a read after 5 s where nothing is said, and Celery's transport never does; neither is what we want.
A broker that is away, and one that is there but hung, cost whoever asks the same bounded time.
"""

from __future__ import annotations

from typing import Final

# Until a connection stands.
CONNECT_S: Final = 1.0
# For one answer, and for writing one command. A submission asks twice, and is answered within three seconds.
ANSWER_S: Final = 1.0
# The same for Celery's own connections: giving one up makes a worker's consumer begin anew. It never cuts a BRPOP of
# kombu's, which waits in poll() and reads only what has come.
CELERY_ANSWER_S: Final = 5.0


def blocking_s(waits_s: float) -> float:
    """How long a read may take whose command lets the broker wait for ``waits_s`` before it answers."""
    return waits_s + ANSWER_S
