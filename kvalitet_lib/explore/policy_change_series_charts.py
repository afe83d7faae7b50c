"""Charts of one series before and after, and of treated schools beside their synthetic comparison."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.explore.one_chart import one_chart, table_of
from kvalitet_lib.explore.stamp import Stamped
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.present.theme import THEME
from kvalitet_lib.present.words import name_of
from kvalitet_lib.texts import Texts

PALETTE = THEME.palette
MOST_LABELS, MOST_WEIGHTS = 8, 15
SAY = "explore.policy_change_series"


def interrupted_chart(finding: Finding, language: str = "en") -> Stamped:
    """What was observed, the model through it, and its line had nothing happened."""
    texts, rows = Texts(language), table_of(finding, "series")
    rows = rows[rows["series"].eq("treated")].reset_index(drop=True) if "series" in rows else rows

    def draw(axes: Axes) -> str:
        later = rows[rows["after"].eq(1)]
        axes.axvline((rows["at"][rows["after"].eq(0)].max() + later["at"].min()) / 2, color=PALETTE.muted, linewidth=1)
        axes.plot(rows["at"], rows["observed"], "o", color=PALETTE.blue, markersize=4, label=texts.say(f"{SAY}.observed"))
        axes.plot(rows["at"], rows["fitted"], color=PALETTE.orange, label=texts.say(f"{SAY}.fitted"))
        axes.plot(later["at"], later["untouched"], color=PALETTE.sand, linestyle="--", label=texts.say(f"{SAY}.untouched"))
        _times(axes, rows["at"], rows["time"])
        return texts.say(f"{SAY}.alt_interrupted", count=len(rows))

    return one_chart(draw, texts.say(f"{SAY}.title_interrupted", outcome=_outcome(finding, texts)), texts, entries=3)


def paths_chart(finding: Finding, language: str = "en") -> Stamped:
    """The treated beside the mix of other schools that shows what they would have done; the earliest start."""
    texts, rows = Texts(language), table_of(finding, "gaps")
    rows = rows[rows["starts"].eq(rows["starts"].iloc[0])].reset_index(drop=True)
    places = pd.Series(np.arange(len(rows)))

    def draw(axes: Axes) -> str:
        axes.axvline(float((~rows["after"]).sum()) - 0.5, color=PALETTE.muted, linewidth=1)
        axes.plot(places, rows["treated"], color=PALETTE.blue, label=texts.say(f"{SAY}.treated"))
        axes.plot(places, rows["synthetic"], color=PALETTE.orange, linestyle="--", label=texts.say(f"{SAY}.synthetic"))
        _times(axes, places, rows["time"])
        return texts.say(f"{SAY}.alt_paths", count=len(rows))

    return one_chart(draw, texts.say(f"{SAY}.title_paths", outcome=_outcome(finding, texts)), texts, entries=2)


def placebos_chart(finding: Finding, language: str = "en") -> Stamped:
    """The effect found, among the effects that chance finds for schools without the measure."""
    texts, rows = Texts(language), table_of(finding, "placebos")
    effect = finding["effect"]

    def draw(axes: Axes) -> str:
        height = np.random.default_rng(1).uniform(-0.3, 0.3, len(rows))  # only to keep dots apart
        axes.axvline(0, color=PALETTE.muted, linewidth=1)
        axes.plot(rows["effect"], height, "o", color=PALETTE.blue, alpha=0.5, markersize=5, label=texts.say(f"{SAY}.placebos"))
        axes.hlines(0, effect["lower"], effect["upper"], color=PALETTE.orange, alpha=0.3, linewidth=6)
        axes.plot(effect["estimate"], 0, "D", color=PALETTE.orange, label=texts.say(f"{SAY}.treated"))
        axes.set(ylim=(-1, 1), yticks=[])
        axes.set_xlabel(texts.say(f"{SAY}.gap"))
        return texts.say(f"{SAY}.alt_gaps", count=len(rows))

    return one_chart(draw, texts.say(f"{SAY}.title_gaps", outcome=_outcome(finding, texts)), texts, height=1.6, entries=2)


def weights_chart(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en") -> Stamped:
    """Which schools make up the comparison, the heaviest first; the mean over the starts.

    Parameters
    ----------
    names : mapping of str to str, optional
        School code → name.
    """
    texts = Texts(language)
    weights = table_of(finding, "unit_weights").groupby("unit")["weight"].mean().sort_values(ascending=False)
    weights = weights[weights > 0.005].head(MOST_WEIGHTS)

    def draw(axes: Axes) -> str:
        axes.barh(np.arange(len(weights)), weights, color=PALETTE.blue, height=0.6)
        axes.set_yticks(np.arange(len(weights)), [(names or {}).get(code, code) for code in weights.index])
        axes.set_ylim(len(weights) - 0.4, -0.6)
        axes.set_xlabel(texts.say(f"{SAY}.weights"))
        axes.xaxis.set_major_formatter(lambda value, _: texts.percent(value))
        return texts.say(f"{SAY}.alt_weights", count=len(weights))

    return one_chart(draw, texts.say(f"{SAY}.title_weights"), texts, height=0.28 * len(weights) + 0.2, left=2.2)


def _times(axes: Axes, places: pd.Series, times: pd.Series) -> None:
    """A handful of times, written as they came."""
    step = -(-len(places) // MOST_LABELS)
    axes.set_xticks(places.iloc[::step], times.iloc[::step])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.grid(axis="y")


def _outcome(finding: Finding, texts: Texts) -> str:
    return name_of(finding.outcome, texts) if finding.outcome in all_indicators() else finding.outcome
