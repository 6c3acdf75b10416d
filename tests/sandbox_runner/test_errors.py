"""The tree of errors: who is to blame, and what a person is told."""

import inspect
import re

import pytest

from sandbox_runner import errors

RAISED = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", RAISED)
def test_every_error_is_of_the_one_tree(kind):
    assert issubclass(kind, errors.HoldoverError)


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        (errors.HoldoverError, Exception),
        (errors.ScenarioError, errors.HoldoverError),
        (errors.RunCancelled, errors.HoldoverError),
        (errors.OurFailure, errors.HoldoverError),
        (errors.BackendUnavailable, errors.OurFailure),
        (errors.EngineAway, errors.BackendUnavailable),
        (errors.RunNotBegun, errors.BackendUnavailable),
        (errors.SandboxLost, errors.OurFailure),
        (errors.ProtocolViolation, errors.OurFailure),
        (errors.IllegalTransition, errors.OurFailure),
    ],
)
def test_blame_is_where_the_tree_puts_it(kind, parent):
    assert kind.__bases__ == (parent,)


def test_the_tree_drawn_in_the_docstring_is_the_tree():
    drawn = re.findall(r"^ +[│├└─ ]*([A-Z]\w+)(?: {2,}|$)", errors.__doc__, re.MULTILINE)
    assert sorted(drawn) == sorted(kind.__name__ for kind in RAISED)


@pytest.mark.parametrize(
    ("line", "shown"),
    [(None, "say more"), (7, "line 7: say more")],
    ids=["no line is known", "the line leads"],
)
def test_a_scenario_error_is_one_sentence(line, shown):
    assert str(errors.ScenarioError("say more", field="steps[0]", line=line)) == shown


def test_a_scenario_error_keeps_where_it_was():
    error = errors.ScenarioError("say more", field="steps[2].invoke", line=9, column=4)
    assert (error.problem, error.field, error.line, error.column) == ("say more", "steps[2].invoke", 9, 4)
