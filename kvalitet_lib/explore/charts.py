"""One indicator from all sides, drawn by seaborn from figures that are not disclosure controlled; each chart is stamped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib
import matplotlib.axis
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from kvalitet_lib.errors import ContractError
from kvalitet_lib.explore.differences import Funnel
from kvalitet_lib.explore.differences import funnel as funnel_lines
from kvalitet_lib.explore.stamp import Stamped, stamp
from kvalitet_lib.indicators import Indicator, all_indicators
from kvalitet_lib.measure import measure_all
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.present.theme import THEME, css_points
from kvalitet_lib.present.words import name_of
from kvalitet_lib.texts import Texts

USUAL = {"se": "franvaro_10", "no": "fravaer_10_prosent"}
"""An indicator to begin with: every school has pupils who could be absent (our own choice)."""

BLUE, ORANGE, MUTED = THEME.palette.blue, THEME.palette.orange, THEME.palette.muted
COLOURS = [BLUE, ORANGE, MUTED, THEME.palette.sand]
ORDER = ["girl", "boy", "lower", "upper_secondary", "higher"]
WIDTH = 7.5  # inches


@dataclass(frozen=True)
class Sides:
    """One indicator's figures, and the charts that show them.

    Attributes
    ----------
    indicator : Indicator
        What is measured.
    figures : DataFrame
        Its rows of a Measurement in the long form.
    names : mapping of str to str
        School code → name.
    language : str
        ``sv``, ``nb`` or ``en``: names, numbers and the stamp.
    """

    indicator: Indicator
    figures: pd.DataFrame
    names: dict[str, str]
    language: str = "en"

    @classmethod
    def of(cls, indicator: str, tables: Mapping[str, pd.DataFrame], municipality: Municipality, language: str = "en") -> Sides:
        """Measure one indicator from the store.

        Raises
        ------
        ContractError
            The country has no such indicator.
        """
        chosen = all_indicators(municipality.country).get(indicator)
        if chosen is None:
            raise ContractError(f"There is no indicator {indicator!r} for this country. See them:  kvalitet explain indicators")
        names = tables["schools"].drop_duplicates("school", keep="last").set_index("school")["name"].to_dict()
        return cls(chosen, measure_all([chosen], tables, municipality).to_frame(), names, language)

    @property
    def schools(self) -> pd.DataFrame:
        """Schools as a whole, with their names."""
        return self._of("school").assign(name=lambda rows: rows["unit"].map(self.names).fillna(rows["unit"]))

    def distribution(self, school_year: str) -> Stamped:
        """Each school's value and, joined to it, the value drawn towards the mean of all (empirical Bayes)."""
        rows = self.schools[self.schools["school_year"].eq(school_year)].sort_values("estimate")
        kinds = {"estimate": self._say("measured"), "shrunken": self._say("shrunken")}
        kinds = {kind: said for kind, said in kinds.items() if rows[kind].notna().any()}
        points = rows.melt(["name"], list(kinds), "kind", "value").replace({"kind": kinds})
        alt = self._say("alt_schools", school_year=self.texts.school_year(school_year), count=len(rows))
        with self._axes(0.28 * len(rows), left=2, entries=len(kinds)) as axes:
            axes.hlines(rows["name"], rows["estimate"], rows["shrunken"], color=THEME.palette.line, zorder=1)
            look = {"palette": [BLUE, ORANGE][: len(kinds)], "markers": ["o", "D"][: len(kinds)], "s": 45}
            sns.scatterplot(points, x="value", y="name", hue="kind", style="kind", ax=axes, **look)
            axes.set(ylabel="", xlabel=self.unit_name, ylim=(len(rows) - 0.5, -0.5))
            self._in_unit(axes.xaxis)
            return self._finished(axes, alt)

    def over_years(self) -> Stamped:
        """One thin line for each school, and the municipality's own."""
        rows, own = self.schools.sort_values("school_year"), self._of("municipality").sort_values("school_year")
        with self._axes(3, entries=1) as axes:
            whole = {"x": "year", "y": "estimate", "units": "unit", "estimator": None, "marker": "o", "ax": axes}
            sns.lineplot(rows, color=THEME.palette.blue_pale, **whole)
            sns.lineplot(own, color=BLUE, label=self._say("municipality"), **whole)
            axes.set(xlabel="", ylabel=self.unit_name)
            self._in_unit(axes.yaxis)
            return self._finished(axes, self._say("alt_years", count=rows["unit"].nunique()))

    def by_group(self, breakdown: str) -> Stamped | None:
        """The municipality's groups with their intervals, over the years; None when it cannot be broken down so."""
        rows = self._of("municipality", breakdown)
        if rows.empty:
            return None
        groups = sorted(rows["group"].unique(), key=lambda group: (ORDER.index(group) if group in ORDER else len(ORDER), group))
        years = sorted(rows["school_year"].unique())
        names = [self._group_name(group) for group in groups]
        colours = dict(zip(names, sns.color_palette(COLOURS, len(groups)), strict=True))
        shift = dict(zip(groups, np.linspace(-0.06, 0.06, len(groups)) * (len(groups) > 1), strict=True))
        rows = rows.assign(place=rows["school_year"].map(years.index) + rows["group"].map(shift))
        rows = rows.assign(name=rows["group"].map(self._group_name)).sort_values("place")
        with self._axes(3, entries=len(groups)) as axes:
            look = {"hue": "name", "style": "name", "hue_order": names, "style_order": names, "palette": colours}
            sns.lineplot(rows, x="place", y="estimate", markers=True, ax=axes, **look)
            axes.vlines(rows["place"], rows["lower"], rows["upper"], color=rows["name"].map(colours), alpha=0.4, linewidth=4)
            axes.set(xlabel="", ylabel=self.unit_name, xticks=range(len(years)), xticklabels=map(self.texts.school_year, years))
            self._in_unit(axes.yaxis)
            return self._finished(axes, self._say("alt_groups", groups=self.texts.listing(names)))

    def funnel(self) -> Stamped:
        """Every school and year: its size against its value, and how far chance alone would carry it."""
        rows = self.schools.dropna(subset=["n", "estimate"])
        lines = funnel_lines(rows, self.indicator.kind)
        with self._axes(3.2, entries=3 if lines else 0) as axes:
            sns.scatterplot(rows, x="n", y="estimate", color=BLUE, s=32, alpha=0.7, ax=axes)
            if lines:
                self._draw_funnel(axes, lines)
            axes.set(xlabel=self._say("n"), ylabel=self.unit_name)
            self._in_unit(axes.yaxis)
            return self._finished(axes, self._say("alt_funnel", count=len(rows)))

    def _draw_funnel(self, axes: Axes, lines: Funnel) -> None:
        axes.axhline(lines.centre, color=MUTED, linewidth=1)
        for (level, limits), dashes in zip(lines.limits.items(), ("--", ":"), strict=True):
            label = self._say("limits", level=self.texts.percent(level, 0 if level == 0.95 else 1))
            for limit, said in zip(limits, (label, None), strict=True):
                inside = np.clip(limit, *self.indicator.scale)
                axes.plot(lines.n, inside, color=MUTED, linestyle=dashes, linewidth=1, label=said)
        axes.plot(lines.n, lines.trend, color=ORANGE, linewidth=1.5, label=self._say("trend"))

    @property
    def texts(self) -> Texts:
        return Texts(self.language)

    @property
    def unit_name(self) -> str:
        return self.texts.say(f"units.{self.indicator.unit}.name")

    def _of(self, level: str, breakdown: str = "all") -> pd.DataFrame:
        rows = self.figures
        here = rows["level"].eq(level) & rows["breakdown"].eq(breakdown) & rows["estimate"].notna()
        return rows[here].assign(year=rows["school_year"].map(self.texts.school_year))

    def _group_name(self, group: str) -> str:
        key = f"groups.{group}"
        return self.texts.say(key) if self.texts.has(key) else group

    def _say(self, key: str, **values: object) -> str:
        return self.texts.say(f"explore.{key}", indicator=name_of(self.indicator.id, self.texts), **values)

    def _in_unit(self, axis: matplotlib.axis.Axis) -> None:
        axis.set_major_formatter(FuncFormatter(lambda value, _: self.texts.amount(value, self.indicator.unit)))

    @contextmanager
    def _axes(self, height: float, left: float = 0.9, entries: int = 0) -> Iterator[Axes]:
        """Axes of ``height`` inches with the indicator's name and room for a legend of so many entries above them."""
        with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
            above, below = 0.5 + 0.2 * entries, 0.65
            figure = Figure(figsize=(WIDTH, above + height + below), dpi=96)
            whole = figure.get_figheight()
            axes = figure.add_axes((left / WIDTH, below / whole, 1 - (left + 0.25) / WIDTH, height / whole))
            name = name_of(self.indicator.id, self.texts)
            figure.text(0.15 / WIDTH, 1 - 0.18 / whole, name, weight=600, size=css_points(14), va="top")
            yield axes

    def _finished(self, axes: Axes, alt: str) -> Stamped:
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False, title=None, loc="lower left", bbox_to_anchor=(0, 1), borderpad=0.2, labelspacing=0.35)
        figure = axes.figure
        assert isinstance(figure, Figure)
        return stamp(figure, alt, self.language)
