"""Makes of some of the function's files what its runtime can load, before anything of it runs.

A file that cannot be made is made all the same: it fails when it is loaded, as one with a mistake in it does, and says
what is wrong and where. Everything that comes back is text for a file; nothing here executes it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .esbuild import Esbuild, EsbuildGoneError, EsbuildLateError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SECONDS_MAX: Final = 12.0
"""For all files of a function together; the host waits a little longer."""
# They lie in a file system in memory, beside what they are made from.
_BYTES_MAX: Final = 8 * 1024 * 1024
_STARTS_MAX: Final = 3
_MESSAGE_CHARACTERS_MAX: Final = 500
_FLAGS: Final = (
    "--platform=node",
    "--sourcemap=external",
    "--sources-content=false",
    "--log-level=silent",
    "--color=false",
    # What TypeScript has and a runtime here does not, the second before Node 24.
    "--supported:decorators=false",
    "--supported:using=false",
)
_TOO_MUCH: Final = "esbuild ended with this file, which takes too much time or memory"
_OWN_MAP: Final = "sourceMappingURL="
_FAILS: Final = "const problem = new SyntaxError({message});\nproblem.stack = {stack};\nthrow problem;\n"


@dataclass(frozen=True, slots=True)
class _Made:
    code: str
    fails: bool = False


def transform(
    files: Mapping[str, str],
    wanted: Mapping[str, Mapping[str, str]],
    command: Sequence[str],
    kept: dict[bytes, str],
) -> dict[str, str]:
    """The files that are made of ``files``, by path.

    :param wanted: by the path of the file that one is made of: its ``target``, ``loader``, ``kind`` and ``settings``.
    :param command: how esbuild is started.
    :param kept: what was made before, for the same files in the next replay.
    :raises OSError: it cannot be started.
    """
    maker = _Maker(files, command, kept)
    try:
        made = {path: maker.made(path, how) for path, how in wanted.items()}
    finally:
        maker.end()
    # Modules of this kind are linked before the first of them runs: one that fails would only lack its exports.
    linked = [path for path, how in wanted.items() if how["kind"] == "esm"]
    failed = next((made[path] for path in linked if made[path].fails), None)
    made |= dict.fromkeys(linked, failed) if failed else {}
    return {how["target"]: made[path].code for path, how in wanted.items()}


class _Maker:
    def __init__(self, files: Mapping[str, str], command: Sequence[str], kept: dict[bytes, str]) -> None:
        self._files, self._command, self._kept = files, command, kept
        self._until = time.monotonic() + SECONDS_MAX
        self._esbuild: Esbuild | None = None
        self._starts, self._room, self._over = 0, _BYTES_MAX, ""

    def end(self) -> None:
        if self._esbuild is not None:
            self._esbuild.end()
            self._esbuild = None

    def made(self, path: str, how: Mapping[str, str]) -> _Made:
        key = self._key(path, how)
        if (code := self._kept.get(key)) is not None:
            return _Made(code)
        if self._over:
            return _failing(path, self._over)
        try:
            made = self._asked(path, how)
        except EsbuildLateError:
            self._over = "esbuild has no more time"
            return _failing(path, _TOO_MUCH)
        except EsbuildGoneError:
            self.end()
            self._over = "esbuild ended too often" if self._starts >= _STARTS_MAX else ""
            return _failing(path, _TOO_MUCH)
        self._room -= len(made.code)
        if self._room < 0:
            return _failing(path, "what esbuild makes of the files is too large")
        if not made.fails:
            self._keep(key, made.code)
        return made

    def _key(self, path: str, how: Mapping[str, str]) -> bytes:
        parts = (path, *how.values(), self._files.get(how["settings"], ""), self._files[path])
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()

    def _keep(self, key: bytes, code: str) -> None:
        if sum(map(len, self._kept.values())) + len(code) > _BYTES_MAX:
            self._kept.clear()
        self._kept[key] = code

    def _asked(self, path: str, how: Mapping[str, str]) -> _Made:
        if self._esbuild is None:
            self._esbuild = Esbuild(self._command, self._until)
            self._starts += 1
        text, name = self._files[path], path.rpartition("/")[2]
        flags = [*_FLAGS, f"--loader={how['loader']}", f"--format={how['kind']}", f"--sourcefile={name}"]
        if how["settings"]:
            flags.append(f"--tsconfig-raw={how['merged'] or self._files[how['settings']]}")
        answer = self._esbuild.transform(text, flags)
        if errors := answer.get("errors"):
            return _mistake(path, how, errors[0])
        mapped = self._esbuild.transform(_own_map_hidden(text), flags) if _OWN_MAP in text else answer
        lines = base64.b64encode(str(mapped["map"]).encode("utf-8", "replace")).decode("ascii")
        return _Made(f"{answer['code']}//# sourceMappingURL=data:application/json;base64,{lines}\n")


def _own_map_hidden(text: str) -> str:
    """``text`` without a map that it brings itself, which would lead to other lines; nothing moves."""
    return text.replace(_OWN_MAP, _OWN_MAP.lower())


def _mistake(path: str, how: Mapping[str, str], error: Mapping[str, Any]) -> _Made:
    """What esbuild found wrong; it counts columns from 0, in bytes."""
    said, at = str(error["text"]), error["location"]
    if at is None:
        return _failing(path, said)
    source = str(at["lineText"])
    column = len(source.encode("utf-8", "replace")[: at["column"]].decode("utf-8", "replace")) + 1
    if at["file"] != "<tsconfig.json>":
        return _failing(path, said, at["line"], column, source)
    return _failing(how["settings"], said, *((0,) if how["merged"] else (at["line"], column, source)))


def _failing(path: str, said: str, line: int = 0, column: int = 0, source: str = "") -> _Made:
    """A file that fails when it is loaded. Its message and its trace are texts in it, whatever they say."""
    place = f"{path}:{line}:{column}" if line else path
    message = f"{place}: {said[:_MESSAGE_CHARACTERS_MAX]}"
    shown = source[:_MESSAGE_CHARACTERS_MAX]
    pointed = f"/var/task/{place}\n{shown}\n{' ' * min(column - 1, len(shown))}^\n\n" if line else ""
    stack = f"{pointed}SyntaxError: {message}"
    return _Made(_FAILS.format(message=json.dumps(message), stack=json.dumps(stack)), fails=True)
