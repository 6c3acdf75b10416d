"""Makes text from a sandbox well-formed, bounded and visible. Pure.

Everything from a sandbox is data. Before it is stored it becomes text that every later reader can encode; before it is
printed on a terminal, every character that could control the terminal is escaped.
"""

from __future__ import annotations

import unicodedata

# Format characters can reorder or hide text (https://trojansource.codes); the others move a terminal's cursor.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

_CHARACTER_BYTES_MAX = 4
_CONTINUATION = 0x80


def well_formed(text: str) -> str:
    """``text`` without lone surrogates, which no encoding can carry; pairs become the character they stand for."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def cut_bytes(data: bytes, bytes_max: int) -> tuple[str, int]:
    """The text of the first ``bytes_max`` bytes, and how many bytes are missing from it.

    Bytes that are not UTF-8 become U+FFFD; a character split by the cut is dropped.
    """
    if len(data) <= bytes_max:
        return data.decode("utf-8", "replace"), 0
    end = bytes_max
    while end > bytes_max - _CHARACTER_BYTES_MAX and end > 0 and data[end] & 0xC0 == _CONTINUATION:
        end -= 1
    kept = data[:end]
    return kept.decode("utf-8", "replace"), len(data) - len(kept)


def visible(text: str) -> str:
    """``text`` with every character that a terminal might obey or hide written as an escape; tabs are kept."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == "\t" or unicodedata.category(character) not in _HIDDEN_CATEGORIES:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
