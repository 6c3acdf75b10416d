"""How executions of state machines are drawn, and which requests their states lead to."""

from __future__ import annotations

from itertools import combinations

import pytest
from django.template.loader import render_to_string

from playground.run_page.presenter import live_page
from playground.run_page.workflows.anchors import execution_anchor
from playground.run_page.workflows.graph_layout import layout
from playground.run_page.workflows.view import workflows_view
from sandbox_runner.events.records import Cause, Event, WorkflowEnded, WorkflowMoved, WorkflowStarted
from sandbox_runner.events.workflow_graph import GraphEdge, GraphState, WorkflowGraph
from sandbox_runner.results.model import InvocationResult, Outcome
from tests import builders

ARN = "arn:aws:states:us-east-1:123456789012:execution:pushes:<one>"


def graph(states, *edges, starts=("Each",)):
    made = tuple(GraphState(name=name, type=kind, inside=inside) for name, kind, inside in states)
    ways = tuple(GraphEdge(of=of, to=to, kind=kind) for of, to, kind in edges)
    return WorkflowGraph(states=made, edges=ways, starts=starts)


GRAPH = graph(
    [
        ("Each", "Map", ""),
        ("Push", "Task", "Each"),
        ("Aside", "Pass", "Each"),
        ("Check", "Choice", ""),
        ("End", "Succeed", ""),
    ],
    ("Each", "Check", "next"),
    ("Push", "Aside", "catch"),
    ("Check", "End", "default"),
    ("Check", "Each", "choice"),
)


def events(*records):
    return tuple(
        Event(seq=at, at_us=at * 1_000, service_at_us=at * 60_000_000, record=record)
        for at, record in enumerate(records, 1)
    )


def moved(what, state, **fields):
    return WorkflowMoved(execution=ARN, what=what, state=state, **fields)


STARTED = WorkflowStarted(execution=ARN, machine="pushes", name="<one>", request=1, input="{}", graph=GRAPH)
EVENTS = events(
    STARTED,
    moved("entered", "Each"),
    moved("entered", "Push", place="0"),
    moved("entered", "Push", place="1"),
    moved("exited", "Push", place="0", text='{"<b>": 1}'),
    moved("retried", "Push", place="1", error="KeyError", wait_s=60.0),
    moved("caught", "Push", place="1", error="KeyError"),
    moved("exited", "Push", place="1"),
    WorkflowEnded(execution=ARN, status="FAILED", error="Mine", cause="<script>", left_out=3, refused=7),
)


def request(index, cause=None, outcome=Outcome.SUCCESS):
    fields = {"index": index, "attempt": 1, "principal": "a", "payload": "{}", "outcome": outcome, "function": "push"}
    return InvocationResult.model_validate({**BLANK, **fields, "cause": cause})


BLANK = {
    "request_id": "r",
    "environment": "env-1",
    "start": "cold",
    "invocation_type": "sync",
    "status_code": 200,
    "response": "1",
    "arrived_us": 0,
    "answered_us": 1,
}
CAUSE = Cause(kind="workflow", name="pushes", request=1, state="Push", execution=ARN)
REQUESTS = (request(1), *(request(index, CAUSE) for index in range(2, 8)))


def test_a_state_says_how_each_visit_ended_and_links_to_its_requests():
    (one,) = workflows_view(EVENTS, REQUESTS).executions
    states = {state.name: state for state in one.states}
    push = states["Push"]
    assert push.tone == "caught"
    assert push.title == "Push, Task: ◆ 1 caught, ↻ 1 retry, ✓ 1 succeeded"
    assert [(each.words, each.anchor) for each in push.requests] == [(f"#{n}", f"request-{n}") for n in (2, 3, 4, 5)]
    assert (push.ended, push.more) == ("◆1 ↻1 ✓1", "+2")
    assert (states["End"].tone, states["End"].ended) == ("none", "not reached")
    assert [each.words for each in one.requests] == [f"#{n}" for n in range(2, 8)]


def test_an_execution_says_how_it_ended_who_started_it_and_what_is_left_out():
    view = workflows_view(EVENTS, REQUESTS)
    (one,) = view.executions
    assert (one.status, one.tone, one.said) == ("failed", "bad", "Mine: <script>")
    assert (one.by.words, one.by.anchor) == ("started by request 1", "request-1")
    assert (one.left_out, view.refused, one.lasted) == (3, 7, "8 min")
    assert one.steps[4].words == "Push [1] failed with KeyError and is tried again in 60 s"


def test_an_execution_that_had_not_ended_says_so():
    (one,) = workflows_view(EVENTS[:4], ()).executions
    assert (one.status, one.tone) == ("going on when the run ended", "going")
    assert {state.name: state.tone for state in one.states}["Push"] == "going"


@pytest.mark.parametrize(
    "drawn",
    [
        GRAPH,
        graph([(name, "Pass", "") for name in "ABCDE"], *[("A", name, "choice") for name in "BCDE"]),
        graph(
            [(name, "Pass", "") for name in "ABC"],
            ("A", "B", "next"),
            ("B", "C", "next"),
            ("A", "C", "choice"),
            ("C", "A", "next"),
        ),
        graph(
            [("P", "Parallel", ""), ("M", "Map", "P"), ("X", "Task", "M"), ("Y", "Task", "P"), ("Z", "Task", "P")],
            ("Y", "Z", "next"),
        ),
    ],
)
def test_no_state_is_drawn_on_another_but_inside_of_its_own(drawn):
    placed = layout(drawn)
    boxes = {box.name: box for box in placed.boxes}
    assert set(boxes) == {state.name for state in drawn.states}
    inside = {state.name: state.inside for state in drawn.states}
    for one, other in combinations(placed.boxes, 2):
        apart = (
            one.x + one.width <= other.x
            or other.x + other.width <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y
        )
        assert apart or other.name in around(one.name, inside) or one.name in around(other.name, inside)
    for box in placed.boxes:
        assert box.x >= 0
        assert box.x + box.width <= placed.width
        assert box.y + box.height <= placed.height


def around(name, inside):
    while name := inside[name]:
        yield name


def test_a_way_leads_from_one_state_to_the_other_and_one_back_goes_round():
    ways = {(way.of, way.to): way.path for way in layout(GRAPH).ways}
    assert set(ways) == {("Each", "Check"), ("Push", "Aside"), ("Check", "End"), ("Check", "Each")}
    assert "H" in ways["Check", "Each"].split("V")[0]


def test_what_a_stranger_wrote_is_text_on_the_page():
    page = render_to_string("experiments/_workflows.html", {"workflows": workflows_view(EVENTS, REQUESTS)})
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert f'id="{execution_anchor(ARN)}"' in page
    assert "7 executions were not started" in page


def test_while_the_run_goes_on_so_does_an_execution_and_its_graph_is_on_the_live_page():
    (watched,) = live_page(builders.scenario(), EVENTS[:4], "running").workflows.executions
    (over,) = workflows_view(EVENTS[:4], ()).executions
    assert (watched.status, over.status) == ("running", "going on when the run ended")
    assert watched.states == over.states
    (failed,) = live_page(builders.scenario(), EVENTS, "proving").workflows.executions
    assert failed.status == "failed"
