"""The conversation with an account's process: no order waits for ever."""

from __future__ import annotations

import asyncio

import pytest

from sandbox_runner import limits
from sandbox_runner.account.line import Line
from sandbox_runner.errors import AccountLost, SandboxLost


class SilentStream:
    """A connection whose other end takes everything and says nothing."""

    def __init__(self, *, takes=True):
        self._takes = takes

    async def write(self, _data):
        if not self._takes:
            raise SandboxLost("it is gone")

    async def read(self):
        await asyncio.Event().wait()


async def test_an_order_that_nobody_answers_ends_with_what_was_asked(monkeypatch):
    monkeypatch.setattr(limits, "ACCOUNT_ORDER_S", 0.01)

    with pytest.raises(AccountLost, match="did not carry out 'fork' in time"):
        await Line(SilentStream()).order({"do": "fork"})


async def test_an_order_to_a_sandbox_that_is_gone_says_so():
    with pytest.raises(AccountLost, match="it is gone"):
        await Line(SilentStream(takes=False)).order({"do": "fork"})
