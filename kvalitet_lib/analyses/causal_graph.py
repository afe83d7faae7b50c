"""The causal graph that a municipality declares: what may bear on what, and so what is to be held equal in a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
from pydantic import Field, ValidationError, field_validator, model_validator

from kvalitet_lib.analyses.causal_paths import Adjustment, adjustment, back_doors, open_path, opened_path, path_said, refusals
from kvalitet_lib.errors import ContractError
from kvalitet_lib.municipality import Strict, read_settings

ID = r"^[a-z][a-z0-9_]*$"


class Node(Strict):
    """One thing in the graph; ``column`` is where it stands in the rows, when not under its own name."""

    column: str = ""
    measured: bool = True


class Edge(Strict):
    """One arrow: ``start`` (``from`` in the file) may bear on ``to``, and why somebody thinks so."""

    start: str = Field(alias="from")
    to: str
    because: str = Field(min_length=3)


class CausalGraph(Strict):
    """What may bear on what, as people who know the schools see it. No figure can tell whether they are right.

    Attributes
    ----------
    outcome : str
        The node that questions are about.
    factors : tuple of str
        Nodes whose association with the outcome is asked for.
    nodes : mapping of str to Node
    edges : tuple of Edge
    example : bool
        Drawn for a made-up municipality, to be replaced by one's own.
    """

    outcome: str
    factors: tuple[str, ...] = ()
    nodes: dict[str, Node] = Field(min_length=2)
    edges: tuple[Edge, ...] = ()
    example: bool = False

    @field_validator("nodes", mode="before")
    @classmethod
    def _bare_names(cls, nodes: Any) -> Any:
        return {name: {} if node is None else node for name, node in nodes.items()} if isinstance(nodes, dict) else nodes

    @model_validator(mode="after")
    def _hangs_together(self) -> CausalGraph:
        named = [self.outcome, *self.factors, *(end for edge in self.edges for end in (edge.start, edge.to))]
        if unknown := [name for name in dict.fromkeys(named) if name not in self.nodes]:
            raise ValueError(f"there is no node {', '.join(unknown)}; there are: {', '.join(self.nodes)}")
        if self.outcome in self.factors:
            raise ValueError(f"{self.outcome} is the outcome and cannot be a factor, too")
        columns = [self.column(name) for name in self.nodes if self.nodes[name].measured]
        if twice := sorted({name for name in columns if columns.count(name) > 1}):
            raise ValueError(f"two nodes stand in the same column: {', '.join(twice)}")
        pairs = [(edge.start, edge.to) for edge in self.edges]
        if twice := sorted({f"{start} → {to}" for start, to in pairs if pairs.count((start, to)) > 1}):
            raise ValueError(f"an arrow is drawn twice: {', '.join(twice)}")
        if not nx.is_directed_acyclic_graph(graph := nx.DiGraph(pairs)):
            circle = [start for start, _ in nx.find_cycle(graph)]
            raise ValueError(f"arrows go in a circle: {' → '.join([*circle, circle[0]])}; let one node be the earlier one")
        return self

    @classmethod
    def read(cls, path: Path) -> CausalGraph:
        """Read and check a graph, e.g. ``params/causal_graph.yml``.

        Raises
        ------
        SettingsError
            Names the file and everything wrong in it: unknown nodes, circles, arrows without a reason.
        """
        return read_settings(path, cls)

    @classmethod
    def of(
        cls,
        edges: Iterable[tuple[str, str]],
        outcome: str,
        factors: Sequence[str] = (),
        unmeasured: Sequence[str] = (),
        columns: Mapping[str, str] | None = None,
    ) -> CausalGraph:
        """A graph drawn in a notebook.

        Parameters
        ----------
        edges : iterable of (str, str)
            Arrows, ``("parents_education", "outcome")``.
        unmeasured : sequence of str
            Nodes that nobody has measured.
        columns : mapping of str to str, optional
            Columns of nodes that do not stand under their own names.

        Raises
        ------
        ContractError
            The arrows go in a circle, or name nodes that are not there.
        """
        drawn, where = list(edges), dict(columns or {})
        names = dict.fromkeys([*(end for edge in drawn for end in edge), outcome, *factors, *unmeasured])
        nodes = {name: Node(column=where.get(name, ""), measured=name not in unmeasured) for name in names}
        arrows = tuple(Edge.model_validate({"from": start, "to": to, "because": "drawn here"}) for start, to in drawn)
        try:
            return cls(outcome=outcome, factors=tuple(factors), nodes=nodes, edges=arrows)
        except ValidationError as wrong:
            faults = "; ".join(fault["msg"].removeprefix("Value error, ") for fault in wrong.errors())
            raise ContractError(f"This is no causal graph: {faults}.") from None

    @cached_property
    def arrows(self) -> nx.DiGraph:
        """The graph as networkx has it."""
        graph = nx.DiGraph()
        graph.add_nodes_from(self.nodes)
        graph.add_edges_from((edge.start, edge.to, {"because": edge.because}) for edge in self.edges)
        return graph

    @property
    def measured(self) -> tuple[str, ...]:
        return tuple(name for name, node in self.nodes.items() if node.measured)

    def column(self, node: str) -> str:
        """The column a node stands in."""
        return self.nodes[node].column or node

    def node(self, name: str) -> str:
        """The node of that name, or in that column.

        Raises
        ------
        ContractError
            The graph does not know it.
        """
        if name in self.nodes:
            return name
        for node in self.measured:
            if self.column(node) == name:
                return node
        raise ContractError(
            f"The causal graph has no node {name!r}; it has: {', '.join(self.nodes)}. Draw it in, with what bears on it."
        )

    def adjustment(self, factor: str, outcome: str = "", known: Iterable[str] | None = None) -> Adjustment:
        """What to hold equal in order to ask what goes with a factor.

        Parameters
        ----------
        factor, outcome : str
            Nodes, or their columns; the graph's own outcome when none is named.
        known : iterable of str, optional
            Columns that are there; nodes in other columns count as not measured.
        """
        one, other = self._asked(factor, outcome)
        columns = None if known is None else set(known)
        there = [node for node in self.measured if columns is None or self.column(node) in columns]
        return adjustment(self.arrows, one, other, there)

    def comes_before(self, one: str, other: str) -> bool:
        """Whether arrows lead from one node, or column, to the other."""
        return bool(nx.has_path(self.arrows, self.node(one), self.node(other)))

    def left_open(self, factor: str, held: Iterable[str], outcome: str = "") -> str:
        """A back door that is open although others are held equal, ``factor ← node → outcome``; empty when none is."""
        one, other = self._asked(factor, outcome)
        return path_said(self.arrows, open_path(back_doors(self.arrows, one), one, other, [self.node(name) for name in held]))

    def refuse(self, factor: str, held: Iterable[str], outcome: str = "") -> None:
        """Refuse to hold mediators, colliders and consequences equal.

        Raises
        ------
        ContractError
            Names each of them, the path, and why.
        """
        one, other = self._asked(factor, outcome)
        nodes = [self.node(name) for name in held]
        if one in nodes or other in nodes:
            raise ContractError(f"Neither the factor {one} nor the outcome {other} can be held equal. Leave it out of adjust.")
        if said := refusals(self.arrows, one, other, nodes):
            allowed = ", ".join(self.adjustment(one, other).held) or "nothing"
            reasons = "\n  ".join(refusal.said for refusal in said)
            raise ContractError(
                f"Not held equal when asking what goes with {one}:\n  {reasons}\nThe graph holds equal: {allowed}."
            )

    def roles(self, factor: str, outcome: str = "", known: Iterable[str] | None = None) -> pd.DataFrame:
        """One row is one node: its role when asking what goes with a factor, and the path that gives it.

        ``node, column, measured, role, because``. Roles: ``factor``, ``outcome``, ``held``, ``in_the_way`` (not measured, and a
        back door is open for want of it), ``mediator``, ``consequence``, ``collider`` and ``not_needed``.
        """
        one, other = self._asked(factor, outcome)
        found = self.adjustment(one, other, known)
        rows = [(node, self.column(node), self.nodes[node].measured, *self._role(node, one, other, found)) for node in self.nodes]
        return pd.DataFrame(rows, columns=["node", "column", "measured", "role", "because"])

    def _role(self, node: str, factor: str, outcome: str, found: Adjustment) -> tuple[str, str]:
        plain = {factor: "factor", outcome: "outcome", **dict.fromkeys(found.in_the_way, "in_the_way")}
        if node in plain:
            return plain[node], found.open_path if node in found.in_the_way else ""
        if node in found.held:
            others = [one for one in (*found.held, *found.in_the_way) if one != node]
            again = [one for one in found.held if one != node]
            return "held", self.left_open(factor, others, outcome) or opened_path(self.arrows, factor, outcome, again)
        refused = refusals(self.arrows, factor, outcome, [*found.held, node])
        return next(((one.kind, one.said) for one in refused if one.node == node), ("not_needed", ""))

    def _asked(self, factor: str, outcome: str) -> tuple[str, str]:
        one, other = self.node(factor), self.node(outcome or self.outcome)
        if one == other:
            raise ContractError(f"{one} is the outcome. Ask about another node.")
        return one, other
