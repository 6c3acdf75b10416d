"""The JSON of a large result, written piece by piece: whoever reads it slowly keeps a piece in memory and not all.

What is said in a reader's language, of which results have codes, is at the beginning of the JSON; the rest is sent as
it is stored.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

from playground.experiments import stored_json
from playground.experiments.page_parts import READ_WHOLE_MAX
from sandbox_runner.events.secret_values import told_with_secrets_blanked
from sandbox_runner.results.model import RESULT_VERSION
from sandbox_runner.results.telling import told

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playground.experiments.models import Run
    from sandbox_runner.messages import Language

# What is unpacked at a time, and about what is sent at a time.
BLOCK_BYTES: Final = 256 * 1024
PIECE_CHARACTERS: Final = 64 * 1024
# The first member behind all that have sentences.
_UNTOLD: Final = "service_time_compressed"
_DECODER: Final = json.JSONDecoder()


def large_result(run: Run, language: Language, before: str = "", after: str = "") -> AsyncIterator[bytes] | None:
    """The JSON with its sentences between two texts; None where it is short enough to be made whole, or too old."""
    blob = run.result_blob
    if blob is None or stored_json.unpack_within(blob, READ_WHOLE_MAX) is not None:
        return None
    stored = _Stored(blob)
    members: dict[str, Any] = {}
    while (name := stored.name()) != _UNTOLD:
        members[name], _ = stored.value()
        stored.skip()
        if members["version"] != RESULT_VERSION:
            return None
    head = told({**members, "events": ()}, language)
    # They come further behind.
    del head["events"]
    return _pieces(f"{before}{json.dumps(head).removesuffix('}')}, ", _rest(stored, name), after)


class _Stored:
    """The text of a stored result, unpacked as far as it is read: an object, whose members come one after the other."""

    def __init__(self, blob: bytes | memoryview) -> None:
        self._reader = zlib.decompressobj()
        self._text = self._reader.decompress(blob, BLOCK_BYTES).decode("ascii")
        self._at = 1

    def name(self) -> str:
        """The name of the member that begins here; reads up to its value."""
        name, _ = self.value()
        self.skip()
        return str(name)

    def value(self) -> tuple[Any, str]:
        """The value that begins here, and as it is written."""
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except ValueError:
                end = len(self._text)
            # A number at the end may go on.
            if end < len(self._text):
                text = self._text[self._at : end]
                self._at = end
                return found, text
            self._unpack()

    def sign(self) -> str:
        """The sign that comes next."""
        while self._at >= len(self._text):
            self._unpack()
        return self._text[self._at]

    def skip(self) -> str:
        """The same, which is read."""
        sign = self.sign()
        self._at += 1
        return sign

    def _unpack(self) -> None:
        """:raises ValueError: there is no more, though the text has not ended."""
        kept = self._text[self._at :]
        # Twice as much as is kept, so that a large value is not read over and over.
        more = self._reader.decompress(self._reader.unconsumed_tail, max(BLOCK_BYTES, len(kept)))
        if not more:
            raise ValueError("a stored result ends before its text does")
        self._text, self._at = kept + more.decode("ascii"), 0


def _rest(stored: _Stored, name: str) -> Iterator[str]:
    """The text from the value of the member ``name`` on; of lists an element at a time."""
    while True:
        yield f"{json.dumps(name)}:"
        if stored.sign() == "[":
            yield from _elements(stored, name)
        else:
            yield stored.value()[1]
        sign = stored.skip()
        yield sign
        if sign == "}":
            return
        name = stored.name()


def _elements(stored: _Stored, name: str) -> Iterator[str]:
    yield stored.skip()
    while stored.sign() != "]":
        if stored.sign() == ",":
            yield stored.skip()
        value, text = stored.value()
        if name != "events":
            yield text
            continue
        record = told_with_secrets_blanked(value["record"])
        yield text if record == value["record"] else json.dumps({**value, "record": record})
    yield stored.skip()


async def _pieces(begin: str, rest: Iterator[str], after: str) -> AsyncIterator[bytes]:
    held, size = [begin], len(begin)
    for text in rest:
        held.append(text)
        size += len(text)
        if size >= PIECE_CHARACTERS:
            yield "".join(held).encode("ascii", "backslashreplace")
            held, size = [], 0
            # Whoever else is served by this process has a turn.
            await asyncio.sleep(0)
    yield "".join([*held, after]).encode("ascii")
