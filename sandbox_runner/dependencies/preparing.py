"""From what a scenario's functions ask for to folders that their sandboxes are shown."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from sandbox_runner import limits
from sandbox_runner.backends.base import shown_folders
from sandbox_runner.bundles.archive_folder import ArchiveFolder
from sandbox_runner.dependencies.build_sandbox import BuildFailedError, BuildSandbox, Lazily
from sandbox_runner.dependencies.index import VARIABLES, ReachableIndex, is_on, reachable, stored_bytes_max
from sandbox_runner.dependencies.layers import check_unzipped, unpacked, unpacked_archive
from sandbox_runner.dependencies.problems import why_not
from sandbox_runner.dependencies.store import RefusedArchiveError, Store
from sandbox_runner.errors import IndexAway, ScenarioError
from sandbox_runner.events.records import (
    DependenciesFailed,
    DependenciesInstalled,
    DependenciesLocked,
    DependenciesWanted,
    LockedPackage,
)
from sandbox_runner.image.manifest import machine
from sandbox_runner.image.paths import data_dir
from sandbox_runner.messages import cut, say
from sandbox_runner.runtimes.requirements import RefusedRequirementError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from sandbox_runner.backends.base import Backend, Shown, ShownFolder
    from sandbox_runner.bundles.archive_folder import Archives
    from sandbox_runner.clock import Clock
    from sandbox_runner.dependencies.store import Installed
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.messages import Message
    from sandbox_runner.runtimes.requirements import Index, Locked, Requirements
    from sandbox_runner.scenario.model import Function, Scenario

# Part of every key: another way of installing is another content.
_FORMATS: Final[dict[Index, str]] = {"pypi": "2", "npm": "1"}
_POLL_S: Final = 0.2
# What is wrong with a function's files, layers and zips.
_OF_FILES: Final = (RefusedArchiveError, ScenarioError)


class DependenciesFailedError(Exception):
    """Packages of a function cannot be installed, and the function's files are why; it is recorded.

    :ivar why: what was wrong.
    """

    def __init__(self, why: Message) -> None:
        super().__init__(why.code)
        self.why = why


class Options(Protocol):
    """What a run says of its packages."""

    @property
    def owner(self) -> str:
        """The label of build sandboxes."""
        ...

    @property
    def locks(self) -> Mapping[str, str]:
        """Locks that are kept with the scenario, by the function's name."""
        ...

    @property
    def archives(self) -> Archives | None:
        """Where the zips are that the scenario names; by default in the data folder."""
        ...


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Folders with layers, and with the code of zips, by the function's name.

    :ivar bytes: what both take, with the files that the scenario carries.
    """

    layers: dict[str, ShownFolder]
    code: dict[str, ShownFolder]
    bytes: dict[str, int]


class Dependencies:
    """The packages of one process; builds of the same packages are one build."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._building: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def prepare(
        self, scenario: Scenario, backend: Backend, clock: Clock, log: EventLog, options: Options
    ) -> dict[str, Shown]:
        """What each function's sandboxes are to be shown, by the function's name; nothing where it asks for nothing.

        :raises DependenciesFailedError: something cannot be installed as it is asked for, or unpacked.
        :raises ArchiveMissing: a zip is not kept here.
        :raises IndexAway: the index did not answer.
        :raises OurFailure: something on our side failed.
        """
        beside = await self._unpacked(scenario, log, options.archives or ArchiveFolder(data_dir() / "archives"))
        packages = {}
        for name in scenario.functions:
            preparation = _Preparation(self._store, scenario, name, log)
            try:
                async with asyncio.timeout(limits.DEPENDENCIES_S):
                    installed = await preparation.installed(
                        partial(BuildSandbox, backend=backend, clock=clock, owner=options.owner),
                        self._building,
                        clock,
                        options.locks.get(name, ""),
                    )
                if installed is not None:
                    await asyncio.to_thread(_check_together, beside.bytes[name], installed)
                    packages[name] = installed.folder
            except (*_OF_FILES, BuildFailedError, RefusedRequirementError, TimeoutError) as failed:
                raise _recorded(failed, scenario.recorded(name), log) from failed
        return shown_folders(beside.layers, beside.code, packages)

    async def _unpacked(self, scenario: Scenario, log: EventLog, archives: Archives) -> Unpacked:
        """Layers, and zips with code."""
        found = Unpacked({}, {}, {})
        for name, function in scenario.functions.items():
            try:
                await asyncio.to_thread(self._unpack, name, function, archives, found)
            except _OF_FILES as failed:
                raise _recorded(failed, scenario.recorded(name), log) from failed
        return found

    def _unpack(self, name: str, function: Function, archives: Archives, found: Unpacked) -> None:
        total = sum(len(text.encode("utf-8", "surrogatepass")) for text in function.files.values())
        if function.opt:
            layers = unpacked(function.opt, self._store, archives)
            found.layers[name] = layers.folder
            total += layers.facts["bytes"]
        if function.archive is not None:
            code = unpacked_archive(function.archive, self._store, archives)
            found.code[name] = code.folder
            total += code.facts["bytes"]
        check_unzipped(total)
        found.bytes[name] = total


def _check_together(beside: int, installed: Installed) -> None:
    """Lambda counts packages with the code. Bytecode is not counted: without it a person may upload the same.

    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html

    :raises ScenarioError: both are together more than Lambda takes.
    """
    total = beside + installed.facts["bytes"]
    if total > limits.UNZIPPED_BYTES_MAX:
        compiled = Path(installed.folder.files).rglob("__pycache__/*.pyc")
        check_unzipped(total - sum(each.stat().st_size for each in compiled))


def _recorded(failed: Exception, function: str | None, log: EventLog) -> DependenciesFailedError:
    """What ends the preparation, after why it does is in the log."""
    why = _why(failed)
    log.append(DependenciesFailed(function=function, why=why))
    return DependenciesFailedError(why)


def _why(failed: Exception) -> Message:
    match failed:
        case RefusedRequirementError() | ScenarioError():
            return failed.message
        case BuildFailedError():
            return why_not(failed.requirements, failed.answer, failed.busy_with)
        case RefusedArchiveError():
            return say("package-unsound", entry=cut(str(failed)))
        case _:
            return say("packages-took-too-long", seconds=limits.DEPENDENCIES_S, package="")


def dependencies_of_this_machine(backend: Backend) -> Dependencies:
    """The packages that this machine keeps."""
    return Dependencies(Store(data_dir() / "packages", stored_bytes_max(), backend.forget))


class _Preparation:
    """One function's."""

    def __init__(self, store: Store, scenario: Scenario, name: str, log: EventLog) -> None:
        self._store = store
        self._scenario = scenario
        self._name = name
        self._function = scenario.recorded(name)
        self._log = log

    async def installed(
        self, make: Callable[..., BuildSandbox], building: Mapping[str, asyncio.Lock], clock: Clock, kept: str
    ) -> Installed | None:
        """Its packages; ``None`` if it asks for none."""
        wanted = self._scenario.requirements(self._name)
        if wanted is None:
            return None
        if not is_on():
            raise RefusedRequirementError(say("packages-not-offered", path=wanted.packages.manifest, variable=""))
        self._log.append(
            DependenciesWanted(function=self._function, index=wanted.index, manifest=wanted.packages.manifest)
        )
        runtime = self._scenario.functions[self._name].runtime
        async with Lazily(lambda: make(wanted, runtime, index=_index(wanted))) as sandbox:
            lock = wanted.lock or _usable(wanted, kept) or await self._found_out(wanted, sandbox)
            packages, _ = wanted.packages.read_lock(lock, wanted.manifest)
            self._log.append(
                DependenciesLocked(
                    function=self._function,
                    packages=tuple(LockedPackage(name=each.name, version=each.version) for each in packages),
                    file=wanted.packages.lock,
                    lock=lock,
                )
            )
            key = _key(wanted, lock)
            async with building[key], _alone(self._store, key, clock):
                installed = self._store.find(key)
                was_there = installed is not None
                if installed is None:
                    installed = await self._install(wanted, sandbox, lock, key, packages)
        self._log.append(
            DependenciesInstalled(function=self._function, bytes=installed.facts["bytes"], was_there=was_there)
        )
        return installed

    async def _found_out(self, wanted: Requirements, sandbox: Lazily) -> str:
        """Which packages that are now, or were a moment ago."""
        base = (await asyncio.to_thread(_index, wanted)).address.base
        key = _hash(wanted.index, base, wanted.release, machine(), wanted.manifest)
        lock = _usable(wanted, self._store.recent_lock(key))
        if not lock:
            text = await (await sandbox.started()).lock()
            _, lock = wanted.packages.read_lock(text, wanted.manifest)
            self._store.note_lock(key, lock)
        return lock

    async def _install(
        self, wanted: Requirements, sandbox: Lazily, lock: str, key: str, packages: Sequence[Locked]
    ) -> Installed:
        with self._store.draft() as draft:
            try:
                await (await sandbox.started()).install(lock, draft)
            except IndexAway as away:
                raise IndexAway(str(away), [f"{each.name} {each.version}" for each in packages]) from away
            return await asyncio.to_thread(self._store.keep, draft, key, {"index": wanted.index})


def _index(wanted: Requirements) -> ReachableIndex:
    """The index that it is asked of.

    :raises RefusedRequirementError: this installation has none of that kind.
    """
    found = reachable(wanted.index)
    if found is None:
        variable = VARIABLES[wanted.index]
        raise RefusedRequirementError(say("packages-not-offered", path=wanted.packages.manifest, variable=variable))
    return found


def _usable(wanted: Requirements, kept: str) -> str:
    """A kept lock, if it is one for what is asked for now."""
    try:
        return wanted.packages.read_lock(kept, wanted.manifest)[1] if kept else ""
    except RefusedRequirementError:
        return ""


def _key(requirements: Requirements, lock: str) -> str:
    """Names what is installed: the lock, what it is for, and how it is done."""
    return _hash(
        _FORMATS[requirements.index], requirements.index, requirements.release, machine(), requirements.manifest, lock
    )


def _hash(*said: str) -> str:
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:32]


@asynccontextmanager
async def _alone(store: Store, key: str, clock: Clock) -> AsyncIterator[None]:
    """Wait until no other process builds the same."""
    while (held := store.try_to_hold(key)) is None:
        await clock.sleep(_POLL_S)
    with held:
        yield
