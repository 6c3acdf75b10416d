"""What all runtimes of Python have in common. Pure."""

from __future__ import annotations

from typing import Final

import tree_sitter_python
from tree_sitter import Language as Syntax

from sandbox_runner.runtimes.model import REQUEST_ID, Grammar, Language, Runtime, WheelsRecipe

_GRAMMAR: Final = Grammar(
    language=Syntax(tree_sitter_python.language()),
    text=frozenset({"string_content"}),
    number=frozenset({"integer", "float"}),
    name=frozenset({"identifier"}),
    function=frozenset({"function_definition", "lambda"}),
    parameters=frozenset({"parameters", "lambda_parameters"}),
    assignment=frozenset({"assignment", "augmented_assignment", "named_expression"}),
    declaration=frozenset({"function_definition", "class_definition"}),
    update=frozenset({"delete_statement"}),
    member=frozenset({"attribute", "subscript"}),
    call="call",
)


def module_name(path: str) -> str:
    """``lib.store`` for ``lib/store.py``; a package is its folder."""
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


LANGUAGE: Final = Language(
    key="python",
    label="Python",
    logged_name="python",
    interpreter="python",
    suffixes=(".py",),
    default_file="app.py",
    default_handler="app.handler",
    module_name=module_name,
    module_root="python-module",
    grammar=_GRAMMAR,
    # aws/aws-lambda-python-runtime-interface-client, awslambdaric/bootstrap.py (_setup_logging).
    log_frame=rf"\[[A-Z]+\]\t\d{{4}}-\d\d-\d\dT[\d:.]+Z\t(?P<id>{REQUEST_ID}|-)?\t",
    # A ContextVar's.
    value_behind_get="context",
    finds_process_places=True,
    # The order of sets: https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED
    steady_variables={"PYTHONHASHSEED": "0"},
)


def release(version: str, wheels: tuple[str, ...], *, is_default: bool = False) -> Runtime:
    """The runtime of Python ``version`` whose client is unpacked from ``wheels``."""
    program = f"/var/lang/bin/python{version}"
    return Runtime(
        identifier=f"python{version}",
        release=version,
        language=LANGUAGE,
        recipe=WheelsRecipe(version, wheels),
        # The image's own interpreter is asked for its patch level while the image is built.
        versions={"python": version, **dict(wheel.split("==") for wheel in wheels)},
        command=(program, "-m", "awslambdaric"),
        probed_command=(
            program,
            "{probes}/python_probe.py",
            "{descriptor}",
            "{leaves}",
            "{bytes}",
            "{handler}",
            "{restore}",
        ),
        environment={"PYTHONPATH": "/var/runtime"},
        is_default=is_default,
    )
