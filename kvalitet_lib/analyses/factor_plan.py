"""What is asked about a factor, and what is held equal for it: as the causal graph says, or as the caller does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from kvalitet_lib.analyses.causal_graph import CausalGraph
from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.rows import need_columns, variables_of
from kvalitet_lib.errors import ContractError

NAME = "factor_association"


@dataclass(frozen=True)
class Plan:
    """What is held equal for one factor, and what no back door can be closed with; ``given`` by a graph, or by the caller."""

    factor: str
    held: tuple[str, ...]
    in_the_way: tuple[str, ...] = ()
    open_path: str = ""
    by: str = ""


def plan_of(rows: pd.DataFrame, outcome: str, factor: str, graph: CausalGraph | None, adjust: Sequence[str] | None) -> Plan:
    """What to hold equal for one factor, as the graph says or as the caller does.

    Raises
    ------
    ContractError
        The graph refuses what the caller would hold equal.
    """
    if graph is None:
        held = [adjust] if isinstance(adjust, str) else list(adjust or ())
        need_columns(rows, held, NAME)
        if factor in held or outcome in held:
            raise ContractError(f"{NAME}: neither outcome nor factor can be held equal. Leave them out of adjust.")
        return Plan(factor, tuple(held), by="caller" if held else "")
    if adjust is None:
        found = graph.adjustment(factor, outcome, map(str, rows.columns))
        return Plan(factor, tuple(graph.column(node) for node in found.held), found.in_the_way, found.open_path, "graph")
    nodes = [graph.node(name) for name in ([adjust] if isinstance(adjust, str) else adjust)]
    graph.refuse(factor, nodes, outcome)
    if unmeasured := [node for node in nodes if not graph.nodes[node].measured]:
        raise ContractError(f"{', '.join(unmeasured)} is not measured, so it cannot be held equal. Leave it out of adjust.")
    return Plan(
        factor, tuple(graph.column(node) for node in nodes), open_path=graph.left_open(factor, nodes, outcome), by="graph"
    )


def asked(
    outcome: str, factor: str | Sequence[str], graph: CausalGraph | None, adjust: Sequence[str] | None
) -> tuple[str, list[str], list[str]]:
    """The outcome's column, the factors' columns, and all columns of the formula, when there is one."""
    formula = variables_of(outcome, NAME) if "~" in outcome else []
    if formula and adjust is not None:
        raise ContractError(f"{NAME}: the formula says what is held equal. Leave out adjust, or name columns instead.")
    named = [factor] if isinstance(factor, str) and factor else list(factor)
    if not named and graph is not None:
        named = [graph.column(node) for node in graph.factors]
    if not named or len(set(named)) < len(named):
        raise ContractError(f"{NAME} needs the name of a factor, each once:  {NAME}(rows, outcome, 'absent')")
    if formula and (strange := [one for one in named if one not in formula[1:]]):
        raise ContractError(f"{NAME}: {', '.join(strange)} is not in the formula {outcome!r}. Write it there, too.")
    name = formula[0] if formula else outcome
    if name in named:
        raise ContractError(f"{NAME}: {name!r} is the outcome and cannot be a factor, too.")
    return name, named, formula


def doors(plan: Plan) -> Check:
    """Whether all back doors are closed; for the reader to judge when no graph says which there are."""
    if plan.by != "graph":
        return Check("association_back_doors", None, Claim.SUGGESTS_EFFECT, len(plan.held), about=", ".join(plan.held) or "–")
    way = ", ".join(plan.in_the_way) or plan.open_path
    about = way if plan.open_path else ", ".join(plan.held) or "–"
    return Check("association_back_doors", not plan.open_path, Claim.DIFFERS, len(plan.held), about=about)
