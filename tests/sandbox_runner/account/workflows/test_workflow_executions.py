"""How an execution moves: states, retries, catchers, branches, waits, and what bounds it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from sandbox_runner.account.inside.workflows import problems
from sandbox_runner.account.inside.workflows.account import Executions, read_or_refused
from sandbox_runner.account.inside.workflows.problems import StateError
from sandbox_runner.account.inside.workflows.tasks import Called
from sandbox_runner.account.workflow_news import read_news

BEGUN_MS = 1_700_000_000_000
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
RETRY = {"ErrorEquals": ["Oops"], "IntervalSeconds": 2, "MaxAttempts": 2, "BackoffRate": 3}


@pytest.fixture(autouse=True)
def _carried(monkeypatch):
    monkeypatch.setattr(problems, "LEFT", {"bytes": 32 * 1_048_576})


class World:
    """An account with one state machine; tasks answer by ``answer(payload, how often)``."""

    def __init__(self, states, answer=None, *, start="A", states_max=1_000, **machine):
        self.executions = Executions(self._call, {"executions": 2, "states": states_max})
        self.machine = SimpleNamespace(
            name="m",
            arn="arn:aws:states:us-east-1:123456789012:stateMachine:m",
            roleArn="arn:aws:iam::123456789012:role/r",
            definition=json.dumps({"StartAt": start, "States": states, **machine}),
        )
        self.answer = answer or (lambda payload, _times: payload)
        self.now_ms, self.asked, self.told, self.calls = BEGUN_MS, [], [], []
        self.kept = None

    def _call(self, service, operation, parameters):
        self.calls.append((service, operation, parameters))
        if parameters.get("fail"):
            return Called(400, b"{}", {}, StateError("DynamoDB.ConditionalCheckFailedException", "no"))
        return Called(200, b"{}", {"MessageId": "1"})

    def start(self, given=None, name="e"):
        """Begin an execution."""
        self.kept = SimpleNamespace(
            execution_arn=f"arn:aws:states:us-east-1:123456789012:execution:m:{name}",
            name=name,
            start_date=datetime.fromtimestamp(self.now_ms / 1_000, UTC),
            execution_input=json.dumps({} if given is None else given),
            status="",
            output=None,
        )
        self.executions.begin("request-3/1")
        self.executions.start(self.kept, self.machine)
        return self

    def move(self, done=()):
        """Ask once; returns the tasks to be done."""
        self.executions.begin("workflows/1")
        news = read_news(json.dumps(self.executions.advance(self.now_ms, list(done))).encode())
        self.told += news.told
        return [each for each in news.told if each.what == "invoke"], news

    def play(self, given=None):
        """All of it, waits skipped."""
        self.start(given)
        tasks, news = self.move()
        while tasks or news.due_ms is not None or news.more:
            done = []
            for each in tasks:
                self.asked.append((each.state, json.loads(each.payload), self.now_ms - BEGUN_MS))
                came = self.answer(json.loads(each.payload), len(self.asked))
                failed = isinstance(came, StateError)
                body = json.dumps({"errorType": came.name, "errorMessage": came.cause} if failed else came)
                done.append(
                    {
                        "execution": each.execution,
                        "task": each.task,
                        "is_direct": each.is_direct,
                        "body": body,
                        "failed": failed,
                    }
                )
            if not tasks and not news.more:
                self.now_ms = news.due_ms
            tasks, news = self.move(done)
        return self

    @property
    def output(self):
        return json.loads(self.kept.output) if self.kept.output else None

    def happened(self, *whats):
        return [(each.what, each.state) for each in self.told if each.what in whats]

    @property
    def history(self):
        return [each["type"] for each in self.executions.events(self.kept.execution_arn)]


def task(**fields):
    return {"Type": "Task", "Resource": FUNCTION, "End": True, **fields}


def fails(times, name="Oops"):
    return lambda payload, number: StateError(name, "again") if number <= times else payload


def test_a_function_gets_the_input_and_its_answer_is_the_output():
    world = World({"A": task()}).play({"n": 1})
    assert (world.kept.status, world.asked, world.output) == ("SUCCEEDED", [("A", {"n": 1}, 0)], {"n": 1})
    assert world.history == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]


def test_a_function_that_is_invoked_by_the_integration_answers_in_a_payload():
    resource = "arn:aws:states:::lambda:invoke"
    states = {"A": task(Resource=resource, Parameters={"FunctionName": "f", "Payload.$": "$.inner"})}
    world = World(states).play({"inner": 7})
    assert world.asked == [("A", 7, 0)]
    assert world.output == {"ExecutedVersion": "$LATEST", "Payload": 7, "StatusCode": 200}


def test_input_and_output_are_cut_selected_and_put_beside_each_other():
    state = task(
        InputPath="$.given",
        Parameters={"x.$": "$.x", "by.$": "$$.Execution.Name"},
        ResultSelector={"doubled.$": "$.x"},
        ResultPath="$.result",
        OutputPath="$.result",
    )
    world = World({"A": state}).play({"given": {"x": 4}})
    assert world.asked == [("A", {"x": 4, "by": "e"}, 0)]
    assert world.output == {"doubled": 4}


def test_a_task_is_tried_again_after_waits_that_grow():
    world = World({"A": task(Retry=[RETRY])}, fails(2)).play()
    assert [at for _, _, at in world.asked] == [0, 2_000, 8_000]
    assert (world.kept.status, world.happened("retried")) == ("SUCCEEDED", [("retried", "A")] * 2)


def test_a_task_that_fails_too_often_fails_the_execution_with_its_error():
    world = World({"A": task(Retry=[RETRY])}, fails(9)).play()
    assert (world.kept.status, world.kept.error, len(world.asked)) == ("FAILED", "Oops", 3)
    assert json.loads(world.kept.cause) == {"errorType": "Oops", "errorMessage": "again"}


@pytest.mark.parametrize(
    ("names", "error", "is_caught"),
    [
        (["States.ALL"], "Oops", True),
        (["States.TaskFailed"], "Oops", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["Other"], "Oops", False),
        (["States.ALL"], "States.Runtime", False),
    ],
)
def test_an_error_is_caught_by_its_name_or_by_one_that_means_it(names, error, is_caught):
    states = {
        "A": task(Catch=[{"ErrorEquals": names, "ResultPath": "$.error", "Next": "B"}]),
        "B": {"Type": "Pass", "End": True},
    }
    world = World(states, fails(1, error)).play({"kept": 1})
    assert (world.kept.status == "SUCCEEDED") is is_caught
    if is_caught:
        assert (world.output["kept"], world.output["error"]["Error"]) == (1, error)
        assert "LambdaFunctionSucceeded" not in world.history


def test_a_choice_goes_where_the_first_rule_says_that_holds():
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in ("Small", "Large")}
    rules = [{"Variable": "$.n", "NumericLessThan": 5, "Next": "Small"}]
    states = {"A": {"Type": "Choice", "Choices": rules, "Default": "Large"}, **ends}
    assert [World(states).play({"n": n}).output for n in (1, 9)] == ["Small", "Large"]
    without = {"A": {"Type": "Choice", "Choices": rules}, **ends}
    assert World(without).play({"n": 9}).kept.error == "States.NoChoiceMatched"


def test_waits_pass_on_the_clock_that_the_host_has():
    states = {
        "A": {"Type": "Wait", "Seconds": 300, "Next": "B"},
        "B": {"Type": "Wait", "TimestampPath": "$.until", "End": True},
    }
    world = World(states).play({"until": "2023-11-15T00:00:00Z"})
    assert world.now_ms == 1_700_006_400_000
    assert (world.kept.status, world.asked) == ("SUCCEEDED", [])


def test_a_map_has_its_items_done_as_many_at_a_time_as_it_says_and_keeps_their_order():
    inner = {"StartAt": "I", "States": {"I": task()}}
    selector = {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"}
    states = {
        "A": {
            "Type": "Map",
            "MaxConcurrency": 2,
            "ItemsPath": "$.all",
            "ItemSelector": selector,
            "Iterator": inner,
            "End": True,
        }
    }
    world = World(states).start({"all": ["a", "b", "c"]})
    first, _ = world.move()
    assert [json.loads(each.payload) for each in first] == [{"v": "a", "i": 0}, {"v": "b", "i": 1}]
    assert [each.place for each in first] == ["0", "1"]

    played = World(states).play({"all": ["a", "b", "c"]})
    assert [each["v"] for each in played.output] == ["a", "b", "c"]


def test_a_branch_that_fails_stops_the_others_and_the_parallel_state_is_caught():
    branches = [
        {"StartAt": "X", "States": {"X": task()}},
        {"StartAt": "Y", "States": {"Y": {"Type": "Wait", "Seconds": 9, "End": True}}},
    ]
    states = {
        "A": {"Type": "Parallel", "Branches": branches, "Catch": [{"ErrorEquals": ["Oops"], "Next": "B"}], "End": True},
        "B": {"Type": "Succeed"},
    }
    world = World(states, fails(1)).play()
    assert (world.kept.status, world.output["Error"]) == ("SUCCEEDED", "Oops")
    assert world.happened("failed", "aborted", "caught") == [("failed", "X"), ("aborted", "Y"), ("caught", "A")]


def test_branches_give_a_list_of_their_outputs():
    branches = [
        {"StartAt": name, "States": {name: {"Type": "Pass", "Result": name, "End": True}}} for name in ("X", "Y")
    ]
    assert World({"A": {"Type": "Parallel", "Branches": branches, "End": True}}).play().output == ["X", "Y"]


def test_a_fail_state_ends_the_execution_with_its_error_and_cause():
    world = World({"A": {"Type": "Fail", "Error": "Mine", "Cause": "because"}}).play()
    assert (world.kept.status, world.kept.error, world.kept.cause) == ("FAILED", "Mine", "because")


def test_a_task_over_its_time_fails_and_what_comes_later_is_forgotten():
    world = World({"A": task(TimeoutSeconds=5)}).start()
    (asked,), news = world.move()
    world.now_ms = news.due_ms
    world.move()
    world.move([{"execution": asked.execution, "task": asked.task, "body": "1", "failed": False}])
    assert (world.now_ms - BEGUN_MS, world.kept.status, world.kept.error) == (5_000, "FAILED", "States.Timeout")


def test_a_service_is_called_by_the_account_and_its_error_can_be_caught():
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": "q", "MessageBody.$": "$"},
    }
    fail = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": {"fail": True}, "End": True}
    states = {"A": {**call, "ResultPath": None, "Next": "B"}, "B": fail}
    world = World(states).play({"n": 1})
    assert world.calls[0] == ("sqs", "sendMessage", {"QueueUrl": "q", "MessageBody": '{"n":1}'})
    assert world.kept.error == "DynamoDB.ConditionalCheckFailedException"


def test_a_token_is_waited_for_until_it_comes_back():
    parameters = {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}}
    world = World(
        {"A": task(Resource="arn:aws:states:::lambda:invoke.waitForTaskToken", Parameters=parameters)}
    ).start()
    (asked,), _ = world.move()
    token = json.loads(asked.payload)["token"]
    world.move([{"execution": asked.execution, "task": asked.task, "body": "1", "failed": False}])
    assert world.kept.status == "RUNNING"
    assert not world.executions.sent_back("another", 0)
    assert world.executions.sent_back(token, {"approved": True})
    world.move()
    assert (world.kept.status, world.output) == ("SUCCEEDED", {"approved": True})


def test_a_storm_of_states_ends_with_a_sentence_that_says_how_many_are_played():
    world = World({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}, states_max=50).play()
    assert world.kept.status == "FAILED"
    assert world.kept.cause == "Holdover enters 50 states in a run, and this is one more"
    assert len(world.happened("entered")) == 51


def test_a_catcher_whose_result_fits_nowhere_catches_nothing():
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "B"}]
    world = World({"A": task(Catch=catch), "B": {"Type": "Succeed"}}, fails(1)).play("no object")
    assert (world.kept.status, world.kept.error) == ("FAILED", "States.ResultPathMatchFailure")


MANY_RULES = [{"Variable": "$", "IsNull": True, "Next": "B"}] * 2_500
DEEP = [[[[[1] * 9] * 9] * 9] * 9]


@pytest.mark.parametrize(
    ("states", "given", "cause"),
    [
        ({"A": {"Type": "Pass", "InputPath": "$..*..*..*..*", "End": True}}, DEEP, "Holdover reads 20000 values"),
        (
            {"A": {"Type": "Pass", "Parameters": {"a.$": f"States.Format('{'{}' * 90}'{', $' * 90})"}, "End": True}},
            "x" * 9_999,
            "longer than a state's data may be",
        ),
        ({"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:" + "a" * 9_000, "End": True}}, {}, ""),
        ({"A\ud800": {"Type": "Pass", "Result": "\udfff", "End": True}}, {}, ""),
        ({"A": {"Type": "Choice", "Choices": MANY_RULES, "Default": "B"}, "B": {"Type": "Succeed"}}, {}, ""),
    ],
)
def test_whatever_a_definition_asks_for_the_host_hears_of_an_end(states, given, cause):
    world = World(states, start=next(iter(states))).play(given)
    assert world.told[-1].what == "ended"
    assert cause in world.told[-1].cause


def test_no_wait_is_longer_than_an_execution_may_last():
    world = World({"A": {"Type": "Wait", "Timestamp": "9999-12-31T23:59:59Z", "End": True}}).play()
    assert world.now_ms - BEGUN_MS == 366 * 24 * 3_600 * 1_000


def test_executions_over_the_most_are_refused_and_counted():
    world = World({"A": task()})
    assert [world.start(name=name).executions.has_room() for name in ("1", "2")] == [True, False]
    _, news = world.move()
    assert news.refused == 1


def test_more_items_than_are_played_fail_the_execution():
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    world = World({"A": {"Type": "Map", "Iterator": inner, "End": True}}).play([0] * 1_001)
    assert "1000 items" in world.kept.cause


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ("{", "INVALID_JSON_DESCRIPTION"),
        ("[" * 100_000, "INVALID_JSON_DESCRIPTION"),
        ({"StartAt": "A", "States": {}}, "SCHEMA_VALIDATION_FAILED"),
        ({"StartAt": "B", "States": {"A": task()}}, "MISSING_TRANSITION_TARGET"),
        ({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}, "MISSING_TRANSITION_TARGET"),
        ({"StartAt": "A", "States": {"A": {"Type": "Pass"}}}, "either Next or End"),
        ({"StartAt": "A", "States": {"A": {"Type": "Sleep"}}}, "SCHEMA_VALIDATION_FAILED"),
        ({"StartAt": "A", "States": {"A": task(Resource="f")}}, "INVALID_RESOURCE"),
        ({"StartAt": "A", "States": {"A": task(InputPath="a")}}, "INVALID_JSON_PATH"),
        ({"StartAt": "A", "States": {"A": task(ResultPath="$.a[*]")}}, "INVALID_JSON_PATH"),
        ({"StartAt": "A", "States": {"A": task(Parameters={"a.$": "no"})}}, "INVALID_INTRINSIC_FUNCTION"),
        ({"StartAt": "A", "States": {"A": task(Retry=[{"ErrorEquals": []}])}}, "ErrorEquals"),
        ({"StartAt": "A", "States": {"A": task(Retry=7)}}, "value of another type"),
        ({"StartAt": "A", "TimeoutSeconds": "9", "States": {"A": task()}}, "TimeoutSeconds"),
        ({"StartAt": "A", "States": {"A": task(InputPath="$" + ".a" * 2_000)}}, "2000 characters"),
        (
            {"StartAt": "A", "QueryLanguage": "JSONata", "States": {"A": task()}},
            "set QueryLanguage to JSONPath, and write Parameters",
        ),
        ({"StartAt": "A", "States": {f"S{n}": {"Type": "Succeed"} for n in range(201)} | {"A": task()}}, "200 states"),
    ],
)
def test_a_definition_that_is_none_is_refused_with_the_code_that_step_functions_has(definition, code):
    text = definition if isinstance(definition, str) else json.dumps(definition)
    (said,) = read_or_refused(text)
    assert said.startswith("Invalid State Machine Definition: '")
    assert code in said


def test_the_graph_has_every_state_with_where_it_is_and_every_way():
    inner = {
        "StartAt": "I",
        "States": {"I": task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "J"}]), "J": {"Type": "Succeed"}},
    }
    world = World({"A": {"Type": "Map", "Iterator": inner, "Next": "B"}, "B": {"Type": "Succeed"}}).start([])
    world.move()
    graph = world.told[0].graph
    assert [(each.name, each.inside, each.says) for each in graph.states] == [
        ("A", "", ""),
        ("I", "A", "f"),
        ("J", "A", ""),
        ("B", "", ""),
    ]
    assert {(each.of, each.to, each.kind) for each in graph.edges} == {("A", "B", "next"), ("I", "J", "catch")}
    assert world.told[0].cause == "request-3/1"
