"""How the supervisor reads what a function writes: at once, or a pipe that gets line after line in turns."""

import asyncio
import os

import pytest

from sandbox_runner.guest.function.output import PhaseLog
from sandbox_runner.guest.function.pipes import STDERR, STDOUT, TELEMETRY, OutputPipes

MANY = 2_000


class Function:
    """The writing ends of its pipes, and how often lines came."""

    def __init__(self):
        self.log = PhaseLog(10 * MANY, 100 * MANY)
        self.came = 0
        self.more = asyncio.Event()
        self.on_lines = lambda: None
        self.pipes = OutputPipes(self.log, 1_000, self._came)
        self.ends = {stream: os.dup(self.pipes.child_end(stream)) for stream in (STDOUT, STDERR, TELEMETRY)}
        self.pipes.started()

    def _came(self):
        self.came += 1
        self.more.set()
        self.on_lines()

    def write(self, stream, text):
        os.write(self.ends[stream], text.encode())

    async def write_many(self, count=MANY):
        """Line after line, each with time for whoever reads."""
        for number in range(count):
            self.write(STDOUT, f"line {number}\n")
            await asyncio.sleep(0)

    async def has(self, count):
        async with asyncio.timeout(10):
            while len(self.log.lines) < count:
                self.more.clear()
                await self.more.wait()
        return [line.text for line in self.log.lines]

    def close(self):
        self.pipes.close()
        for end in self.ends.values():
            os.close(end)


@pytest.fixture
async def function():
    function = Function()
    yield function
    function.close()


async def test_a_few_lines_are_read_one_by_one(function):
    for number in range(10):
        function.write(STDOUT, f"line {number}\n")
        await function.has(number + 1)
    assert function.came == 10


async def test_a_pipe_that_gets_line_after_line_is_read_in_turns(function):
    await function.write_many()
    assert await function.has(MANY) == [f"line {number}" for number in range(MANY)]
    assert function.came < MANY / 4


async def test_lines_of_two_pipes_stay_in_order_where_one_is_busy(function):
    await function.write_many(MANY)
    function.write(STDOUT, "before\n")
    function.write(STDERR, "after\n")
    assert (await function.has(MANY + 2))[-2:] == ["before", "after"]


async def test_a_busy_pipe_is_read_at_once_when_a_phase_ends(function):
    await function.write_many()
    function.write(STDOUT, "the last")
    function.pipes.drain()
    assert [line.text for line in function.log.lines][-1] == "the last"


async def test_a_busy_pipe_that_is_paused_is_not_read(function):
    function.on_lines = lambda: function.pipes.pause() if len(function.log.lines) > MANY // 2 else None
    await function.write_many()
    assert len(function.log.lines) < MANY
    function.on_lines = lambda: None
    function.pipes.resume()
    await function.has(MANY)


async def test_a_busy_pipe_may_be_closed_by_its_writer(function):
    await function.write_many()
    os.close(function.ends.pop(STDOUT))
    await function.has(MANY)
    function.write(STDERR, "still there\n")
    assert (await function.has(MANY + 1))[-1] == "still there"
