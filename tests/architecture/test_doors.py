"""Tasks are doors: ids in, one call to the domain, nothing else."""

import ast

from tests.architecture.project import functions, sources

STATEMENTS_MAX = 5


def statements(function):
    counted = [node for node in ast.walk(function) if isinstance(node, ast.stmt)]
    return len(counted) - 1 - (1 if ast.get_docstring(function) else 0)


def test_a_task_is_a_door():
    tasks = {
        f"{name}:{dotted}": statements(node)
        for name in sources("playground")
        if name.endswith("/tasks.py")
        for dotted, node in functions(name)
    }
    assert tasks
    assert not {task: count for task, count in tasks.items() if count > STATEMENTS_MAX}, "move the work to execution.py"
