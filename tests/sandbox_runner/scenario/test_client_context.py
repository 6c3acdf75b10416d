"""What a client says of itself, in a scenario."""

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function

# With the frame around it, 2,685 characters, which are 3,580 in Base64.
LARGEST = {"a": "x" * 2677}


def asking(**request):
    return parse_scenario({"function": a_function(), "steps": [{"invoke": request}]})


def test_a_scenario_with_one_is_read_as_it_was_written():
    read = asking(client_context={"custom": {"a": 1}})
    assert parse_scenario(read.to_json()).steps[0].invoke.client_context == {"custom": {"a": 1}}


def test_one_of_the_largest_size_is_taken_and_one_byte_more_is_not():
    assert asking(client_context=LARGEST).steps[0].invoke.client_context == LARGEST
    with pytest.raises(ScenarioError) as raised:
        asking(client_context={"a": "x" * 2678})
    sentence = "the client context of steps[0].invoke has 3,584 bytes in Base64; Lambda takes at most 3,583"
    assert raised.value.problem == sentence


def test_one_of_an_asynchronous_request_is_refused():
    with pytest.raises(ScenarioError) as raised:
        asking(client_context={}, type="event")
    assert raised.value.problem.startswith("steps[0].invoke has a client context and is asynchronous; ")
