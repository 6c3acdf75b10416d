"""A stranger finds the file for a behaviour in one guess: where ``docs/architecture.md`` says, by its own name."""

import ast
import re
from pathlib import PurePosixPath

from tests.architecture.project import files, text, tree

DOCUMENT = text("docs/architecture.md")
BEHAVIOURS = re.findall(r"^\| ([^|`]+) \| `([\w/]+\.py)` \| `(\w+)` \|$", DOCUMENT, re.MULTILINE)
PACKAGES = ("sandbox_runner", "playground")


def rows_of(package):
    """The table of that package's folders: for each the folders that a row names, and what it says."""
    table = re.search(rf"^\| folder of `{package}/` \|.*?\n\n", DOCUMENT, re.MULTILINE | re.DOTALL)[0]
    rows = re.findall(r"^\| (`.+?) \| (.+) \|$", table, re.MULTILINE)
    return [(re.findall(r"`(\w+)`", named), said) for named, said in rows]


def words(said):
    return {word.lower() for word in re.findall(r"[A-Za-z]+", said)}


def defined(name):
    for node in tree(name).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_there_are_behaviours_enough_to_mean_something():
    assert len(BEHAVIOURS) >= 20
    assert len({path.rpartition("/")[0] for _, path, _ in BEHAVIOURS}) >= 15


def test_each_behaviour_is_where_the_table_says():
    missing = [
        f"{path}: {name}" for _, path, name in BEHAVIOURS if path not in files() or name not in set(defined(path))
    ]
    assert not missing


def test_each_behaviour_s_file_has_a_name_that_the_behaviour_is_called_by():
    unguessed = [
        path for behaviour, path, _ in BEHAVIOURS if not set(PurePosixPath(path).stem.split("_")) <= {*words(behaviour)}
    ]
    assert not unguessed


def test_every_folder_is_in_the_tables_and_nothing_else_is():
    for package in PACKAGES:
        told = [folder for named, _ in rows_of(package) for folder in named]
        there = {
            name.split("/")[1] for name in files() if name.startswith(f"{package}/") and name.endswith("/__init__.py")
        }
        assert sorted(told) == sorted(there - {"__init__.py"})
