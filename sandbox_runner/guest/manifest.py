"""The runtimes of this sandbox: ``runtimes.json``, written when the image is built."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from .apis import metadata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RUNTIMES: Final = Path("/usr/lib/lambda")
_PROBES: Final = Path(__file__).parent / "probes"
_TELEMETRY_VARIABLE: Final = "_LAMBDA_TELEMETRY_LOG_FD"


class EntryPointError(Exception):
    """The program that the function brings cannot be started; in the service's words.

    Recorded in awslabs/aws-lambda-dart-runtime, issue 20, and awslabs/swift-aws-lambda-runtime, issue 541.
    """


@dataclass(frozen=True, slots=True)
class Runtime:
    """One runtime. The handler is appended to ``command``; ``environment`` is what a managed runtime sets itself.

    ``entry_points`` are the places of a program that the function brings, which is started instead of ``command``.

    ``probed`` is the command that goes through the runtime's probe, with places to fill in; empty without a probe.
    ``unless`` has words of both that are left out where a variable has a word: left out, variable, its word.
    ``with_packages`` has words that follow the program where packages are installed for the function.
    ``transformed`` has words of both that are left out where no file of the function was transformed;
    ``transformer`` is the command that does it.
    ``with_trust`` has words that follow the program where it is to trust the system's certificates.
    """

    name: str
    identifier: str
    versions: Mapping[str, str]
    command: tuple[str, ...]
    probed: tuple[str, ...]
    environment: Mapping[str, str]
    unless: tuple[tuple[str, str, str], ...] = ()
    with_packages: tuple[str, ...] = ()
    transformed: tuple[str, ...] = ()
    transformer: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    with_trust: tuple[str, ...] = ()

    def as_asked_by(self, given: Mapping[str, str], *, transformed: bool = False, trusting: bool = False) -> Runtime:
        """The same without the words that the function's variables take out of its commands, and its files."""
        out = {word for word, variable, asked in self.unless if asked in given.get(variable, "").split()}
        out |= set() if transformed else set(self.transformed)
        command, probed = (tuple(word for word in words if word not in out) for words in (self.command, self.probed))
        left = replace(self, command=command, probed=probed)
        return left.with_words(self.with_trust) if trusting else left

    def with_installed(self) -> Runtime:
        """The same for a function with packages."""
        return self.with_words(self.with_packages)

    def with_words(self, more: tuple[str, ...]) -> Runtime:
        """The same with words that follow the program."""
        command, probed = ((*words[:1], *more, *words[1:]) for words in (self.command, self.probed))
        return replace(self, command=command, probed=probed)

    def launch_command(self, handler: str) -> list[str]:
        """The command that runs ``handler``.

        :raises EntryPointError: the function has no program to start.
        """
        if not self.entry_points:
            return [*self.command, handler]
        found = next((path for path in self.entry_points if Path(path).exists()), None)
        if found is None:
            # The service's own words, in Go's way of writing a list.
            raise EntryPointError(f"Couldn't find valid bootstrap(s): [{' '.join(self.entry_points)}]")
        return [found]

    def not_started(self, problem: OSError, command: Sequence[str]) -> Exception:
        """What a problem with starting ``command`` is: the function's, where the program is its own."""
        if not self.entry_points or problem.errno is None:
            return problem
        return EntryPointError(f"fork/exec {command[0]}: {os.strerror(problem.errno).lower()}")

    def probed_command(
        self, handler: str, descriptor: int, leaves_max: int, bytes_max: int, restore: str = ""
    ) -> list[str] | None:
        """The command that runs ``handler`` through this runtime's probe; ``None`` without a probe.

        :param restore: what the probe puts back, as :class:`.wire.Configure` has it.
        """
        places = {
            "probes": str(_PROBES),
            "probes_url": _PROBES.as_uri(),
            "descriptor": descriptor,
            "leaves": leaves_max,
            "bytes": bytes_max,
            "handler": handler,
            "restore": restore,
            "restore_quoted": quote(restore),
        }
        return [word.format_map(places) for word in self.probed] or None

    def launch_environment(self, given: Mapping[str, str], handler: str, api: str, telemetry: int) -> dict[str, str]:
        """The process's whole environment: defaults, overridden by the host's values and then by our own."""
        return {
            **self.environment,
            "_HANDLER": handler,
            **given,
            "AWS_LAMBDA_RUNTIME_API": api,
            **metadata.variables(api),
            _TELEMETRY_VARIABLE: str(telemetry),
        }


def read_manifest(path: Path = RUNTIMES / "runtimes.json") -> dict[str, Runtime]:
    """Every runtime by name.

    :raises OSError: there is no manifest.
    :raises ValueError: it is not a valid manifest.
    """
    return {name: _runtime(name, entry) for name, entry in json.loads(path.read_text()).items()}


def _runtime(name: str, entry: Mapping[str, object]) -> Runtime:
    identifier, versions, environment = entry["identifier"], entry["versions"], entry["environment"]
    command, probed, unless = entry["command"], entry["probed_command"], entry["unless"]
    with_packages = entry.get("with_packages")
    transformed, transformer = entry["transformed"], entry["transformer"]
    good = isinstance(versions, dict) and isinstance(command, list) and isinstance(environment, dict)
    good = good and isinstance(transformed, list) and isinstance(transformer, list)
    if not good or not isinstance(identifier, str) or not isinstance(probed, list) or not isinstance(unless, list):
        raise ValueError(f"the manifest's entry of {name} is not complete")
    assert isinstance(versions, dict)
    assert isinstance(command, list)
    assert isinstance(environment, dict)
    left_out = tuple((word, variable, asked) for word, variable, asked in unless)
    assert isinstance(transformed, list)
    assert isinstance(transformer, list)
    commands = tuple(command), tuple(probed)
    words = tuple(with_packages) if isinstance(with_packages, list) else ()
    programs = entry["entry_points"]
    assert isinstance(programs, list)
    transforming = tuple(transformed), tuple(transformer)
    trusting = tuple(entry["with_trust"]) if isinstance(entry["with_trust"], list) else ()
    more = tuple(programs), trusting
    return Runtime(name, identifier, versions, *commands, environment, left_out, words, *transforming, *more)
