"""How much of its answers a run's log keeps, all of them together. Pure.

Each answer has a bound of its own; those of thousands of requests would be gigabytes all the same, which the worker
holds, the database stores and every reader unpacks. Payloads are bounded by the scenario that has them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox_runner import limits

if TYPE_CHECKING:
    from sandbox_runner.events.records import RequestAnswered


class KeptAnswers:
    """The room that is left for answers; one that does not fit has its beginning only, and what is lost is counted.

    :param bytes_max: in bytes of JSON, as answers are stored.
    """

    def __init__(self, bytes_max: int = limits.RUN_ANSWERS_BYTES_MAX) -> None:
        self._left = bytes_max

    def fitted(self, record: RequestAnswered) -> RequestAnswered:
        """``record`` with as much of its answer as there is room for."""
        size = len(json.dumps(record.response))
        if size <= self._left:
            self._left -= size
            return record
        beginning = record.response[: limits.ANSWER_BEGINNING_CHARACTERS]
        lost = len(record.response.encode()) - len(beginning.encode())
        return record.model_copy(update={"response": beginning, "response_cut": record.response_cut + lost})
