"""The project's own files, as the architecture tests read them."""

import ast
import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@functools.cache
def files():
    """Every file of the project that is tracked or about to be, relative to its root, sorted."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return tuple(sorted({name for name in listed if name and (ROOT / name).is_file()}))


def sources(*folders):
    """Python files below ``folders``; generated migrations, specimens and examples are nobody's prose."""
    return [
        name
        for name in files()
        if name.endswith(".py")
        and name.split("/")[0] in folders
        and "/migrations/" not in name
        and "/gallery/incidents/" not in name
        and "/editor/example_code/" not in name
        and "/corpus/" not in name
    ]


@functools.cache
def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


@functools.cache
def tree(name):
    return ast.parse(text(name), filename=name)


@functools.cache
def functions(name):
    """Every function of a file with its dotted name, methods and inner ones included."""

    def walk(node, prefix):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                dotted = f"{prefix}{child.name}"
                if not isinstance(child, ast.ClassDef):
                    yield dotted, child
                yield from walk(child, f"{dotted}.")
            else:
                yield from walk(child, prefix)

    return tuple(walk(tree(name), ""))


@functools.cache
def nodes(name):
    """Every node of a file, in no order that matters: walking them is what most of the time here goes to."""
    return tuple(ast.walk(tree(name)))


def imports(name, *, typing_too=True):
    """What a file imports, ``module`` or ``module.name``, with the number of leading dots and the line."""
    skipped = set() if typing_too else _under_type_checking(name)
    for node in nodes(name):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (
                (f"{node.module or ''}.{alias.name}".lstrip("."), node.level, node.lineno) for alias in node.names
            )


def _under_type_checking(name):
    return {
        id(inner)
        for node in nodes(name)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for child in node.body
        for inner in ast.walk(child)
    }
