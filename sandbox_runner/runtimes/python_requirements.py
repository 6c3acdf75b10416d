"""``requirements.txt`` and its lock: only names and versions of packages, in the format of PEP 508. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from sandbox_runner.runtimes import python_projects
from sandbox_runner.runtimes.requirements import Locked, Packages, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

_MANIFEST: Final = "requirements.txt"
_LOCK: Final = "requirements.lock"
_EXACT: Final = frozenset({"==", "===", "~="})
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")
_HASH: Final = re.compile(r"\s--hash=(\S+)")
_SOUND_HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")
_MODULE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Packages that have another name than their module.
_OTHER_NAMES: Final = {
    "attr": "attrs",
    "aws_lambda_powertools": "aws-lambda-powertools",
    "aws_xray_sdk": "aws-xray-sdk",
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    # Python had it until 3.11, and no package has it where it is imported.
    "distutils": "",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "git": "",
    "google": "",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "kafka": "kafka-python",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "mysql": "mysql-connector-python",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyOpenSSL",
    "opensearchpy": "opensearch-py",
    "PIL": "pillow",
    # Later ones are without it: https://setuptools.pypa.io/en/latest/pkg_resources.html
    "pkg_resources": "setuptools<81",
    "psycopg2": "psycopg2-binary",
    "serverless_wsgi": "serverless-wsgi",
    "serial": "pyserial",
    "sklearn": "scikit-learn",
    "slack_sdk": "slack-sdk",
    "telegram": "python-telegram-bot",
    "yaml": "PyYAML",
}
# What is no name: an address, a path, a file.
_DIRECT: Final = re.compile(
    r"://|^\.{0,2}[/\\]|^\.{1,2}$|\.(?:whl|zip|tar\.\w+|tgz)(?:$|[\s\[;])|^[\w.\[\],-]+\s*@|^git\+"
)


def read(text: str) -> tuple[tuple[str, ...], str]:
    """The names in a ``requirements.txt``, and its lines without comments and hashes."""
    wanted = [_requirement(_MANIFEST, number, line) for number, line in _lines(text)]
    names = tuple(dict.fromkeys(canonicalize_name(each.name) for each in wanted))
    return names, "".join(f"{each}\n" for each in wanted)


def read_lock(text: str, manifest: str) -> tuple[tuple[Locked, ...], str]:
    """The packages of a ``requirements.lock``: each with one version and its hashes."""
    locked, lines = [], []
    for number, line in _lines(text):
        requirement = _requirement(_LOCK, number, line)
        hashes = _HASH.findall(line)
        pins = [each.version for each in requirement.specifier if each.operator == "==" and "*" not in each.version]
        if (
            len(pins) != 1
            or len(requirement.specifier) != 1
            or not hashes
            or not all(map(_SOUND_HASH.fullmatch, hashes))
        ):
            refuse("lock-line-unusable", path=_LOCK, line=number, requirement=requirement.name)
        locked.append(Locked(canonicalize_name(requirement.name), pins[0]))
        lines.append(f"{requirement} {' '.join(f'--hash={each}' for each in hashes)}\n")
    versions = {each.name: each.version for each in locked}
    for wanted in (Requirement(line) for _, line in _lines(manifest)):
        version = versions.get(canonicalize_name(wanted.name))
        # Whether a marker is met depends on the place where it is installed, which the resolver knew.
        fits = wanted.marker is not None if version is None else wanted.specifier.contains(version, prereleases=True)
        if not fits:
            refuse("lock-does-not-fit", path=_LOCK, manifest=_MANIFEST, name=str(wanted))
    return tuple(locked), "".join(lines)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The logical lines with their numbers, without comments and empty ones."""
    pending, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first if pending else number
        pending += line.removesuffix("\\")
        if line.endswith("\\"):
            continue
        whole, pending = _COMMENT.sub("", pending).strip(), ""
        if whole:
            yield first, whole
    if pending.strip():
        yield first, pending.strip()


def _requirement(path: str, number: int, line: str) -> Requirement:
    wanted = _HASH.sub("", f" {line}").strip()
    if wanted.startswith("-"):
        refuse("requirement-option", path=path, line=number, option=wanted.split()[0].partition("=")[0])
    if _DIRECT.search(wanted):
        refuse("requirement-direct", path=path, line=number, requirement=wanted)
    try:
        return Requirement(wanted)
    except InvalidRequirement:
        refuse("requirement-malformed", path=path, line=number, requirement=wanted)
        raise


def add(manifest: str, lines: str) -> str:
    """``manifest`` with ``lines`` behind what it has, but for those of packages that ``lines`` have with a version."""
    added = [_requirement(_MANIFEST, number, line) for number, line in _lines(lines)]
    said = {canonicalize_name(each.name) for each in added if each.specifier}
    kept = [line for line in manifest.split("\n") if not said or _named(line) not in said]
    return "\n".join(filter(None, ("\n".join(kept).rstrip("\n"), lines.strip("\n")))) + "\n"


def _named(line: str) -> str:
    """The package that one line is about, as far as it is by itself; empty for none."""
    try:
        return canonicalize_name(Requirement(_COMMENT.sub("", line).strip()).name)
    except InvalidRequirement:
        return ""


def loosened(manifest: str) -> str:
    """What ``manifest`` says of versions, with later ones allowed where it asks for one exactly; empty if nowhere."""
    wanted = [Requirement(line) for _, line in _lines(manifest)]
    lines = [(str(each), str(_loosened(each))) for each in wanted if each.specifier]
    return "".join(f"{later}\n" for _, later in lines) if any(exact != later for exact, later in lines) else ""


def _loosened(wanted: Requirement) -> Requirement:
    at_least = (f">={each.version}" if each.operator in _EXACT else str(each) for each in wanted.specifier)
    if not any("*" in each.version for each in wanted.specifier):
        wanted.specifier = SpecifierSet(",".join(at_least))
    return wanted


def moved(manifest: str, lock: str) -> tuple[str, ...]:
    """The lines of ``manifest`` that ``lock``, which is one for the loosened manifest, meets by another version."""
    versions = {each.name: each.version for each in read_lock(lock, loosened(manifest))[0]}
    found = []
    for wanted in (Requirement(line) for _, line in _lines(manifest)):
        version = versions.get(canonicalize_name(wanted.name), "")
        if version and not wanted.specifier.contains(version, prereleases=True):
            wanted.specifier = SpecifierSet(f"=={version}")
            found.append(str(wanted))
    return tuple(found)


def package_of(module: str) -> str:
    """``PyYAML`` for ``yaml.nodes``; mostly the name of the outermost module."""
    outermost = module.partition(".")[0]
    return _OTHER_NAMES.get(outermost, outermost if _MODULE.fullmatch(outermost) else "")


PACKAGES: Final = Packages(
    "pypi",
    _MANIFEST,
    _LOCK,
    "build.handler",
    read,
    read_lock,
    add,
    package_of,
    elsewhere=python_projects.READERS,
    loosened=loosened,
    moved=moved,
)
