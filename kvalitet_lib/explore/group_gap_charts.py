"""Charts of a gap: over the years, its parts by every reference, segregation beside chance, and each school's gradient."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.explore.one_chart import one_chart, said_group, table_of
from kvalitet_lib.explore.stamp import Stamped
from kvalitet_lib.present.theme import THEME
from kvalitet_lib.texts import Texts

PALETTE = THEME.palette
THREEFOLD = ("endowments", "coefficients", "interaction")


def over_years(finding: Finding, language: str = "en") -> Stamped:
    """The gap in each school year with its interval."""
    texts, years = Texts(language), table_of(finding, "school_years").dropna(subset="gap")

    def draw(axes: Axes) -> str:
        places = np.arange(len(years))
        axes.axhline(0, color=PALETTE.line, linewidth=1)
        axes.vlines(places, years["lower"], years["upper"], color=PALETTE.blue_pale, linewidth=5)
        axes.plot(places, years["gap"], "o-", color=PALETTE.blue)
        axes.set_xticks(places, [texts.school_year(year) for year in years["school_year"]])
        axes.set_ylabel(texts.say("explore.gap.gap", a=_names(finding, texts)[0], b=_names(finding, texts)[1]))
        return texts.say("explore.gap.alt_years", count=len(years))

    return one_chart(draw, texts.say("explore.gap.title_years"), texts)


def parts(finding: Finding, language: str = "en") -> Stamped:
    """The threefold parts, and the explained part by each of the six references."""
    texts, references = Texts(language), table_of(finding, "references")
    threefold = finding.estimates[finding.estimates["term"].isin(THREEFOLD)]
    gap = float(finding["gap_divided"]["estimate"])
    values = [*threefold["estimate"], *references["explained"]]
    lower = [*threefold["lower"], *references["explained_lower"]]
    upper = [*threefold["upper"], *references["explained_upper"]]
    a, b = _names(finding, texts)
    labels = [texts.say(f"explore.gap.{term}") for term in threefold["term"]]
    labels += [texts.say(f"explore.gap.by_{name.lower()}", a=a, b=b) for name in references["reference"]]

    def draw(axes: Axes) -> str:
        places = np.arange(len(values))
        colours = [PALETTE.orange] * len(threefold) + [PALETTE.blue] * len(references)
        axes.axvline(0, color=PALETTE.line, linewidth=1)
        axes.axvline(gap, color=PALETTE.muted, linewidth=1, linestyle="--", label=texts.say("explore.gap.whole", a=a, b=b))
        axes.hlines(places, lower, upper, color=PALETTE.line, linewidth=5)
        axes.scatter(values, places, color=colours, s=40, zorder=3)
        axes.axhline(len(threefold) - 0.5, color=PALETTE.line, linewidth=1)
        axes.set_yticks(places, labels)
        axes.set_ylim(len(values) - 0.5, -0.5)
        return texts.say("explore.gap.alt_parts", count=len(references))

    return one_chart(draw, texts.say("explore.gap.title_parts"), texts, height=0.32 * len(values), left=3.1, entries=1)


def segregation(finding: Finding, language: str = "en", index: str = "dissimilarity") -> Stamped:
    """How unevenly group B is spread over schools, each year, beside what random allocation would give."""
    texts, rows = Texts(language), table_of(finding, "segregation")
    rows = rows[rows["index"].eq(index)].reset_index(drop=True)

    def draw(axes: Axes) -> str:
        labels = [texts.school_year(year) if year else texts.say("explore.gap.all_years") for year in rows["school_year"]]
        axes.vlines(rows.index, rows["chance_lower"], rows["chance_upper"], color=PALETTE.line, linewidth=9,
                    label=texts.say("explore.gap.by_chance"))  # fmt: skip
        axes.plot(rows.index, rows["expected"], "_", color=PALETTE.muted, markersize=14)
        axes.plot(rows.index, rows["estimate"], "o", color=PALETTE.blue, label=texts.say("explore.gap.observed"))
        axes.set_xticks(rows.index, labels)
        axes.set_ylim(0, max(0.3, float(rows[["estimate", "chance_upper"]].max().max()) * 1.1))
        axes.set_ylabel(texts.say(f"explore.gap.{index}"))
        return texts.say("explore.gap.alt_segregation", count=len(rows))

    return one_chart(draw, texts.say("explore.gap.title_segregation", b=_names(finding, texts)[1]), texts, entries=2)


def gradients(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en") -> Stamped:
    """Each school's social gradient, measured and drawn towards the mean of all; the largest schools first.

    Parameters
    ----------
    names : mapping of str to str, optional
        School code → name.
    """
    texts, known = Texts(language), names or {}
    schools = table_of(finding, "schools").sort_values(["n", "school"], ascending=[False, True], ignore_index=True)

    def draw(axes: Axes) -> str:
        axes.axvline(float(finding["gradient"]["estimate"]), color=PALETTE.muted, linewidth=1, linestyle="--",
                     label=texts.say("explore.gap.mean_gradient"))  # fmt: skip
        axes.hlines(schools.index, schools["lower"], schools["upper"], color=PALETTE.line, linewidth=5)
        axes.plot(schools["slope"], schools.index, "o", color=PALETTE.blue, label=texts.say("explore.measured"))
        axes.plot(schools["shrunken"], schools.index, "D", color=PALETTE.orange, label=texts.say("explore.shrunken"))
        said = [texts.say("explore.gap.school", name=known.get(code, code), n=texts.number(n))
                for code, n in zip(schools["school"], schools["n"], strict=True)]  # fmt: skip
        axes.set_yticks(schools.index, said)
        axes.set_ylim(len(schools) - 0.5, -0.5)
        axes.set_xlabel(texts.say("explore.gap.gradient"))
        return texts.say("explore.gap.alt_gradients", count=len(schools))

    return one_chart(draw, texts.say("explore.gap.title_gradients"), texts, height=0.3 * len(schools), left=2.6, entries=3)


def _names(finding: Finding, texts: Texts) -> tuple[str, str]:
    groups = finding.estimates.loc[finding.estimates["term"].eq("mean"), "group"]
    a, b = (said_group(texts, str(group), finding.about.get("breakdown", "")) for group in groups)
    return a, b
