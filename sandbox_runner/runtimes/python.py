"""What all runtimes of Python have in common. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import tree_sitter_python
from tree_sitter import Language as Syntax

from sandbox_runner.runtimes.model import (
    REQUEST_ID,
    Exported,
    Grammar,
    Language,
    LoadErrors,
    Module,
    Runtime,
    VariableReads,
    WheelsRecipe,
    source,
)
from sandbox_runner.runtimes.python_modules import STANDARD_LIBRARY
from sandbox_runner.runtimes.python_requirements import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

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


# Below these names are still the module's; the last is what the grammar did not understand.
_BLOCKS: Final = frozenset(
    {
        "if_statement",
        "else_clause",
        "try_statement",
        "except_clause",
        "finally_clause",
        "with_statement",
        "block",
        "ERROR",
    }
)
_IMPORTS: Final = frozenset({"import_statement", "import_from_statement", "future_import_statement"})


def read_module(root: Node) -> Module:
    """The functions and other names at a module's level."""
    statements = list(_statements(root))
    exported = tuple(found for node in statements for found in _names(node))
    kinds = (*_IMPORTS, "function_definition", "class_definition", "decorated_definition")
    return Module(exported, sum(node.type in kinds for node in statements))


def _statements(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node is root or node.type in _BLOCKS:
            waiting.extend(reversed(node.named_children))
        else:
            yield node


def _names(node: Node) -> Iterator[Exported]:
    defined = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
    if defined is not None and defined.type == "function_definition":
        parameters = defined.child_by_field_name("parameters")
        names = tuple(source(each) for each in parameters.named_children) if parameters is not None else ()
        yield Exported(source(defined.child_by_field_name("name")), names)
    elif node.type == "import_from_statement":
        for each in node.children_by_field_name("name"):
            yield Exported(source(each.child_by_field_name("alias") or each), None)
    elif node.type == "expression_statement" and node.named_children and node.named_children[0].type == "assignment":
        left = node.named_children[0].child_by_field_name("left")
        if left is not None and left.type == "identifier":
            yield Exported(source(left), None)


# aws/aws-lambda-python-runtime-interface-client, awslambdaric/bootstrap.py (_get_handler).
_LOAD_ERRORS: Final = LoadErrors(
    around=r"\AUnable to import module '[^']*': |\ASyntax error in module '[^']*': | \([^()]*, line \d+\)\Z"
    r"| \(/var/task/[^()]*\)\Z",
    missing=r"No module named '(?P<module>[^']+)'",
    not_exported=r"cannot import name '(?P<name>[^']+)' from (?:partially initialized module )?'(?P<module>[^']+)'",
    place=r'File "/var/task/(?P<file>[^"\n]+)",? [Ll]ine (?P<line>\d+)',
    innermost=-1,
    unexpected=r"(?:\Aunmatched )?'(?P<token>[^'\w]{1,3})'(?: was never closed)?\Z",
    at_end=r"\Aexpected ",
    at_start=r"\bindent",
    variable=r"\AKeyError: '(?P<name>[A-Za-z][A-Za-z0-9_]*)'\Z",
    variable_reader=r"\benviron\b",
    of_no_value=frozenset({"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "RecursionError"}),
)
# Of a function that reads one, what follows the name is what it gives instead.
_VARIABLES: Final = VariableReads(
    read=r"""\b(?:(?P<fails>environ\[)|(?:environ\.get|getenv)\()\s*["'](?P<name>\w+)["']\s*"""
    r"""(?(fails)\](?!\s*=[^=])|(?P<instead>,)?)""",
    given=r"\s*(?P<name>\w+)\s*(?::[^=\n]{1,80})?=",
)

LANGUAGE: Final = Language(
    key="python",
    label="Python",
    written_in="Python",
    logged_name="python",
    interpreter="python",
    suffixes=(".py",),
    default_file="app.py",
    default_handler="app.handler",
    module_name=module_name,
    module_root="python-module",
    grammar=_GRAMMAR,
    read_module=read_module,
    typical=(
        r"^[ \t]*(?:async[ \t]+)?def[ \t]+(?P<name>\w+)[ \t]*\(|^[ \t]*from[ \t]+[\w.]+[ \t]+import[ \t(]"
        r"|^[ \t]*import[ \t]+[\w.]+(?:[ \t]+as[ \t]+\w+)?[ \t]*$|^[ \t]*class[ \t]+\w+(?:\([^\n{]*\))?:"
        r"|^[ \t]*(?:elif\b.*|except\b.*|try|else|with\b.*):[ \t]*$"
    ),
    handler_names=("lambda_handler", "handler"),
    load_errors=_LOAD_ERRORS,
    own_modules=STANDARD_LIBRARY,
    # aws/aws-lambda-python-runtime-interface-client, awslambdaric/bootstrap.py (_setup_logging).
    log_frame=rf"\[[A-Z]+\]\t\d{{4}}-\d\d-\d\dT[\d:.]+Z\t(?P<id>{REQUEST_ID}|-)?\t",
    # A ContextVar's.
    value_behind_get="context",
    package_file="__init__.py",
    # The order of sets: https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED
    steady_variables={"PYTHONHASHSEED": "0"},
    packages=PACKAGES,
    variables=_VARIABLES,
)


CLIENT: Final = ("awslambdaric==4.2.2", "simplejson==4.3.0", "snapshot-restore-py==1.0.0")
"""The wheels of AWS's client, which is one for all releases of Python."""


# Their client starts a process for each request that may be under way, and each imports the function itself.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-python-runtime.html and
# aws/aws-lambda-python-runtime-interface-client, awslambdaric/lambda_multi_concurrent_utils.py.
_SEVERAL_SINCE: Final = 13


def release(
    version: str,
    wheels: tuple[str, ...],
    sdk: tuple[str, ...],
    *,
    suite: str = "trixie",
    is_default: bool = False,
    on_demand: bool = False,
) -> Runtime:
    """The runtime of Python ``version`` whose client is unpacked from ``wheels``, AWS's SDK from those of ``sdk``.

    :param suite: the release of Debian that has this Python.
    """
    program = f"/var/lang/bin/python{version}"
    return Runtime(
        identifier=f"python{version}",
        release=version,
        language=LANGUAGE,
        recipe=WheelsRecipe(version, wheels, sdk),
        # The image's own interpreter is asked for its patch level while the image is built.
        versions={"python": version, **_numbers(wheels)},
        sdk=_numbers(sdk),
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
        several={} if int(version.partition(".")[2]) >= _SEVERAL_SINCE else None,
        suite=suite,
        is_default=is_default,
        on_demand=on_demand,
    )


def _numbers(wheels: tuple[str, ...]) -> dict[str, str]:
    return dict(wheel.split("==") for wheel in wheels)
