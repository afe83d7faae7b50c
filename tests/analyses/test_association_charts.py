"""Charts of associations and of results against intake: stamped, said in words, and drawn so that one can read them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.causal_graph import CausalGraph
from kvalitet_lib.analyses.expected_results import expected_results
from kvalitet_lib.analyses.factor_association import factor_association
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from kvalitet_lib.explore import expected_results_charts, factor_association_charts
from kvalitet_lib.explore.graph_layout import ROOM, layout
from kvalitet_lib.texts import LANGUAGES, Texts


@pytest.fixture(scope="module")
def graph() -> CausalGraph:
    return CausalGraph.read(Path(__file__).parents[2] / "params" / "causal_graph.yml")


@pytest.fixture(scope="module")
def finding() -> Finding:
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"school": np.repeat(np.arange(20), 15), "prior": rng.normal(size=300), "girl": rng.integers(0, 2, 300)})
    rows["absent"] = 0.3 * rows["prior"] + rng.normal(size=300)
    return factor_association(rows.assign(points=rows["prior"] - rows["absent"]), "points", "absent", adjust=["girl"])


@pytest.fixture(scope="module")
def schools() -> Finding:
    rng = np.random.default_rng(2)
    rows = pd.DataFrame({"school": [f"s{at}" for at in range(20)], "n": rng.integers(15, 90, 20), "intake": rng.normal(size=20)})
    rows = rows.assign(
        points=200 + 9 * rows["intake"] + rng.normal(0, 8, 20), salsa=rng.normal(0, 8, 20), error=50 / np.sqrt(rows["n"])
    )
    return expected_results(
        rows, "points", ["intake"], pupils="n", standard_error="error", published_deviation="salsa"
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_bears_the_stamp_and_says_in_words_what_it_shows(graph, finding, schools, language):
    drawn = [
        factor_association_charts.causal_graph(graph, "absent", language),
        factor_association_charts.forest([finding, finding], language),
        factor_association_charts.dominance(finding, language),
        factor_association_charts.contour(finding, language=language),
        expected_results_charts.against_expected(schools, language),
        expected_results_charts.deviations(schools, {"s1": "Skogsskolan"}, language),
    ]
    stamp = Texts(language).say("dashboard.internal_stamp")
    for chart in drawn:
        assert chart.text == stamp and chart.alt and "{" not in chart.alt
        assert any(words.get_text() == stamp for words in chart.figure.texts)
    assert drawn[0].png()[:4] == b"\x89PNG"


def test_the_graph_names_what_is_held_equal_and_what_is_in_the_way(graph: CausalGraph):
    assert "in the way: health and unease" in factor_association_charts.causal_graph(graph, "absent").alt
    assert "in the way: nothing" in factor_association_charts.causal_graph(graph, "qualified").alt


def test_schools_stand_in_order_of_size_never_of_deviation(schools: Finding):
    (axes,) = expected_results_charts.deviations(schools).figure.axes
    sizes = [int(label.get_text().rpartition("(")[2].rstrip(")")) for label in axes.get_yticklabels()]
    assert sizes == sorted(sizes, reverse=True)


def test_nodes_keep_their_distance_and_arrows_lead_from_left_to_right(graph: CausalGraph):
    drawn = layout(graph.arrows)
    columns = defaultdict(list)
    for x, y in drawn.nodes.values():
        columns[x].append(y)
        assert 0 <= y <= drawn.height
    assert all(low + ROOM <= high + 1e-9 for places in columns.values() for low, high in pairwise(sorted(places)))
    for (start, end), points in drawn.arrows.items():
        assert points[0] == drawn.nodes[start] and points[-1] == drawn.nodes[end]
        assert all(next_x - x == 1 for (x, _), (next_x, _) in pairwise(points))


def test_where_there_is_nothing_to_draw_it_is_said():
    nothing = Finding.nothing("factor_association", "points", "too_few_rows")
    for draw in (factor_association_charts.forest, factor_association_charts.dominance, factor_association_charts.contour):
        with pytest.raises(ContractError):
            draw(nothing)
    with pytest.raises(ContractError, match="too_few_schools"):
        expected_results_charts.deviations(Finding.nothing("expected_results", "points", "too_few_schools"))
