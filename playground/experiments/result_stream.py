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
_PACKED_BYTES: Final = 16 * 1024
# The first member behind all that have sentences.
_UNTOLD: Final = "service_time_compressed"
_DECODER: Final = json.JSONDecoder()
# How an event begins, and how the record of a call of a service begins within it, after its times, environment and id.
_EVENT: Final = '{"seq":'
_CALL: Final = '"record":{"type":"account.called"'
_EVENT_HEAD_CHARACTERS: Final = 4_096


def large_result(run: Run, language: Language, before: str = "", after: str = "") -> AsyncIterator[bytes] | None:
    """The JSON with its sentences between two texts; None where it is short enough to be made whole, or too old."""
    blob = run.result_blob
    if blob is None or stored_json.unpack_within(blob, READ_WHOLE_MAX) is not None:
        return None
    stored = _Stored(blob)
    members: dict[str, Any] = {}
    while (name := stored.name()) != _UNTOLD:
        members[name] = stored.value()
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
        # The reader copies what it was given and has not unpacked yet.
        self._packed = (blob[at : at + _PACKED_BYTES] for at in range(0, len(blob), _PACKED_BYTES))
        self._text, self._at = "", 0
        self._unpack()
        self._at = 1

    def name(self) -> str:
        """The name of the member that begins here; reads up to its value."""
        name = self.value()
        self.skip()
        return str(name)

    def value(self) -> Any:
        """The value that begins here."""
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except ValueError:
                end = len(self._text)
            # A number at the end may go on.
            if end < len(self._text):
                self._at = end
                return found
            self._unpack()

    def skip(self) -> None:
        """Read the sign that comes next."""
        self.unread(1)
        self._at += 1

    def unread(self, characters: int) -> str:
        """What comes next: so many characters at least, or all that there are."""
        while len(self._text) - self._at < characters and not self.ended:
            self._unpack()
        return self._text[self._at :]

    def take(self, characters: int) -> str:
        """So many characters of what :meth:`unread` gave, which are read."""
        begin, self._at = self._at, self._at + characters
        return self._text[begin : self._at]

    @property
    def ended(self) -> bool:
        """Whether all is unpacked."""
        return self._reader.eof

    def _unpack(self) -> None:
        """:raises ValueError: there is no more, though the text has not ended."""
        packed = self._reader.unconsumed_tail or next(self._packed, b"")
        if self.ended or not packed:
            raise ValueError("a stored result ends before its text does")
        kept = self._text[self._at :]
        # Twice as much as is kept, so that a large value is not read over and over.
        more = self._reader.decompress(packed, max(BLOCK_BYTES, len(kept)))
        self._text, self._at = kept + more.decode("ascii"), 0


def _rest(stored: _Stored, name: str) -> Iterator[str]:
    """The text from the value of the member ``name`` on, as it is stored but for calls of AWS's services.

    It is not parsed, which would take several times as long as unpacking it does. Within a string of JSON a quote never
    stands without a backslash, so that what is looked for is no text of a function's.
    """
    yield f"{json.dumps(name)}:"
    while True:
        text = stored.unread(_EVENT_HEAD_CHARACTERS + BLOCK_BYTES)
        called = text.find(_CALL)
        if called >= 0:
            yield stored.take(text.rindex(_EVENT, 0, called))
            event = stored.value()
            yield json.dumps({**event, "record": told_with_secrets_blanked(event["record"])})
        elif stored.ended:
            yield stored.take(len(text))
            return
        else:
            yield stored.take(len(text) - _EVENT_HEAD_CHARACTERS)


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
