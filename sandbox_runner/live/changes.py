"""What a client of Lambda's API changes in a session. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox_runner.account.base import AwsAnswer
    from sandbox_runner.live.deployed import Deployed
    from sandbox_runner.scenario.model import NamedFunction
    from sandbox_runner.scenario.service_steps import ServiceStep


@dataclass(frozen=True, slots=True)
class Change:
    """Steps that a client asks for, and what it is told once they are done.

    :ivar after: the functions after it.
    :ivar revision: what one of the steps deploys.
    """

    steps: tuple[ServiceStep, ...]
    answer: AwsAnswer
    after: Deployed
    revision: NamedFunction | None = None
