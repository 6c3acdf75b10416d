"""Where the states of a state machine are drawn, and the ways between them. Pure.

States are in rows, by how many others come before them at most; what a Parallel or a Map state has inside is drawn
inside of it. A way that skips a row, or leads back, goes round by the right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox_runner.events.workflow_graph import GraphEdge, GraphState, WorkflowGraph

WIDTH: Final = 176
HEIGHT: Final = 68
GAP_X: Final = 16
GAP_Y: Final = 36
PAD: Final = 12
# The name, the type and how it ended, above what is inside.
HEAD: Final = 56
LANE: Final = 10


@dataclass(frozen=True, slots=True)
class Box:
    """A state's place."""

    name: str
    x: int
    y: int
    width: int
    height: int
    depth: int

    def moved(self, x: int, y: int) -> Box:
        """The same elsewhere."""
        return replace(self, x=self.x + x, y=self.y + y)


@dataclass(frozen=True, slots=True)
class Way:
    """A line from a state to another; ``label_x`` and ``label_y`` are beside its beginning."""

    of: str
    to: str
    kind: str
    path: str
    label_x: int
    label_y: int


@dataclass(frozen=True, slots=True)
class Layout:
    """All of it, in a picture that is ``width`` wide and ``height`` high."""

    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]
    width: int
    height: int


def layout(graph: WorkflowGraph) -> Layout:
    """The places of everything."""
    boxes, width, height = _machine(graph, "", 0)
    found = {box.name: box.moved(PAD, PAD) for box in boxes}
    ways, lanes = [], 0
    for edge in graph.edges:
        if edge.of in found and edge.to in found:
            one, other = found[edge.of], found[edge.to]
            is_round = other.y != _below(one, found.values())
            lanes += is_round
            ways.append(_way(edge, one, other, width + PAD + LANE * lanes if is_round else 0))
    right = width + 2 * PAD + LANE * (lanes + 1 if lanes else 0)
    return Layout(tuple(found.values()), tuple(ways), right, height + 2 * PAD)


def _machine(graph: WorkflowGraph, inside: str, depth: int) -> tuple[list[Box], int, int]:
    """The boxes of what is inside of a state, from 0, and how much room they take."""
    states = [state for state in graph.states if state.inside == inside]
    rows = _rows(states, graph.edges)
    parts = {state.name: _state(graph, state, depth) for state in states}
    widths = [sum(parts[name][1] for name in row) + GAP_X * (len(row) - 1) for row in rows]
    width, y, found = max(widths, default=0), 0, []
    for row, row_width in zip(rows, widths, strict=True):
        x = (width - row_width) // 2
        for name in row:
            boxes, part_width, _ = parts[name]
            found += [box.moved(x, y) for box in boxes]
            x += part_width + GAP_X
        y += max(parts[name][2] for name in row) + GAP_Y
    return found, width, max(0, y - GAP_Y)


def _state(graph: WorkflowGraph, state: GraphState, depth: int) -> tuple[list[Box], int, int]:
    if state.type not in {"Parallel", "Map"}:
        return [Box(state.name, 0, 0, WIDTH, HEIGHT, depth)], WIDTH, HEIGHT
    inner, width, height = _machine(graph, state.name, depth + 1)
    whole_width, whole_height = max(WIDTH, width + 2 * PAD), HEAD + height + PAD
    left = (whole_width - width) // 2
    box = Box(state.name, 0, 0, whole_width, whole_height, depth)
    return [box, *(each.moved(left, HEAD) for each in inner)], whole_width, whole_height


def _rows(states: Sequence[GraphState], edges: Sequence[GraphEdge]) -> list[list[str]]:
    """The names in each row: a state is below all from which a way leads to it, ways back aside."""
    names = [state.name for state in states]
    following: Mapping[str, list[str]] = {
        name: [edge.to for edge in edges if edge.of == name and edge.to in names] for name in names
    }
    order = _order(names, following)
    place = {name: at for at, name in enumerate(order)}
    row = dict.fromkeys(names, 0)
    for name in order:
        for other in following[name]:
            if place[other] > place[name]:
                row[other] = max(row[other], row[name] + 1)
    return [[name for name in names if row[name] == at] for at in range(max(row.values(), default=-1) + 1)]


def _order(names: Sequence[str], following: Mapping[str, Sequence[str]]) -> list[str]:
    """Each before those that follow, ways back aside."""
    done: list[str] = []
    seen: set[str] = set()
    reached = {other for others in following.values() for other in others}
    for first in sorted(names, key=lambda name: name in reached):
        left = [(first, iter(following[first]))] if first not in seen else []
        seen.add(first)
        while left:
            name, others = left[-1]
            other = next((each for each in others if each not in seen), None)
            if other is None:
                done.append(name)
                left.pop()
            else:
                seen.add(other)
                left.append((other, iter(following[other])))
    return done[::-1]


def _below(box: Box, boxes: Iterable[Box]) -> int:
    """Where the next row begins, of those that are beside it and its own."""
    return min((each.y for each in boxes if each.depth == box.depth and each.y >= box.y + box.height), default=-1)


def _way(edge: GraphEdge, one: Box, other: Box, lane_x: int) -> Way:
    if lane_x:
        start_y, end_y = one.y + one.height // 2 + 8, other.y + 18
        path = f"M{one.x + one.width} {start_y}H{lane_x}V{end_y}H{other.x + other.width}"
        return Way(edge.of, edge.to, edge.kind, path, one.x + one.width + 4, start_y - 4)
    start_x, start_y = one.x + one.width // 2, one.y + one.height
    end_x, half_y = other.x + other.width // 2, other.y - GAP_Y // 2
    path = f"M{start_x} {start_y}V{half_y}H{end_x}V{other.y}"
    return Way(edge.of, edge.to, edge.kind, path, end_x + 10, other.y - 8)
