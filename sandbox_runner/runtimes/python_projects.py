"""What a Python project needs where it has no ``requirements.txt``: ``pyproject.toml`` and ``Pipfile``. Pure.

https://packaging.python.org/en/latest/specifications/pyproject-toml/ (dependencies),
https://python-poetry.org/docs/dependency-specification/ and https://pipenv.pypa.io/en/stable/pipfile.html (packages).
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_VERSION: Final = re.compile(r"\d+(?:\.\d+)*")
# What leads elsewhere than to the index is not installed here, as in a requirements.txt.
_DIRECT: Final = frozenset({"git", "path", "url", "file", "hg", "svn"})


def of_pyproject(text: str) -> str:
    """The lines of a ``requirements.txt`` for a project's dependencies, without those to develop with."""
    data = _toml(text)
    listed = _mapping(data.get("project")).get("dependencies")
    lines = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    poetry = _mapping(_mapping(_mapping(data.get("tool")).get("poetry")).get("dependencies"))
    return _manifest([*lines, *_named({name: each for name, each in poetry.items() if name.lower() != "python"})])


def of_pipfile(text: str) -> str:
    """The same for the packages of a ``Pipfile``."""
    return _manifest(list(_named(_mapping(_toml(text).get("packages")))))


def _toml(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _named(packages: Mapping[str, Any]) -> Iterator[str]:
    """Each as a requirement; those that are not of the index, or only wanted by some extra, are left out."""
    for name, written in packages.items():
        told = written if isinstance(written, dict) else {"version": written}
        version, extras = told.get("version", "*"), told.get("extras", [])
        if not isinstance(version, str) or told.keys() & _DIRECT or told.get("optional"):
            continue
        names = ",".join(each for each in extras if isinstance(each, str)) if isinstance(extras, list) else ""
        yield f"{name}[{names}]{_specifier(version)}" if names else f"{name}{_specifier(version)}"


def _specifier(version: str) -> str:
    """A constraint as PEP 440 has it, of one that may have a caret or no operator; several stand between commas."""
    return ",".join(filter(None, (_bounds(each.strip()) for each in version.split(","))))


def _bounds(version: str) -> str:
    found = _VERSION.search(version)
    if version in ("", "*") or found is None:
        return ""
    numbers = [int(each[:9]) for each in found[0].split(".")]
    if version.startswith("^"):
        at = next((at for at, each in enumerate(numbers) if each), len(numbers) - 1)
        return f">={found[0]},<{_next(numbers, at)}"
    if version.startswith("~") and not version.startswith("~="):
        return f">={found[0]},<{_next(numbers, min(1, len(numbers) - 1))}"
    return f"=={version}" if version[0].isdigit() else version


def _next(numbers: list[int], at: int) -> str:
    return ".".join(map(str, [*numbers[:at], numbers[at] + 1]))


def _manifest(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


READERS: Final[Mapping[str, Callable[[str], str]]] = {"pyproject.toml": of_pyproject, "Pipfile": of_pipfile}
"""By the name of the file, the one that is looked at first."""
