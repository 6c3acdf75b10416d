"""The functions of a bundle, and a scenario for one of them."""

from __future__ import annotations

import json
import posixpath
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.bundles.bundle import Bundle
from sandbox_runner.bundles.keeping import below, code_of, layer_of, room_beside
from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import cut, say
from sandbox_runner.projects import sam, serverless
from sandbox_runner.projects.built_code import from_source
from sandbox_runner.projects.handler_search import find_handler
from sandbox_runner.projects.payloads import PAYLOADS_MAX, Payload, payloads_beside
from sandbox_runner.projects.planned import Planned, PlannedLayer
from sandbox_runner.projects.sam import SamTemplate
from sandbox_runner.projects.serverless import ServerlessTemplate
from sandbox_runner.projects.template_text import TEMPLATE_BYTES_MAX, TemplateError, read_template
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.requirements import RefusedRequirementError, asks_for_packages
from sandbox_runner.scenario.reader import parse_scenario

if TYPE_CHECKING:
    from datetime import date

    from sandbox_runner.bundles.keeping import Keeper
    from sandbox_runner.messages import Message
    from sandbox_runner.projects.stack_resources import Operation
    from sandbox_runner.runtimes.requirements import Packages
    from sandbox_runner.scenario.model import Scenario

TEMPLATES_MAX: Final = 20
# Of a function that is not played, only why not.
_WHY_NOT: Final = frozenset({"template-runtime-unknown", "template-image", "template-code-elsewhere"})
_PLAYED_MAX: Final = 5
_CALLERS: Final = ("tenant-a", "tenant-b")


@dataclass(frozen=True, slots=True)
class Project:
    """The functions of a bundle; the first is the one to play unless somebody chooses."""

    functions: tuple[Planned, ...]
    said: tuple[Message, ...] = ()

    def function(self, name: str = "") -> Planned:
        """The function of that name, or the first.

        :raises ScenarioError: there is none.
        """
        found = next((each for each in self.functions if name in ("", each.name)), None)
        if found is None:
            known = [each.name for each in self.functions if each.name]
            raise ScenarioError(say("project-function-unknown", name=name[:80], known=known))
        return found


@dataclass(frozen=True, slots=True)
class Opened:
    """A function of a project as data of a scenario, and everything that has to be said of it.

    :ivar payloads: what lay beside the code, and what the template's events are.
    :ivar resources: what the template has beside its functions, as operations that make it in the account.
    """

    function: dict[str, Any]
    said: tuple[Message, ...]
    payloads: tuple[Payload, ...] = ()
    resources: tuple[Operation, ...] = ()

    def scenario(self) -> Scenario:
        """Two callers with each of the payloads, or with an empty one where there are none; events are their own.

        :raises ScenarioError: it cannot be played as it is.
        """
        sent = [
            {"event": each.event} if each.event is not None else {"payload": json.loads(each.text)}
            for each in self.payloads[:_PLAYED_MAX]
        ] or [{"payload": {}}]
        steps: list[dict[str, Any]] = [{"invoke": each | {"as": caller}} for each in sent for caller in _CALLERS]
        account = {"account": {"resources": list(self.resources)}} if self.resources else {}
        return parse_scenario({"version": 2, "function": self.function, **account, "steps": steps})


def read_project(bundle: Bundle) -> Project:
    """The functions of ``bundle``: those of its templates, else the one whose handler is found in the code.

    :raises ScenarioError: there is no file in it.
    """
    if not bundle.entries:
        raise ScenarioError(say("project-empty"))
    planned: list[Planned] = []
    said: list[Message] = []
    for path in _templates(bundle):
        planned += _functions_of(bundle, path, said)
    playable = [each for each in planned if each.runtime and not each.is_elsewhere]
    for each in planned:
        said += [why for why in each.said if each not in playable and why.code in _WHY_NOT]
    # One whose handler is not here would be the worst to begin with.
    playable.sort(key=lambda each: not (each.file or each.inline))
    return Project(tuple(playable) or (_found(bundle),), tuple(said))


def _templates(bundle: Bundle) -> list[str]:
    """The paths of templates, the less deep first."""
    found = [path for path in bundle.entries if path.rpartition("/")[2] in (*sam.NAMES, *serverless.NAMES)]
    return sorted(found, key=lambda path: (path.count("/"), path))[:TEMPLATES_MAX]


def _functions_of(bundle: Bundle, path: str, said: list[Message]) -> list[Planned]:
    folder, _, name = path.rpartition("/")
    text = bundle.text(path, TEMPLATE_BYTES_MAX)
    try:
        data = read_template(text or "", path)
    except TemplateError as problem:
        said.append(problem.message)
        return []
    if not isinstance(data, dict):
        return []
    kind = ServerlessTemplate if name in serverless.NAMES else SamTemplate
    template = kind(data, folder)
    found = list(template.functions())
    said += template.said
    named = [replace(each, name=f"{folder}/{each.name}") if folder else each for each in found]
    return [from_source(bundle, _beside(bundle, _with_file(bundle, each), folder)) for each in named]


def _beside(bundle: Bundle, planned: Planned, folder: str) -> Planned:
    """The function with the code beside its template, where that has its handler and its own is not here."""
    if not planned.is_elsewhere or not planned.runtime:
        return planned
    wanted = registry.runtime_of(planned.runtime).handler_files(planned.handler)
    file = next((path for path in wanted if posixpath.join(folder, path) in bundle.entries), "")
    said = tuple(_played_beside(each) for each in planned.said)
    return replace(planned, folder=folder, file=file, is_elsewhere=False, said=said) if file else planned


def _played_beside(message: Message) -> Message:
    is_it = message.code == "template-code-elsewhere"
    return say("template-code-beside", **message.params) if is_it else message


def _with_file(bundle: Bundle, planned: Planned) -> Planned:
    """The function with the file of its handler, where that is there."""
    if not planned.runtime or planned.is_elsewhere:
        return planned
    prefix = f"{planned.folder}/" if planned.folder else ""
    wanted = registry.runtime_of(planned.runtime).handler_files(planned.handler)
    there = next((path for path in wanted if prefix + path in bundle.entries or path in planned.inline), "")
    inside = bool(planned.inline) or not prefix or any(path.startswith(prefix) for path in bundle.entries)
    if inside:
        return replace(planned, file=there)
    told = say("template-code-elsewhere", place=cut(planned.name), uri=cut(planned.folder))
    return replace(planned, is_elsewhere=True, said=(*planned.said, told))


def _found(bundle: Bundle) -> Planned:
    found = find_handler(bundle)
    said = () if found.file else (say("no-handler-found", handler=found.handler),)
    if found.folder:
        said = (say("task-root-inside", folder=cut(found.folder)),)
    beside = {name: bundle.text(path) or "" for name, path in found.beside.items()}
    return Planned(found.runtime, found.handler, found.file, folder=found.folder, beside=beside, said=said)


def open_function(
    bundle: Bundle,
    planned: Planned,
    name: str = "code.zip",
    keeper: Keeper | None = None,
    *,
    today: date | None = None,
) -> Opened:
    """The function with its files.

    :param name: what the bundle is called, where a zip of it is kept.
    :param keeper: keeps what is more than a scenario carries; without one that is left out, or refused.
    :param today: the day on which Lambda must take its runtime; one that it refuses could not be played at all.
    :raises ScenarioError: its files are more than a scenario can have, or cannot be read.
    """
    inside = Bundle({}, bundle.read) if planned.inline else bundle.below(planned.folder)
    packages = registry.runtime_of(planned.runtime).language.packages
    made, told = _manifest(bundle, planned, inside)
    added = {**made, **planned.beside, **planned.inline}
    first = (planned.file, *((packages.manifest, packages.lock) if packages else ()))
    files, left_out = code_of(name, inside, first, keeper, spare=len(added))
    files["files"] |= added
    replaced = (
        *_once_brought(planned, files["files"]),
        *_without_unusable_lock(planned.runtime, files["files"]),
    )
    layers: list[dict[str, Any]] = []
    for each in planned.layers:
        if any(path.startswith(f"{each.folder}/") for path in bundle.entries) or not each.folder:
            layers.append(_layer(bundle, each, room_beside({**files, "layers": layers}), keeper))
        else:
            told = (*told, say("template-code-elsewhere", place=cut(each.name), uri=cut(each.folder)))
    function = {
        "runtime": registry.taken_on(today or datetime.now(UTC).date(), planned.runtime),
        "handler": planned.handler,
        **planned.settings,
        **files,
        **({"layers": layers} if layers else {}),
    }
    payloads = (*payloads_beside(bundle, planned.folder), *planned.payloads)
    said = (*planned.said, *bundle.left_out, *left_out, *told, *replaced)
    return Opened(function, said, payloads[:PAYLOADS_MAX], planned.resources)


def _manifest(bundle: Bundle, planned: Planned, inside: Bundle) -> tuple[dict[str, str], tuple[Message, ...]]:
    """A manifest for files that ask for no packages, where the project says elsewhere which it needs."""
    packages = registry.runtime_of(planned.runtime).language.packages
    beside = {**planned.beside, **planned.inline}
    if packages is None or packages.lock in {*beside, *inside.entries}:
        return {}, ()
    written = beside.get(packages.manifest, inside.text(packages.manifest) or "")
    if asks_for_packages(packages, {packages.manifest: written}):
        return {}, ()
    for folder, (name, read) in product(dict.fromkeys((planned.folder, "")), packages.elsewhere.items()):
        path = posixpath.join(folder, name)
        made = read(bundle.text(path) or "")
        if made and _is_taken(packages, made):
            told = say("manifest-made", path=cut(path), manifest=packages.manifest)
            return {packages.manifest: made}, (told,)
    return {}, ()


def _once_brought(planned: Planned, files: dict[str, str]) -> tuple[Message, ...]:
    """Add to a function's manifest what its code names and its own runtime had, where what plays it has not.

    Code that names it and says nowhere which runtime it has was written for one that had it.
    """
    described = registry.runtime_of(planned.runtime)
    packages = described.language.packages
    if packages is None:
        return ()
    had = (
        dict.fromkeys(registry.once_brought(planned.runtime), planned.runtime)
        if planned.name
        else packages.once_brought
    )
    for package, runtime in had.items():
        named = re.compile(rf"""["']{re.escape(package)}(?:/[^"'\n]*)?["']""")
        texts = (text for path, text in files.items() if registry.language_of_file(path) is described.language)
        if not any(named.search(text) for text in texts):
            continue
        written = files.get(packages.manifest, "")
        with suppress(RefusedRequirementError):
            if not written or package not in packages.read(written)[0]:
                files[packages.manifest] = packages.add(written, package)
                files.pop(packages.lock, None)
                told = {"package": package, "manifest": packages.manifest, "runtime": runtime}
                return (say("package-added", **told),)
    return ()


def _is_taken(packages: Packages, manifest: str) -> bool:
    try:
        return bool(packages.read(manifest)[0])
    except RefusedRequirementError:
        return False


def _without_unusable_lock(runtime: str, files: dict[str, str]) -> tuple[Message, ...]:
    """Take out of ``files`` a lock that keeps packages from being installed: an old one, or one of other sources."""
    described = registry.runtime_of(runtime)
    packages = described.language.packages
    try:
        described.requirements(files)
    except RefusedRequirementError as refused:
        if packages is not None and refused.message.params.get("path") == packages.lock:
            del files[packages.lock]
            return refused.message, say("lock-left-out", path=packages.lock)
    return ()


def _layer(bundle: Bundle, planned: PlannedLayer, room: int, keeper: Keeper | None) -> dict[str, Any]:
    inside = bundle.below(planned.folder)
    if planned.below and not any(path.startswith(f"{planned.below}/") for path in inside.entries):
        inside = below(planned.below, inside)
    return layer_of(planned.name, inside, room, keeper)
