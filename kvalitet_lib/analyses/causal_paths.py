"""Paths in a causal graph: which are open, what closes them, and what must not be held equal."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx


@dataclass(frozen=True)
class Adjustment:
    """What to hold equal in order to ask what goes with a factor.

    Attributes
    ----------
    held : tuple of str
        Measured nodes that close the back doors, as far as any can.
    in_the_way : tuple of str
        Nodes that nobody has measured and without which a back door stays open; empty when ``held`` closes them all.
    open_path : str
        One back door that stays open, written ``factor ← node → outcome``; empty when none does.
    """

    held: tuple[str, ...]
    in_the_way: tuple[str, ...] = ()
    open_path: str = ""


def adjustment(graph: nx.DiGraph, factor: str, outcome: str, measured: Iterable[str]) -> Adjustment:
    """The smallest set we find that closes every back door from factor to outcome, of measured nodes if they suffice.

    No set holds a descendant of the factor, so that the factor's own ways to the outcome are left as they are (the back-door
    criterion). A node that is not measured is asked for only when no set does without it.

    References
    ----------
    Pearl, J. (2009). Causality, 2nd ed. Cambridge University Press, section 3.3.1.
    van der Zander, B. & Liśkiewicz, M. (2020). Finding minimal d-separators in linear time and applications.
    Proc. Mach. Learn. Res. 115, 637-647 (what networkx searches with).
    """
    doors = back_doors(graph, factor)
    allowed = set(graph) - nx.descendants(graph, factor) - {factor, outcome}
    known = allowed & set(measured)
    for unmeasured in sorted(allowed - known):
        if _closing(doors, factor, outcome, allowed - {unmeasured}) is not None:
            allowed = allowed - {unmeasured}
    found = _closing(doors, factor, outcome, allowed)
    in_order = list(nx.topological_sort(graph))
    if found is None or nx.has_path(graph, outcome, factor):  # the outcome comes before the factor: no set can help
        return Adjustment((), (), path_said(graph, open_path(doors, factor, outcome, ())))
    held = tuple(node for node in in_order if node in found & known)
    in_the_way = tuple(node for node in in_order if node in found - known)
    kept = _without_opening(graph, factor, outcome, set(held), known)
    held = tuple(node for node in in_order if node in kept)
    return Adjustment(held, in_the_way, path_said(graph, open_path(doors, factor, outcome, held)))


def back_doors(graph: nx.DiGraph, factor: str) -> nx.DiGraph:
    """The graph without the arrows that leave the factor: what still joins factor and outcome comes in by a back door."""
    doors: nx.DiGraph = graph.copy()
    doors.remove_edges_from(list(graph.out_edges(factor)))
    return doors


@dataclass(frozen=True)
class Refusal:
    """Why one node must not be held equal: ``kind`` is mediator, collider or consequence; ``said`` names the path."""

    node: str
    kind: str
    said: str


def refusals(graph: nx.DiGraph, factor: str, outcome: str, given: Sequence[str]) -> list[Refusal]:
    """What of the given must not be held equal when asking what goes with the factor; empty when all may."""
    after = nx.descendants(graph, factor)
    reasons = [_descendant(graph, factor, outcome, node) for node in given if node in after]
    if reasons:
        return reasons
    found = _opened_by(graph, factor, outcome, given)
    if found is None:
        return []
    path, nodes = found
    said = (
        "Holding {} equal opens a path that is closed as long as nobody looks: {}. Two arrows meet at {} (a collider), so that "
        "factor and outcome would seem to go together where they do not."
    )
    if closers := _closers(graph, path, set(graph) - after):
        said += f" Leave it out, or hold {' or '.join(closers)} equal, too."
    whole = path_said(graph, path)
    return [Refusal(node, "collider", said.format(node, whole, _met_at(graph, path, node))) for node in nodes]


def open_path(graph: nx.DiGraph, start: str, end: str, given: Iterable[str]) -> list[str]:
    """A shortest path along which two nodes depend on one another once others are held equal; empty when there is none.

    A path goes on through a node that is not held, unless two arrows meet there; where they meet it goes on only if that
    node, or one that comes after it, is held.
    """
    held = set(given)
    opened = held | {before for node in held for before in nx.ancestors(graph, node)}
    first = (start, False)
    came: dict[tuple[str, bool], tuple[str, bool] | None] = {first: None}
    waiting = deque([first])
    while waiting:
        place = waiting.popleft()
        node, by_arrowhead = place
        if node == end:
            return _back(came, place)
        onward = [] if node in held else [(after, True) for after in graph.successors(node)]
        goes_back = node in opened if by_arrowhead else node not in held
        onward += [(before, False) for before in graph.predecessors(node)] if goes_back else []
        for step in onward:
            if step not in came and step[0] != start:
                came[step] = place
                waiting.append(step)
    return []


def opened_path(graph: nx.DiGraph, factor: str, outcome: str, given: Sequence[str]) -> str:
    """A back door on which two arrows meet that is open only since nodes are held, as people write it; empty when none is."""
    found = _opened_by(graph, factor, outcome, given)
    return path_said(graph, found[0]) if found else ""


def path_said(graph: nx.DiGraph, path: Sequence[str]) -> str:
    """A path as people write it: ``absent ← health → outcome``."""
    if not path:
        return ""
    steps = [f" {'→' if graph.has_edge(one, other) else '←'} {other}" for one, other in pairwise(path)]
    return path[0] + "".join(steps)


def _without_opening(graph: nx.DiGraph, factor: str, outcome: str, held: set[str], known: set[str]) -> set[str]:
    """Where what is missing would have closed a path that holding a node opens: close it in another way, or leave the node."""
    given_up: set[str] = set()
    while opened := _opened_by(graph, factor, outcome, sorted(held)):
        path, nodes = opened
        if closing := _closers(graph, path, known - given_up):
            held = held | {closing[0]}
        else:
            held, given_up = held - set(nodes), given_up | set(nodes)
    return held


def _closers(graph: nx.DiGraph, path: Sequence[str], known: set[str]) -> list[str]:
    """Nodes on a path that would close it, were they held."""
    return [node for node in path[1:-1] if node in known and node not in _colliders(graph, path)]


def _closing(doors: nx.DiGraph, factor: str, outcome: str, allowed: set[str]) -> set[str] | None:
    found: set[str] | None = nx.find_minimal_d_separator(doors, factor, outcome, restricted=allowed)
    return found


def _descendant(graph: nx.DiGraph, factor: str, outcome: str, node: str) -> Refusal:
    way = nx.shortest_path(graph, factor, node)
    if nx.has_path(graph, node, outcome):
        whole = path_said(graph, [*way, *nx.shortest_path(graph, node, outcome)[1:]])
        said = f"it lies on the way from {factor} to {outcome} ({whole}), and holding it equal takes away what is asked for."
        return Refusal(node, "mediator", f"{node} is a mediator: {said}")
    without = graph.subgraph(set(graph) - {outcome})
    past = nx.has_path(without, factor, node)
    if past and nx.has_path(graph, outcome, node):
        whole = path_said(graph, [*nx.shortest_path(without, factor, node), *nx.shortest_path(graph, outcome, node)[-2::-1]])
        said = f"both {factor} and {outcome} bear on it ({whole}), and holding it equal makes them go together as they do not."
        return Refusal(node, "collider", f"{node} is a collider: {said}")
    if not past:
        whole = path_said(graph, nx.shortest_path(graph, outcome, node))
        return Refusal(
            node, "consequence", f"{node} comes after the outcome ({whole}), and holding it equal takes away what it came of."
        )
    said = f"{node} comes after the factor ({path_said(graph, way)}), and holding it equal takes away a part of the factor."
    return Refusal(node, "consequence", said)


def _opened_by(graph: nx.DiGraph, factor: str, outcome: str, given: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """A back door on which two arrows meet that is open only since nodes are held, and those nodes."""
    doors, held = back_doors(graph, factor), set(given)
    if not open_path(doors, factor, outcome, held):
        return None
    opened = held | {before for node in held for before in nx.ancestors(doors, node)}
    # An open path runs among what comes before its ends and what is held.
    inside = {factor, outcome} | nx.ancestors(doors, factor) | nx.ancestors(doors, outcome) | opened
    for longest in range(4, len(inside) + 1):
        path = _through_a_collider(doors, [factor], outcome, held, opened, inside, longest)
        if path:
            met = _colliders(doors, path)
            return path, [node for node in given if any(node == one or nx.has_path(doors, one, node) for one in met)]
    return None


def _through_a_collider(
    doors: nx.DiGraph, path: list[str], end: str, held: set[str], opened: set[str], inside: set[str], longest: int
) -> list[str]:
    """An open path of at most so many nodes that goes on from here and meets a collider; empty when there is none."""
    here = path[-1]
    if here == end:
        return path if _colliders(doors, path) else []
    if len(path) == longest:
        return []
    for after in sorted((set(doors.successors(here)) | set(doors.predecessors(here))) & inside - set(path)):
        if len(path) > 1:
            meet = doors.has_edge(path[-2], here) and doors.has_edge(after, here)
            if (here not in opened) if meet else (here in held):
                continue
        if found := _through_a_collider(doors, [*path, after], end, held, opened, inside, longest):
            return found
    return []


def _colliders(graph: nx.DiGraph, path: Sequence[str]) -> list[str]:
    triples = zip(path, path[1:], path[2:], strict=False)
    return [middle for one, middle, other in triples if graph.has_edge(one, middle) and graph.has_edge(other, middle)]


def _met_at(graph: nx.DiGraph, path: Sequence[str], node: str) -> str:
    return next(one for one in _colliders(graph, path) if one == node or nx.has_path(graph, one, node))


def _back(came: dict[tuple[str, bool], tuple[str, bool] | None], place: tuple[str, bool] | None) -> list[str]:
    path = []
    while place is not None:
        path.append(place[0])
        place = came[place]
    return path[::-1]
