"""The state of a digest that is being made: what it comes to so far, which asking for does not change.

https://docs.python.org/3/library/hashlib.html
"""

from __future__ import annotations

from typing import Any

_MODULES = ("_hashlib", "_md5", "_sha1", "_sha2", "_sha3", "_blake2")
_KINDS = ("HASH", "HMAC", "MD5Type", "SHA1Type", "SHA224Type", "SHA256Type", "SHA384Type", "SHA512Type")
_MORE = ("sha3_224", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s")


def is_digest(value: Any) -> bool:
    """By names: importing the module would hide a file of its name in the function's folder."""
    kind = type(value)
    if type.__dict__["__name__"].__get__(kind) not in (*_KINDS, *_MORE):
        return False
    # https://docs.python.org/3/c-api/typeobj.html#c.Py_TPFLAGS_IMMUTABLETYPE : no class of the user's has it.
    is_of_python = bool(type.__dict__["__flags__"].__get__(kind) & (1 << 8))
    return is_of_python and type.__dict__["__dict__"].__get__(kind).get("__module__") in _MODULES


def text(value: Any) -> str:
    """What it comes to."""
    return str(type(value).hexdigest(value))
