"""Charts of what goes with an outcome: the causal graph, estimates with intervals, dominance, and what is unmeasured."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path as MatplotlibPath
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, PercentFormatter

from kvalitet_lib.analyses.causal_graph import CausalGraph
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.unmeasured_bounds import contour as contour_of
from kvalitet_lib.errors import ContractError
from kvalitet_lib.explore.graph_layout import layout
from kvalitet_lib.explore.stamp import Stamped, stamp
from kvalitet_lib.present.theme import THEME, css_points
from kvalitet_lib.texts import Texts

PALETTE = THEME.palette
LOOKS: dict[str, dict[str, Any]] = {
    "factor": {"facecolor": PALETTE.blue, "edgecolor": PALETTE.blue, "color": PALETTE.paper},
    "outcome": {"facecolor": PALETTE.ink, "edgecolor": PALETTE.ink, "color": PALETTE.paper},
    "held": {"facecolor": PALETTE.blue_pale, "edgecolor": PALETTE.blue, "color": PALETTE.ink},
    "in_the_way": {"facecolor": PALETTE.orange_pale, "edgecolor": PALETTE.orange, "color": PALETTE.ink, "linestyle": "--"},
    "mediator": {"facecolor": PALETTE.paper, "edgecolor": PALETTE.ink, "color": PALETTE.ink, "linestyle": ":"},
    "collider": {"facecolor": PALETTE.sand_wash, "edgecolor": PALETTE.sand, "color": PALETTE.ink, "linestyle": ":"},
    "consequence": {"facecolor": PALETTE.mist, "edgecolor": PALETTE.muted, "color": PALETTE.ink, "linestyle": ":"},
    "not_needed": {"facecolor": PALETTE.paper, "edgecolor": PALETTE.line, "color": PALETTE.muted},
}
PARTS = {"within": (PALETTE.blue, "o"), "between": (PALETTE.orange, "D"), "": (PALETTE.blue, "o")}
WIDTH, WIDE = 7.5, 11.0  # inches


def causal_graph(graph: CausalGraph, factor: str, language: str = "en", known: Sequence[str] | None = None) -> Stamped:
    """The graph as seen from one factor: what is held equal, what must not be, and what stands in the way.

    Parameters
    ----------
    known : sequence of str, optional
        Columns that there are figures in; nodes in other columns count as not measured.
    """
    texts = Texts(language)
    roles = graph.roles(factor, known=known).set_index("node")["role"]
    drawn, asked = layout(graph.arrows), graph.node(factor)
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        height = 0.62 * drawn.height + 1.7
        figure = Figure(figsize=(WIDE, height), dpi=96)
        axes = figure.add_axes((0.01, 0.95 / height, 0.98, 1 - 1.55 / height))
        axes.axis("off")
        axes.set_xlim(-0.5, drawn.columns - 0.5)
        axes.set_ylim(drawn.height, 0)
        boxes = {node: _box(axes, node, place, roles[node], texts) for node, place in drawn.nodes.items()}
        edges = _edges(figure, axes, boxes)
        for (start, end), points in drawn.arrows.items():
            whole = [(edges[start][1], points[0][1]), *points[1:-1], (edges[end][0], points[-1][1])]
            _arrow(axes, whole, _look_of((start, end), graph, asked, known))
        figure.text(
            0.02, 1 - 0.2 / height, texts.say("explore.association.title_graph", factor=name_of(asked, texts)), weight=600,
            size=css_points(14), va="top",
        )  # fmt: skip
        if graph.example:
            example = texts.say("explore.association.example")
            figure.text(0.98, 1 - 0.2 / height, example, color=PALETTE.orange, size=css_points(12), va="top", ha="right")
        marks = [_mark(role, texts) for role in LOOKS if role in set(roles)]
        figure.legend(handles=marks, loc="lower left", bbox_to_anchor=(0.015, 0), ncols=4, frameon=False, fontsize=css_points(11))
        return stamp(figure, _graph_in_words(roles, asked, texts), language)


def _box(axes: Axes, node: str, place: tuple[float, float], role: str, texts: Texts) -> Text:
    look = dict(LOOKS[role])
    colour = look.pop("color")
    box = {"boxstyle": "round,pad=0.4", "linewidth": 1.2, **look}
    label = "\n".join(textwrap.wrap(name_of(node, texts), 14))
    return axes.text(*place, label, ha="center", va="center", color=colour, size=css_points(11), bbox=box, zorder=3)


def _edges(figure: Figure, axes: Axes, boxes: dict[str, Text]) -> dict[str, tuple[float, float]]:
    """Where each box begins and ends from left to right, in the axes' own unit."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = {}
    for node, words in boxes.items():
        words.update_bbox_position_size(renderer)
        box = words.get_bbox_patch()
        assert box is not None
        (left, _), (right, _) = axes.transData.inverted().transform(box.get_window_extent(renderer).get_points())
        found[node] = (float(left), float(right))
    return found


def _arrow(axes: Axes, points: list[tuple[float, float]], look: dict[str, Any]) -> None:
    """A smooth line through its points with a head at its end."""
    corners = [points[0]]
    codes = [MatplotlibPath.MOVETO]
    for (x, y), (next_x, next_y) in pairwise(points):
        half = (next_x - x) / 2
        corners += [(x + half, y), (next_x - half, next_y), (next_x, next_y)]
        codes += [MatplotlibPath.CURVE4] * 3
    path = MatplotlibPath(corners, codes)
    axes.add_patch(FancyArrowPatch(path=path, arrowstyle="-|>,head_length=0.5,head_width=0.22", mutation_scale=13, **look))


def _look_of(edge: tuple[str, str], graph: CausalGraph, factor: str, known: Sequence[str] | None) -> dict[str, Any]:
    """Arrows along which the factor may bear on the outcome, those of an open back door, and all others."""
    start, end = edge
    door = graph.adjustment(factor, known=known).open_path
    if f"{start} → {end}" in door or f"{end} ← {start}" in door:
        return {"color": PALETTE.orange, "linewidth": 2, "zorder": 2}
    onward = (start == factor or graph.comes_before(factor, start)) and graph.comes_before(end, graph.outcome)
    if onward:
        return {"color": PALETTE.blue, "linewidth": 2, "zorder": 2}
    return {"color": PALETTE.line, "linewidth": 1.2, "zorder": 1}


def forest(findings: Finding | Sequence[Finding], language: str = "en", unit: str = "points") -> Stamped:
    """Estimates with intervals, for one standard deviation of each factor, between pupils and between schools apart."""
    texts = Texts(language)
    several = [findings] if isinstance(findings, Finding) else list(findings)
    there = [finding.estimates for finding in several if len(finding.estimates)]
    rows = pd.concat(there, ignore_index=True) if there else pd.DataFrame(columns=["estimate"])
    rows = rows[rows["estimate"].notna()]
    if rows.empty:
        raise ContractError("There is no estimate to draw. Run factor_association on rows with enough schools first.")
    labels = [f"{_wrapped(row.term, texts)}\n{texts.say('parts.' + (row.group or 'whole'))}" for row in rows.itertuples()]
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        figure, axes = _axes(0.5 * len(rows), left=2.6)
        for place, row in enumerate(rows.itertuples()):
            colour, marker = PARTS[row.group]
            axes.plot([row.lower * row.deviation, row.upper * row.deviation], [place, place], color=colour, linewidth=2)
            axes.plot(row.estimate * row.deviation, place, marker=marker, color=colour, markersize=6)
        axes.axvline(0, color=PALETTE.muted, linewidth=1)
        axes.set_yticks(range(len(rows)), labels)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: texts.number(value, _decimals(axes.get_xlim()))))
        _title(figure, texts.say("explore.association.title_forest", unit=texts.say(f"units.{unit}.name")))
        return stamp(figure, texts.say("explore.association.alt_forest", count=len(rows)), language)


def dominance(finding: Finding, language: str = "en") -> Stamped:
    """How much of what is explained goes with each factor, whichever others are in the model."""
    texts = Texts(language)
    if "dominance" not in finding.tables:
        raise ContractError("This finding has no table of dominance: there were more than eight factors, or none that varies.")
    table = finding.tables["dominance"].sort_values("factor", ignore_index=True)
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        figure, axes = _axes(0.42 * len(table), left=2.6)
        axes.barh(table.index, table["share"], color=PALETTE.blue, height=0.6)
        axes.set_yticks(table.index, [_wrapped(name, texts) for name in table["factor"]])
        axes.set_ylim(len(table) - 0.5, -0.5)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: texts.percent(share)))
        _title(figure, texts.say("explore.association.title_dominance"))
        return stamp(figure, texts.say("explore.association.alt_dominance", count=len(table)), language)


def contour(finding: Finding, term: str = "", part: str = "", language: str = "en", most: float = 0.0) -> Stamped:
    """What would be left of an estimate if something unmeasured were so and so strong, beside what has been measured.

    Parameters
    ----------
    term, part : str
        Which estimate; the first when none is named.
    most : float
        The largest share drawn; as much as the measured covariates ask for when not said.
    """
    texts, rows = Texts(language), finding.estimates
    chosen = rows[rows["estimate"].notna() & (rows["term"].eq(term) | (not term)) & (rows["group"].eq(part) | (not part))]
    if chosen.empty or not chosen["ordinary_error"].gt(0).any():
        raise ContractError("There is no such estimate to draw. See the terms and groups in finding.estimates.")
    row = chosen.iloc[0]
    marks = _marks(finding, str(row["term"]), str(row["group"]))
    reach = [float(row["robustness_value"]) * 1.6, *(marks[["r2_factor", "r2_outcome"]].max() * 1.25), 0.05]
    most = most or float(min(0.9, np.nanmax(reach)))
    grid = contour_of(row["estimate"], row["ordinary_error"], row["ordinary_freedom"], most, 61)
    square = grid.pivot(index="r2_outcome", columns="r2_factor", values="adjusted_estimate")
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        figure, axes = _axes(4.6, left=0.9)
        lines = axes.contour(square.columns, square.index, square.to_numpy(), levels=9, colors=PALETTE.muted, linewidths=0.8)
        axes.clabel(lines, fontsize=css_points(11), fmt=lambda value: texts.number(value, _decimals((0, row["estimate"]))))
        axes.contour(square.columns, square.index, square.to_numpy(), levels=[0.0], colors=PALETTE.orange, linewidths=2)
        axes.plot(0, 0, "o", color=PALETTE.blue, clip_on=False, zorder=4)
        labels = [(0.0, 0.0, texts.say("explore.association.contour_now"))]
        for mark in marks.itertuples():
            axes.plot(mark.r2_factor, mark.r2_outcome, "D", color=PALETTE.blue, markersize=5, clip_on=False, zorder=4)
            labels.append((mark.r2_factor, mark.r2_outcome, f"{texts.number(mark.times)} × {name_of(mark.covariate, texts)}"))
        _labelled(axes, labels, 0.04 * most)
        axes.set(xlim=(0, most), ylim=(0, most))
        axes.set_xlabel(texts.say("explore.association.contour_x"))
        axes.set_ylabel(texts.say("explore.association.contour_y"))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1, decimals=0 if most > 0.05 else 1, symbol=texts.percent_sign))
        _title(figure, texts.say("explore.association.title_contour", factor=name_of(str(row["term"]), texts)))
        return stamp(figure, texts.say("explore.association.alt_contour", count=marks["covariate"].nunique()), language)


def name_of(node: str, texts: Texts) -> str:
    """What readers call a factor; its own name where texts have none."""
    name, _, level = node.partition(": ")
    said = texts.say(f"factors.{name}") if texts.has(f"factors.{name}") else name
    group = texts.say(f"groups.{level}") if level and texts.has(f"groups.{level}") else level
    return f"{said}: {group}" if level else said


def _wrapped(term: str, texts: Texts) -> str:
    return "\n".join(textwrap.wrap(name_of(term, texts), 30))


def _marks(finding: Finding, term: str, part: str) -> pd.DataFrame:
    empty = pd.DataFrame({"covariate": [], "times": [], "r2_factor": [], "r2_outcome": []})
    table = finding.tables.get("benchmarks", pd.DataFrame())
    if table.empty:
        return empty
    return table[table["term"].eq(term) & table["part"].eq(part) & table["times"].eq(1) & table["r2_outcome"].lt(0.9)]


def _graph_in_words(roles: pd.Series, factor: str, texts: Texts) -> str:
    nothing = texts.say("explore.association.nothing")
    said = {
        role: texts.listing([name_of(str(node), texts) for node in roles.index[roles.eq(role)]]) or nothing
        for role in ("held", "in_the_way")
    }
    return texts.say("explore.association.alt_graph", factor=name_of(factor, texts), held=said["held"], way=said["in_the_way"])


def _mark(role: str, texts: Texts) -> Line2D:
    look = LOOKS[role]
    return Line2D(
        [], [], linestyle="", marker="s", markersize=10, markerfacecolor=look["facecolor"], markeredgecolor=look["edgecolor"],
        label=texts.say(f"explore.association.{role}"),
    )  # fmt: skip


def _axes(height: float, left: float) -> tuple[Figure, Axes]:
    above, below = 0.6, 0.65
    whole = above + height + below
    figure = Figure(figsize=(WIDTH, whole), dpi=96)
    return figure, figure.add_axes((left / WIDTH, below / whole, 1 - (left + 0.3) / WIDTH, height / whole))


def _title(figure: Figure, text: str) -> None:
    figure.text(0.15 / WIDTH, 1 - 0.18 / figure.get_figheight(), text, weight=600, size=css_points(14), va="top")


def _labelled(axes: Axes, labels: list[tuple[float, float, str]], apart: float) -> None:
    """Words beside their marks, moved upwards where they would lie on each other."""
    lowest = -np.inf
    for x, y, words in sorted(labels, key=lambda label: label[1]):
        lowest = max(y + apart / 3, lowest + apart)
        look = {"facecolor": PALETTE.paper, "edgecolor": "none", "alpha": 0.85, "pad": 1}
        axes.annotate(words, (x, y), xytext=(x + 0.6 * apart, lowest), bbox=look, size=css_points(11), zorder=4)


def _decimals(ends: tuple[float, float]) -> int:
    span = abs(ends[1] - ends[0])
    return int(np.clip(np.ceil(-np.log10(span / 5)), 0, 4)) if span > 0 else 1
