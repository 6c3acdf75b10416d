"""``package.json`` and ``package-lock.json``: only names and ranges of versions in the registry. Pure."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from sandbox_runner.runtimes.requirements import Locked, Packages, refuse

_MANIFEST: Final = "package.json"
_LOCK: Final = "package-lock.json"
_KINDS: Final = ("dependencies", "optionalDependencies")
# The rules of npm's own validate-npm-package-name, see https://github.com/npm/validate-npm-package-name
_NAME: Final = re.compile(r"(?:@[a-z0-9~._-][a-z0-9~._-]*/)?[a-z0-9~-][a-z0-9~._-]*", re.IGNORECASE)
_NAME_CHARACTERS_MAX: Final = 214
# A range or a tag; what has a colon or a slash is an address, a folder or a repository. An alias has a name in it.
_RANGE: Final = re.compile(r"[^:/\\]*")
_ALIAS: Final = re.compile(r"npm:(?P<name>(?:@[^/@:]+/)?[^/@:]+)(?:@(?P<range>[^:/\\]*))?")
_LOCK_VERSIONS: Final = (2, 3)
_INTEGRITY: Final = re.compile(r"sha(?:512|384|256|1)-[A-Za-z0-9+/=]+")
_PATH: Final = re.compile(rf"(?:node_modules/{_NAME.pattern})(?:/node_modules/{_NAME.pattern})*", re.IGNORECASE)
# What npm needs of a lock's entry to install it.
_KEPT: Final = (
    *("name", "version", "integrity", "dependencies", "optionalDependencies", "peerDependencies"),
    *(
        "peerDependenciesMeta",
        "optional",
        "dev",
        "devOptional",
        "inBundle",
        "peer",
        "engines",
        "os",
        "cpu",
        "libc",
        "license",
    ),
)


def read(text: str) -> tuple[tuple[str, ...], str]:
    """The names in a ``package.json``, and what the resolver needs of it: no scripts, nothing to develop with."""
    manifest = _object(_MANIFEST, text)
    # A name that is in both is there to develop with: @npmcli/arborist, lib/node.js (_loadDeps).
    developing = manifest.get("devDependencies")
    left_out = developing if isinstance(developing, dict) else {}
    kept: dict[str, Any] = {"name": "function", "version": "0.0.0", "private": True}
    names: list[str] = []
    for kind in _KINDS:
        wanted = manifest.get(kind)
        if wanted is None:
            continue
        if not isinstance(wanted, dict):
            refuse("manifest-unusable", path=_MANIFEST, what=kind)
        wanted = {name: version for name, version in wanted.items() if name not in left_out}
        for name, version in wanted.items():
            _check(str(name), version)
        kept[kind] = wanted
        names += wanted
    if isinstance(manifest.get("overrides"), dict):
        _check_overrides(manifest["overrides"])
        kept["overrides"] = manifest["overrides"]
    return tuple(dict.fromkeys(names)), json.dumps(kept, indent=2, sort_keys=True) + "\n"


def read_lock(text: str, manifest: str) -> tuple[tuple[Locked, ...], str]:
    """The packages of a ``package-lock.json``, each with its hash, without the addresses they came from."""
    lock = _object(_LOCK, text)
    entries = lock.get("packages")
    if lock.get("lockfileVersion") not in _LOCK_VERSIONS or not isinstance(entries, dict):
        refuse("manifest-unusable", path=_LOCK, what="lockfileVersion")
    assert isinstance(entries, dict)
    root = entries.get("")
    kept: dict[str, Any] = {"": {"name": "function", "version": "0.0.0", **_asked(root)}}
    locked = []
    for path, entry in entries.items():
        # What only development needs is not installed, and is often not from the registry.
        if path and not (isinstance(entry, dict) and entry.get("dev") is True):
            kept[path] = _entry(path, entry)
            locked.append(Locked(str(kept[path].get("name") or path.rpartition("node_modules/")[2]), entry["version"]))
    required = json.loads(manifest).get("dependencies", {})
    missing = [name for name in required if f"node_modules/{name}" not in kept]
    if missing:
        refuse("lock-does-not-fit", path=_LOCK, manifest=_MANIFEST, name=missing[0])
    whole = {"name": "function", "version": "0.0.0", "lockfileVersion": 3, "requires": True, "packages": kept}
    return tuple(locked), json.dumps(whole, indent=1, sort_keys=True) + "\n"


def _asked(root: Any) -> dict[str, Any]:
    return {kind: root[kind] for kind in _KINDS if isinstance(root, dict) and kind in root}


def _entry(path: str, entry: Any) -> dict[str, Any]:
    usable = (
        isinstance(entry, dict)
        and _PATH.fullmatch(path)
        and not entry.get("link")
        and isinstance(entry.get("version"), str)
        and _RANGE.fullmatch(entry["version"])
        and (entry.get("inBundle") is True or _has_hash(entry))
        and str(entry.get("resolved", "https:")).startswith(("https:", "http:"))
    )
    if not usable:
        refuse("lock-entry-unusable", path=_LOCK, requirement=path)
    return {key: entry[key] for key in _KEPT if key in entry}


def _has_hash(entry: dict[str, Any]) -> bool:
    """What is in its parent's archive has none of its own: the parent's is of all that is in there.

    npm/cli, docs/lib/content/configuring-npm/package-lock-json.md (packages, inBundle).
    """
    return isinstance(entry.get("integrity"), str) and all(map(_INTEGRITY.fullmatch, entry["integrity"].split()))


def _object(path: str, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        refuse("manifest-unusable", path=path, what="")
    assert isinstance(found, dict)
    return found


def _check(name: str, version: Any, line: int = 0) -> None:
    if not _NAME.fullmatch(name) or len(name) > _NAME_CHARACTERS_MAX or not isinstance(version, str):
        refuse("requirement-malformed", path=_MANIFEST, line=line, requirement=name)
    alias = _ALIAS.fullmatch(version)
    if not _RANGE.fullmatch(version) and not (alias and _NAME.fullmatch(alias["name"])):
        refuse("requirement-direct", path=_MANIFEST, line=line, requirement=f"{name}: {version}")


def _check_overrides(overrides: dict[str, Any]) -> None:
    waiting = [overrides]
    while waiting:
        for name, value in waiting.pop().items():
            if isinstance(value, dict):
                waiting.append(value)
            elif name == ".":
                _check("override", value)
            else:
                _check(str(name).rpartition("@")[0] or str(name), value)


def add(manifest: str, lines: str) -> str:
    """``manifest`` with a dependency for each line, ``axios`` or ``axios@^1.7``.

    What was there to develop with is that no more, or it would be left out, and keeps its range where none is given.
    """
    changed = _object(_MANIFEST, manifest) if manifest.strip() else {}
    wanted = changed.setdefault("dependencies", {})
    if not isinstance(wanted, dict):
        refuse("manifest-unusable", path=_MANIFEST, what="dependencies")
    developing = changed.get("devDependencies")
    for number, line in enumerate(lines.split("\n"), 1):
        if line.strip():
            name, _, version = line.strip()[1:].partition("@")
            name = line.strip()[0] + name
            before = developing.pop(name, None) if isinstance(developing, dict) else None
            version = version or (before if isinstance(before, str) and _RANGE.fullmatch(before) else "*")
            _check(name, version, number)
            wanted[name] = version
    return json.dumps(changed, indent=2) + "\n"


def package_of(module: str) -> str:
    """``@middy/core`` for ``@middy/core/util``; nothing for a file."""
    name = "/".join(module.split("/")[: 2 if module.startswith("@") else 1])
    return name if _NAME.fullmatch(name) and not name.startswith(".") else ""


# https://aws.amazon.com/blogs/compute/node-js-18-x-runtime-now-available-in-aws-lambda/
_ONCE_BROUGHT: Final = {"aws-sdk": "nodejs16.x"}

PACKAGES: Final = Packages(
    "npm", _MANIFEST, _LOCK, "index.handler", read, read_lock, add, package_of, once_brought=_ONCE_BROUGHT
)
