"""Where to draw the nodes and arrows of a graph without circles: in columns, arrows around nodes, with few crossings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import numpy as np

SWEEPS = 24
ROOM, LANE = 1.0, 0.34  # height taken by a node, and by an arrow that passes a column
Point = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Places of nodes, and the points each arrow runs through, from node to node; columns are 1 apart."""

    nodes: dict[str, Point]
    arrows: dict[tuple[str, str], list[Point]]
    columns: int
    height: float


def layout(graph: nx.DiGraph) -> Layout:
    """Columns from what comes first to what comes last; an arrow over several columns has a lane of its own in each.

    References
    ----------
    Sugiyama, K., Tagawa, S. & Toda, M. (1981). Methods for visual understanding of hierarchical system structures.
    IEEE Trans. Syst. Man Cybern. 11(2), 109-125.
    """
    column = {node: at for at, layer in enumerate(nx.topological_generations(graph)) for node in layer}
    # What nothing points to stands beside what it points to first, not at the far left.
    for node in graph:
        if not graph.in_degree(node) and graph.out_degree(node):
            column[node] = max(0, min(column[after] for after in graph.successors(node)) - 1)
    lanes = nx.DiGraph()
    lanes.add_nodes_from((node, {"column": column[node], "room": ROOM}) for node in graph)
    through = {}
    for start, end in graph.edges:
        between = [(start, end, at) for at in range(column[start] + 1, column[end])]
        lanes.add_nodes_from((lane, {"column": lane[2], "room": LANE}) for lane in between)
        nx.add_path(lanes, [start, *between, end])
        through[start, end] = [start, *between, end]
    layers = _in_order(lanes, max(column.values()) + 1)
    height = max(sum(lanes.nodes[one]["room"] for one in layer) for layer in layers)
    at = _heights(lanes, layers, height)
    places = {one: (float(lanes.nodes[one]["column"]), at[one]) for one in lanes}
    arrows = {edge: [places[one] for one in points] for edge, points in through.items()}
    return Layout({node: places[node] for node in graph}, arrows, len(layers), height)


def _in_order(lanes: nx.DiGraph, columns: int) -> list[list[object]]:
    """The nodes and lanes of each column, top to bottom, so that neighbours stand level with each other."""
    layers: list[list[object]] = [[one for one in lanes if lanes.nodes[one]["column"] == at] for at in range(columns)]
    best, fewest = [list(layer) for layer in layers], _crossings(lanes, layers)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else layers[::-1]:
            rank = {one: place / len(other) for other in layers for place, one in enumerate(other)}
            beside = lanes.predecessors if forward else lanes.successors
            wanted = {one: float(np.mean([rank[near] for near in beside(one)] or [rank[one]])) for one in layer}
            layer.sort(key=lambda one, wanted=wanted: wanted[one])  # type: ignore[misc]
        if (crossings := _crossings(lanes, layers)) < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    return best


def _crossings(lanes: nx.DiGraph, layers: list[list[object]]) -> int:
    total = 0
    for layer, after in pairwise(layers):
        place = {one: at for at, one in enumerate(after)}
        ends = [place[end] for one in layer for end in sorted(lanes.successors(one), key=place.__getitem__)]
        total += sum(earlier > later for at, later in enumerate(ends) for earlier in ends[:at])
    return total


def _heights(lanes: nx.DiGraph, layers: list[list[object]], height: float) -> dict[object, float]:
    """Each column's nodes in their order, as near to their neighbours as their room allows, from the top (0) down."""
    room = {one: lanes.nodes[one]["room"] for one in lanes}
    at: dict[object, float] = {}
    for layer in layers:
        spare = (height - sum(room[one] for one in layer)) / (len(layer) + 1)
        down = spare
        for one in layer:
            at[one] = down + room[one] / 2
            down += room[one] + spare
    for _ in range(8):
        for layer in layers:
            wanted = [float(np.mean([at[near] for near in nx.all_neighbors(lanes, one)] or [at[one]])) for one in layer]
            for one, place in zip(layer, _apart(wanted, [room[one] for one in layer], height), strict=True):
                at[one] = place
    return at


def _apart(wanted: list[float], room: list[float], height: float) -> list[float]:
    """Places in order, no nearer than their room, moved as little as a pass down and one up allow."""
    down: list[float] = []
    for at, (place, own) in enumerate(zip(wanted, room, strict=True)):
        least = own / 2 if not at else down[-1] + (room[at - 1] + own) / 2
        down.append(max(place, least))
    most = height
    for at in range(len(down) - 1, -1, -1):
        down[at] = min(down[at], most - room[at] / 2)
        most = down[at] - room[at] / 2
    return down
