"""What changes in a run's account while which requests are served, and what it holds in the end.

Nothing depends on it but what is shown: a look that fails ends no run.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.account.base import AccountTooSlowError, Holdings
from sandbox_runner.errors import OurFailure
from sandbox_runner.events.records import AccountChanged, AccountHeld, ServedAttempt

if TYPE_CHECKING:
    from sandbox_runner.account.base import Account
    from sandbox_runner.events.log import EventLog


class Watch:
    """Looks at an account around each request, where something may have changed, and records what did."""

    def __init__(self, account: Account, log: EventLog) -> None:
        self._account = account
        self._log = log
        self._serving: list[ServedAttempt] = []
        self._may_have_changed = True
        self._looking = asyncio.Lock()
        self._left = limits.ACCOUNT_CHANGES_MAX
        self._lost = False

    def note_change(self) -> None:
        """A call that may change something was made, or is."""
        self._may_have_changed = True

    async def look_first(self) -> None:
        """Take what there is now as the beginning: no request made it."""
        async with self._looking:
            self._may_have_changed = False
            await self._look(whole=False)

    async def begin(self, index: int, attempt: int) -> None:
        """An attempt at a request begins; what changed before was not its doing."""
        async with self._looking:
            await self._record_changes()
            self._serving.append(ServedAttempt(index=index, attempt=attempt))

    async def end(self, index: int, attempt: int) -> None:
        """It was answered."""
        async with self._looking:
            await self._record_changes()
            self._serving.remove(ServedAttempt(index=index, attempt=attempt))

    async def look_last(self) -> None:
        """Record what the account holds."""
        async with self._looking:
            await self._record_changes()
            found = await self._look(whole=True)
            held = AccountHeld(things=found.things, things_in_all=found.things_in_all, lost=self._lost)
            self._log.append(held)

    async def _record_changes(self) -> None:
        if not self._may_have_changed:
            return
        self._may_have_changed = False
        during = tuple(self._serving)
        found = await self._look(whole=False)
        if found.changes_in_all:
            shown = found.changes[: self._left]
            self._left -= len(shown)
            left_out = found.changes_in_all - len(shown)
            self._log.append(AccountChanged(during=during, changes=shown, left_out=left_out))

    async def _look(self, *, whole: bool) -> Holdings:
        if self._lost:
            return Holdings()
        try:
            return await self._account.look(whole=whole)
        except (AccountTooSlowError, OurFailure):
            self._lost = True
            return Holdings()
