"""What to do about each kind of carrier, in the language of the function and of the reader.

The texts are in ``advice.yaml``; here is which of them a finding calls for.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import yaml

from sandbox_runner.runtimes.registry import DEFAULT, runtime_of

if TYPE_CHECKING:
    from sandbox_runner.results.model import Finding

Kind = Literal[
    "module-variable",
    "instance",
    "default-argument",
    "closure",
    "cache",
    "generator",
    "open-file",
    "context",
    "environment",
    "working-directory",
    "global",
    "prototype",
    "patched",
    "package",
    "tmp-file",
    "connection",
    "process-setting",
    "random",
    "logging",
    "running-work",
    "listener",
    "child-process",
    "lock",
    "late-work",
    "unknown",
]
# kind → language of the function → language of the reader
Texts = dict[str, dict[str, dict[str, str]]]

_FILE: Final = Path(__file__).with_name("advice.yaml")
# The first that fits counts. Carriers are named by the module (``app.cache``), paths go on to the value.
_CARRIERS: Final[tuple[tuple[str, Kind], ...]] = (
    (r"os\.environ|process\.env", "environment"),
    (r"os\.getcwd|process\.cwd", "working-directory"),
    (r"builtins\.|globalThis", "global"),
    (r"os\.umask|locale\.setlocale|decimal\.getcontext|warnings\.filters|signal\.getsignal", "process-setting"),
    (r"urllib\.request\._opener|https?\.globalAgent|logging\._logRecordFactory", "process-setting"),
    (r"random\.getstate", "random"),
    (r"logging\.getLogger\(", "logging"),
    (r"threading\.enumerate|asyncio\.all_tasks|timers\.set", "running-work"),
    (r"process\.on\(", "listener"),
    (r"child process ", "child-process"),
    (r"descriptor \d+, socket|net\.Socket|process\.getActiveResourcesInfo", "connection"),
    (r"descriptor \d+, ", "open-file"),
    (r"(?:Object|Array|Function|String|Number)\.prototype", "prototype"),
)
_INSIDE: Final[tuple[tuple[str, Kind], ...]] = (
    (r"\._events\b", "listener"),
    (r"__(?:kw)?defaults__", "default-argument"),
    (r"\.getStore\(\)", "context"),
    (r"__closure__|\[\[closure\]\]", "closure"),
    (r"\.cache(?:\[|<)|__wrapped__", "cache"),
    (r"\.(?:gi|ag|cr)_frame\.|\[\[Generator|\.__length_hint__\(\)", "generator"),
    (r"\.getstate\(\)", "random"),
    (r"\.locked\(\)", "lock"),
    (r"\.tell\(\)|\.getvalue\(\)", "open-file"),
)
# Places that are not in the code.
_ROOTS: Final[dict[str, Kind]] = {"tmp-file": "tmp-file", "peer": "connection"}
_MODULE_NAME: Final = re.compile(r".*\[\[module\]\]\.[\w$]+")


@cache
def texts() -> Texts:
    """Every text, as the file has it."""
    read: Texts = yaml.safe_load(_FILE.read_text("utf-8"))
    return read


def kind_of(finding: Finding, modules: frozenset[str]) -> Kind:
    """What kind of place carried it.

    :param modules: the names of the function's own modules, as the probes call them.
    """
    if finding.kind == "background-log":
        return "late-work"
    if finding.location is None:
        return "unknown"
    if finding.location.root in _ROOTS:
        return _ROOTS[finding.location.root]
    if finding.location.package:
        return "package"
    carrier = finding.location.path
    path = next((one.output_path for one in finding.evidence if one.oracle == "xray"), carrier)
    within = next((found[1] for each in modules if (found := re.match(rf"{re.escape(each)}\.\w+(.*)", path))), "")
    inside = within if within and "[[module]]" not in within else _inside_of(carrier, path)
    named = [kind for pattern, kind in _CARRIERS if re.match(pattern, carrier)]
    named += [kind for pattern, kind in _INSIDE if re.search(pattern, inside)]
    if not named and not any(carrier.startswith(f"{module}.") for module in modules):
        named = ["patched"]
    return named[0] if named else _of_value(inside, finding.runtime)


def _inside_of(carrier: str, path: str) -> str:
    return path.removeprefix(carrier) if path.startswith(carrier) else _MODULE_NAME.sub("", path)


def _of_value(inside: str, runtime: str) -> Kind:
    """The kind of a module's own name, by how its value is reached."""
    if ".get(" in inside:
        return runtime_of(runtime).language.value_behind_get
    return "instance" if re.match(r"\.[A-Za-z_$#]", inside) else "module-variable"


def advice(kind: Kind, runtime: str, language: str) -> str:
    """The remedy, in a few sentences; English where there is no text in ``language``."""
    by_language = texts()[kind]
    said = by_language.get(runtime_of(runtime).language.key) or by_language[DEFAULT.language.key]
    return said.get(language.partition("-")[0], said["en"])
