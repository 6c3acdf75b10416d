"""What uv and npm say when they fail, as what a person can do about it. Pure.

Their words are data of a stranger's making. What is not recognised is shown, cut and in one line.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner import limits
from sandbox_runner.messages import cut, say
from sandbox_runner.results.model import Outcome
from sandbox_runner.runtimes.requirements import RefusedRequirementError

if TYPE_CHECKING:
    from sandbox_runner.messages import Message
    from sandbox_runner.runtimes.requirements import Requirements

NEAREST_MAX: Final = 60
"""For how many packages another version is offered at once."""
_REASON_CHARACTERS_MAX: Final = 400
_LIKE: Final = 0.8
# Names that are often written wrongly; what the index itself has cannot be asked for by likeness.
_WELL_KNOWN: Final = {
    "pypi": (
        *("aws-lambda-powertools", "aws-xray-sdk", "beautifulsoup4", "boto3", "cryptography", "fastapi", "flask"),
        *(
            "httpx",
            "jinja2",
            "mangum",
            "numpy",
            "openai",
            "opencv-python-headless",
            "pandas",
            "pillow",
            "psycopg2-binary",
        ),
        *("pydantic", "pyjwt", "pymysql", "python-dateutil", "python-dotenv", "pyyaml", "redis", "requests"),
        *("scikit-learn", "sqlalchemy", "stripe", "urllib3"),
    ),
    "npm": (
        *("axios", "body-parser", "dayjs", "dotenv", "express", "joi", "jsonwebtoken", "lodash", "moment", "mongodb"),
        *("mongoose", "mysql2", "node-fetch", "nodemailer", "openai", "pg", "redis", "serverless-http", "sharp"),
        *("stripe", "uuid", "winston", "zod", "@middy/core", "@aws-lambda-powertools/logger"),
    ),
}
# uv: crates/uv-resolver/src/pubgrub/report.rs and crates/uv-resolver/src/error.rs.
_UV_UNKNOWN: Final = re.compile(r"Because ([\w.-]+) was not found in the package registry")
_UV_NO_WHEEL: Final = re.compile(
    r"([\w.-]+?)(?:[=<>!~].*?)? "
    r"(?:has no (?:usable wheels|wheels with a matching)|needs to be built from source|has no wheels)"
)
_UV_NO_VERSION: Final = re.compile(r"there (?:is|are) no versions? of ([\w.\[\]-]+[=<>!~][^\s,]*(?:,[=<>!~][^\s,]+)*)")
_UV_ONLY: Final = re.compile(r"only ([\w.\[\]-]+[<>=!~]\S*) (?:is|are) available")
_UV_ASKED: Final = re.compile(r"you require ([\w.\[\]-]+[=<>!~][^\s,]*)")
# npm: what follows "npm error".
_NPM_LINE: Final = re.compile(r"^npm (?:error|ERR!) ?", re.MULTILINE)
_NPM_UNKNOWN: Final = re.compile(r"'([^']+)@[^']*' is not in this registry|404 Not Found - GET \S*/index/(\S+)")
_NPM_NO_VERSION: Final = re.compile(r"No matching version found for (\S+?)\.?(?:\s|$)")
_NPM_NO_VERSIONS: Final = re.compile(r"No versions available for (\S+)")
_NPM_CONFLICT: Final = re.compile(r"code ERESOLVE")
_NPM_FOUND: Final = re.compile(r"Found: (\S+@\S+)")
_NPM_NEEDED: Final = re.compile(r'Could not resolve dependency:\s+peer (?:optional )?(\S+@"[^"]*") from (\S+@\S+)')
_NPM_OUT_OF_STEP: Final = re.compile(
    r"can only install packages when|Missing: (\S+) from lock file|Invalid: lock file's (\S+)"
)
_BOUNDARY: Final = re.compile(r"[\s\u00d7\u2500-\u257f\u25b6]+")


def why_not(requirements: Requirements, answer: dict[str, Any], busy_with: str) -> Message:
    """Why ``requirements`` are not installed, from the answer of a build sandbox.

    :param busy_with: what it asked the index for last.
    """
    problem = str(answer.get("problem", ""))
    if problem == Outcome.TIMEOUT:
        return say("packages-took-too-long", seconds=limits.BUILD_S, package=cut(busy_with))
    if problem in {"too-large", "no-room", Outcome.OUT_OF_MEMORY}:
        return _too_much(answer)
    if problem == "special-file":
        return say("package-unsound", entry=cut(str(answer.get("said", ""))))
    said = str(answer.get("said", ""))
    known = (
        _of_uv(requirements, said, str(answer.get("nearest", "")))
        if requirements.index == "pypi"
        else _of_npm(requirements, said)
    )
    return known or say("packages-not-installed", reason=_in_short(said))


def _too_much(answer: dict[str, Any]) -> Message:
    size, files = (answer.get(name) for name in ("bytes", "files"))
    if isinstance(files, int) and files > limits.BUILD_FILES_MAX:
        return say("packages-too-many-files", files=files, most=limits.BUILD_FILES_MAX)
    # Where there was no room to unpack them all, they are more than there is room for.
    known = size if isinstance(size, int) else limits.BUILD_DISK_MB * limits.MB
    return say("packages-too-large", bytes=known, most=limits.UNZIPPED_BYTES_MAX)


def _of_uv(requirements: Requirements, said: str, nearest: str) -> Message | None:
    text = _BOUNDARY.sub(" ", said)
    if found := _UV_UNKNOWN.search(text):
        return _unknown(requirements, found[1])
    if found := _UV_NO_WHEEL.search(text):
        return _without_wheel(requirements, found[1], nearest)
    if found := _UV_NO_VERSION.search(text):
        return say("package-version-unknown", requirement=cut(found[1]))
    if (found := _UV_ONLY.search(text)) and (asked := _UV_ASKED.search(text)):
        return say("package-version-unknown", requirement=cut(asked[1]))
    if "requirements are unsatisfiable" in text or "No solution found" in text:
        return say("packages-conflict", reason=_in_short(text.partition("Because")[2] or text, "Because"))
    return None


def _without_wheel(requirements: Requirements, package: str, nearest: str) -> Message:
    try:
        moved = requirements.packages.moved(requirements.manifest, nearest) if nearest else ()
    except RefusedRequirementError:
        moved = ()
    if not moved:
        return say("package-without-wheel", package=cut(package))
    return say("packages-without-wheel", package=cut(package), nearest=[cut(each) for each in moved[:NEAREST_MAX]])


def _of_npm(requirements: Requirements, said: str) -> Message | None:
    text = _NPM_LINE.sub("", said)
    if found := _NPM_UNKNOWN.search(text):
        return _unknown(requirements, (found[1] or found[2]).replace("%2f", "/"))
    # What was taken out of the registry has a page there and nothing to install.
    if found := _NPM_NO_VERSIONS.search(text):
        return _unknown(requirements, found[1])
    if found := _NPM_NO_VERSION.search(text):
        return say("package-version-unknown", requirement=cut(found[1]))
    if found := _NPM_OUT_OF_STEP.search(text):
        packages = requirements.packages
        name = found[1] or found[2] or requirements.names[0]
        return say("lock-does-not-fit", path=packages.lock, manifest=packages.manifest, name=cut(name))
    return _of_npm_conflict(text) if _NPM_CONFLICT.search(text) else None


def _of_npm_conflict(text: str) -> Message:
    found, needed = _NPM_FOUND.search(text), _NPM_NEEDED.search(text)
    if not found or not needed:
        return say("packages-conflict", reason=_in_short(text.partition("ERESOLVE")[2]))
    return say(
        "package-needs-another", package=cut(needed[2]), needed=cut(needed[1].replace('"', "")), found=cut(found[1])
    )


def _unknown(requirements: Requirements, name: str) -> Message:
    """Somebody wrote a module's name, or a package's wrongly."""
    of_module = requirements.packages.package_of(name)
    if of_module.lower() not in ("", name.lower()):
        return say("package-unknown", package=cut(name), nearest=cut(of_module))
    nearest = difflib.get_close_matches(name, _WELL_KNOWN[requirements.index], n=1, cutoff=_LIKE)
    return say("package-unknown", package=cut(name), nearest=nearest[0] if nearest else "")


def _in_short(said: str, before: str = "") -> str:
    text = " ".join(filter(None, (before, _BOUNDARY.sub(" ", said).strip())))
    return cut(text or "no reason was given", _REASON_CHARACTERS_MAX)
