"""Handlers to begin with: what the home page is filled with, and what scenario templates play where there is no other.

Each is a file of ``example_code``, once for every language that has examples.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playground.editor.form_state import FileRow, FormState
from sandbox_runner.runtimes import registry

if TYPE_CHECKING:
    from playground.editor.form_state import StepRow

_FOLDER: Final = Path(__file__).with_name("example_code")
HANDLER: Final = "app.handler"


def _runtimes() -> dict[str, str]:
    endings = sorted({file.suffix for file in _FOLDER.iterdir()})
    languages = {ending: registry.language_of_file(f"app{ending}") for ending in endings}
    return {ending: registry.newest_of(language).identifier for ending, language in languages.items() if language}


RUNTIMES: Final = _runtimes()
"""The endings of the files, and the runtime that each begins with; the first is what the home page shows."""


@cache
def texts(name: str) -> dict[str, str]:
    """The example's code by the ending of its file."""
    return {ending: (_FOLDER / f"{name}{ending}").read_text("utf-8") for ending in RUNTIMES}


def example_form(name: str, ending: str, steps: tuple[StepRow, ...]) -> FormState:
    """A form with that example's code and these steps."""
    row = FileRow(f"app{ending}", texts(name)[ending])
    return FormState(runtime=RUNTIMES[ending], handler=HANDLER, files=(row,), steps=steps)
