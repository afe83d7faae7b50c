"""What a causal graph holds equal, what it refuses, and how it says so."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import networkx as nx
import pytest

from kvalitet_lib.analyses import causal_paths
from kvalitet_lib.analyses.causal_graph import CausalGraph
from kvalitet_lib.errors import ContractError, SettingsError

EVERYTHING = [
    ("parents", "absent"), ("parents", "results"), ("absent", "mood"), ("mood", "results"), ("absent", "talk"),
    ("results", "talk"), ("results", "diploma"), ("absent", "tired"), ("town", "absent"), ("town", "club"),
    ("friend", "club"), ("friend", "results"),
]  # fmt: skip


@pytest.fixture
def graph() -> CausalGraph:
    return CausalGraph.of(EVERYTHING, "results", ["absent"])


def test_a_confounder_is_held_equal_and_nothing_else(graph: CausalGraph):
    found = graph.adjustment("absent")
    assert found.held == ("parents",)
    assert found.in_the_way == () and found.open_path == ""


@pytest.mark.parametrize(
    ("node", "kind", "path"),
    [
        ("mood", "mediator", "absent → mood → results"),
        ("talk", "collider", "absent → talk ← results"),
        ("diploma", "comes after the outcome", "results → diploma"),
        ("tired", "comes after the factor", "absent → tired"),
        ("club", "collider", "absent ← town → club ← friend → results"),
    ],
)
def test_what_must_not_be_held_equal_is_refused_with_the_path(graph: CausalGraph, node: str, kind: str, path: str):
    with pytest.raises(ContractError) as refused:
        graph.refuse("absent", ["parents", node])
    assert node in str(refused.value) and kind in str(refused.value) and path in str(refused.value)
    assert "The graph holds equal: parents" in str(refused.value)


def test_what_comes_after_a_collider_opens_the_same_path():
    graph = CausalGraph.of([*EVERYTHING, ("club", "photo")], "results")
    with pytest.raises(ContractError, match="absent ← town → club ← friend → results"):
        graph.refuse("absent", ["photo"])


def test_a_collider_may_be_held_equal_once_its_path_is_closed_in_another_way(graph: CausalGraph):
    graph.refuse("absent", ["parents", "club", "friend"])
    assert graph.left_open("absent", ["parents", "club", "friend"]) == ""


def test_too_little_is_not_refused_but_the_path_left_open_is_named(graph: CausalGraph):
    graph.refuse("absent", [])
    assert graph.left_open("absent", []) == "absent ← parents → results"


def test_what_nobody_has_measured_is_named_when_no_set_does_without_it():
    graph = CausalGraph.of([*EVERYTHING, ("health", "absent"), ("health", "results")], "results", unmeasured=["health", "town"])
    found = graph.adjustment("absent")
    assert found.held == ("parents",)
    assert found.in_the_way == ("health",)
    assert found.open_path == "absent ← health → results"


def test_a_column_that_is_not_there_counts_as_not_measured(graph: CausalGraph):
    assert graph.adjustment("absent", known=["absent", "results", "mood"]).in_the_way == ("parents",)


def test_an_unmeasured_node_that_a_measured_one_stands_before_is_not_in_the_way():
    graph = CausalGraph.of([("town", "parents"), ("parents", "absent"), ("town", "results")], "results", unmeasured=["town"])
    assert graph.adjustment("absent") == causal_paths.Adjustment(("parents",))


def test_an_unmeasured_node_is_passed_over_when_a_measured_one_closes_the_same_path():
    graph = CausalGraph.of([("health", "absent"), ("health", "prior"), ("prior", "results")], "results", unmeasured=["health"])
    assert graph.adjustment("absent") == causal_paths.Adjustment(("prior",))


def test_a_mediator_is_not_held_although_it_would_close_a_back_door():
    arrows = [("health", "absent"), ("health", "mood"), ("absent", "mood"), ("mood", "results")]
    found = CausalGraph.of(arrows, "results", unmeasured=["health"]).adjustment("absent")
    assert found.held == () and found.in_the_way == ("health",)
    assert found.open_path == "absent ← health → mood → results"


def test_a_confounder_that_is_a_collider_too_is_held_with_what_closes_the_path_it_opens():
    arrows = [("health", "prior"), ("prior", "absent"), ("prior", "results"), ("health", "absent"), ("health", "results"),
              ("language", "prior"), ("language", "results")]  # fmt: skip
    graph = CausalGraph.of(arrows, "results", unmeasured=["health"])
    assert graph.adjustment("absent").held == ("language", "prior")


@pytest.mark.parametrize("seed", range(5))
def test_what_is_found_is_what_trying_every_set_and_every_path_finds(seed: int):
    choose = random.Random(seed)
    for _ in range(8):
        names = list("abcdef")
        choose.shuffle(names)
        graph = nx.DiGraph()
        graph.add_nodes_from(names)
        graph.add_edges_from(pair for pair in combinations(names, 2) if choose.random() < 0.45)
        factor, outcome = choose.sample(names, 2)
        measured = [name for name in names if choose.random() < 0.7]
        doors = causal_paths.back_doors(graph, factor)
        others = [name for name in names if name not in (factor, outcome)]
        allowed = [name for name in others if name in measured and name not in nx.descendants(graph, factor)]
        valid = [held for held in _subsets(allowed) if nx.is_d_separator(doors, {factor}, {outcome}, held)]
        found = causal_paths.adjustment(graph, factor, outcome, measured)
        if nx.has_path(graph, outcome, factor):
            assert found.held == () and found.open_path
        elif valid:
            assert set(found.held) in valid and found.in_the_way == () and found.open_path == ""
        else:
            assert found.in_the_way and not set(found.in_the_way) & set(measured) and found.open_path
        for held in _subsets(others):
            closed = nx.is_d_separator(doors, {factor}, {outcome}, held)
            assert (causal_paths.open_path(doors, factor, outcome, held) == []) == closed
            opened = causal_paths.opened_path(graph, factor, outcome, sorted(held))
            assert bool(opened) == _opens(doors, factor, outcome, held)


def _subsets(names: list[str]) -> list[set[str]]:
    return [set(held) for size in range(len(names) + 1) for held in combinations(names, size)]


def _opens(doors: nx.DiGraph, factor: str, outcome: str, held: set[str]) -> bool:
    before = held | {node for one in held for node in nx.ancestors(doors, one)}
    for path in nx.all_simple_paths(doors.to_undirected(), factor, outcome):
        triples = zip(path, path[1:], path[2:], strict=False)
        met = {middle for one, middle, other in triples if doors.has_edge(one, middle) and doors.has_edge(other, middle)}
        if met and all((node in before) if node in met else (node not in held) for node in path[1:-1]):
            return True
    return False


def test_every_node_has_a_role_and_the_path_that_gives_it(graph: CausalGraph):
    roles = graph.roles("absent").set_index("node")
    assert roles["role"].to_dict() == {
        "parents": "held", "absent": "factor", "results": "outcome", "mood": "mediator", "talk": "collider",
        "diploma": "consequence", "tired": "consequence", "town": "not_needed", "club": "collider", "friend": "not_needed",
    }  # fmt: skip
    assert roles.loc["parents", "because"] == "absent ← parents → results"


def test_nodes_are_found_by_name_or_by_column():
    graph = CausalGraph.of([("parents", "absent"), ("absent", "results")], "results", columns={"parents": "education"})
    assert graph.node("education") == graph.node("parents") == "parents"
    assert graph.column("parents") == "education"
    with pytest.raises(ContractError, match="no node 'intake'"):
        graph.node("intake")


def test_factor_and_outcome_are_not_held_equal(graph: CausalGraph):
    with pytest.raises(ContractError, match="can be held equal"):
        graph.refuse("absent", ["results"])
    with pytest.raises(ContractError, match="is the outcome"):
        graph.adjustment("results")


def test_arrows_that_go_in_a_circle_are_refused_with_the_circle():
    with pytest.raises(ContractError, match=r"a → b → c → a|b → c → a → b|c → a → b → c"):
        CausalGraph.of([("a", "b"), ("b", "c"), ("c", "a")], "a")


WRONG = {
    "there is no node home": "outcome: a\nnodes: {a: , b: }\nedges: [{from: home, to: a, because: why not}]",
    "arrows go in a circle: a → b → a": (
        "outcome: a\nnodes: {a: , b: }\nedges: [{from: a, to: b, because: why not}, {from: b, to: a, because: why not}]"
    ),
    "edges.0.because": "outcome: a\nnodes: {a: , b: }\nedges: [{from: b, to: a}]",
    "cannot be a factor": "outcome: a\nfactors: [a]\nnodes: {a: , b: }",
    "stand in the same column: x": "outcome: a\nnodes: {a: {column: x}, b: {column: x}}",
    "drawn twice: b → a": (
        "outcome: a\nnodes: {a: , b: }\nedges: [{from: b, to: a, because: why not}, {from: b, to: a, because: why not}]"
    ),
    "nodes.b.colour": "outcome: a\nnodes: {a: , b: {colour: red}}",
    "Field required": "nodes: {a: , b: }",
    "cannot be read as YAML": "outcome: [",
}


@pytest.mark.parametrize("said", WRONG)
def test_a_file_that_is_no_graph_is_refused_with_everything_wrong_in_it(tmp_path: Path, said: str):
    path = tmp_path / "causal_graph.yml"
    path.write_text(WRONG[said], encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        CausalGraph.read(path)
    assert said in str(refused.value) and "causal_graph.yml" in str(refused.value)


def test_the_example_says_that_it_is_one_and_every_arrow_has_its_reason(project: Path):
    graph = CausalGraph.read(project / "params" / "causal_graph.yml")
    assert graph.example
    assert all(edge.because for edge in graph.edges)
    assert graph.adjustment("girl").held == ()
    assert graph.adjustment("absent").in_the_way == ("health",)
    assert {"parents_education", "newly_arrived"} <= set(graph.adjustment("qualified").held)
    with pytest.raises(ContractError, match="mediator"):
        graph.refuse("girl", ["prior"])
