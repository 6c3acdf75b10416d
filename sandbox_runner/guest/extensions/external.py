"""The processes of external extensions: one for each file of ``/opt/extensions``.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html for their variables;
aws/aws-lambda-runtime-interface-emulator, internal/lambda/agents/agent.go for which files, in the order of their names.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..function.error_types import exit_text
from ..function.pipes import STDERR, STDOUT, OutputPipes
from ..function.processes import Launch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..function.output import PhaseLog
    from ..function.processes import Processes

FOLDER: Final = Path("/opt/extensions")

# "The following environment variables are not available for extensions", on the page above; AWS's emulator withholds
# everything that begins with an underscore.
_WITHHELD: Final = frozenset(
    {
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)


def extension_files(folder: Path = FOLDER) -> list[str]:
    """The names of the external extensions: whatever is no folder, in order."""
    with suppress(OSError):
        return sorted(entry.name for entry in folder.iterdir() if not entry.is_dir())
    return []


def extension_variables(runtime: Mapping[str, str]) -> dict[str, str]:
    """What an extension's process has of the runtime's variables."""
    return {name: value for name, value in runtime.items() if name not in _WITHHELD and not name.startswith("_")}


class ExternalProcesses:
    """Starts them, reads what they write, and knows how each of them ended.

    ``on_lines`` is called when there is output.
    """

    def __init__(self, processes: Processes, log: PhaseLog, line_bytes_max: int, on_lines: Callable[[], None]) -> None:
        self._processes, self._log = processes, log
        self._line_bytes_max, self._on_lines = line_bytes_max, on_lines
        self._running: dict[str, int] = {}
        self._pipes: list[OutputPipes] = []

    def start(self, name: str, variables: Mapping[str, str]) -> None:
        """Start the file of that name.

        :raises OSError: it cannot be started.
        """
        output = OutputPipes(self._log, self._line_bytes_max, self._on_lines, extension=name)
        self._pipes.append(output)
        try:
            self._running[name] = self._processes.start_beside(
                Launch(
                    command=[str(FOLDER / name)],
                    environment=variables,
                    stdout=output.child_end(STDOUT),
                    stderr=output.child_end(STDERR),
                    inherited=[],
                    folder="/",
                )
            )
        finally:
            output.started()

    @property
    def running(self) -> frozenset[str]:
        """The names of those that have not ended, as far as has been noticed."""
        return frozenset(self._running)

    def take_ended(self) -> list[tuple[str, str, bool]]:
        """Those that ended since the last call: name, how, and whether by an exit status of 0."""
        found = []
        for name, pid in list(self._running.items()):
            status = self._processes.take_ended(pid)
            if status is not None:
                del self._running[name]
                found.append((name, exit_text(status) or "exit code 0", status == 0))
        return found

    def kill(self, name: str) -> None:
        """Kill it and its process group."""
        if name in self._running:
            with suppress(ProcessLookupError):
                os.killpg(self._running[name], signal.SIGKILL)

    def drain(self) -> None:
        """Read everything written so far."""
        for each in self._pipes:
            each.drain()

    def pause(self) -> None:
        """Stop reading, so that writers block."""
        for each in self._pipes:
            each.pause()

    def resume(self) -> None:
        """Resume reading."""
        for each in self._pipes:
            each.resume()

    def close(self) -> None:
        """All of them are dead: discard their pipes."""
        for each in self._pipes:
            each.close()
        self._pipes.clear()
        self._running.clear()
