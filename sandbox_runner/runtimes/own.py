"""A runtime that a function brings: a program named ``bootstrap``, in any language. Pure.

Nothing of it is read here: no file has a language, and no probe is in its process. Where the program is looked for:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.runtimes.model import Language, LoadErrors, Module, Runtime, SystemRecipe

if TYPE_CHECKING:
    from tree_sitter import Node

PROGRAM: Final = "bootstrap"
_ENTRY_POINTS: Final = (f"/var/task/{PROGRAM}", f"/opt/{PROGRAM}")
_NEVER: Final = r"(?!)"


def _module_name(path: str) -> str:
    return path


def _read_module(_: Node) -> Module:
    return Module((), 0)


LANGUAGE: Final = Language(
    key="provided",
    label="Custom runtime",
    written_in="a program named bootstrap",
    logged_name="provided",
    interpreter="",
    suffixes=(),
    default_file=PROGRAM,
    default_handler="function.handler",
    module_name=_module_name,
    module_root=None,
    grammar=None,
    read_module=_read_module,
    typical=_NEVER,
    handler_names=(),
    load_errors=LoadErrors(
        around=_NEVER, missing=_NEVER, not_exported=_NEVER, place=_NEVER, innermost=0, unexpected=_NEVER
    ),
    own_modules=frozenset(),
    log_frame=_NEVER,
    value_behind_get="cache",
)


def release(version: str) -> Runtime:
    """The runtime of Amazon Linux ``version``, played on the image's own system."""
    return Runtime(
        identifier=f"provided.{version}",
        release=version,
        language=LANGUAGE,
        recipe=SystemRecipe(),
        versions={},
        sdk={},
        command=(),
        probed_command=(),
        entry_points=_ENTRY_POINTS,
        environment={},
    )
