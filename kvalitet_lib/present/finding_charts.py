"""Charts of released findings: each from rows that say they may be shown, with words that say the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.present import charts
from kvalitet_lib.present.blocks import Figure
from kvalitet_lib.present.finding_sentences import amount_text, outcome_text, unit_of
from kvalitet_lib.present.words import inline
from kvalitet_lib.texts import Texts

AIR = 1.15  # how much further than the outermost value an axis without ends of its own reaches
POINTS = ["label", "estimate", "lower", "upper", "shown"]


def caterpillar(finding: Finding, table: str, names: Mapping[str, str], texts: Texts) -> Figure:
    """Every school's value as it is and drawn towards the mean, in order of name."""
    rows = by_name(finding.tables[table], names)
    raw = rows.assign(estimate=rows["raw"], lower=np.nan, upper=np.nan)
    drawn = rows.assign(estimate=rows["shrunken"])
    say = texts.say
    unit = unit_of(finding, texts)
    level = table == "schools" and finding.analysis == "school_differences"

    def amount(value: float) -> str:
        return texts.amount(value, unit) if level else texts.difference(value, unit, short=True)

    return charts.groups(
        (
            charts.Group(say("finding_pages.charts.raw"), raw[POINTS]),
            charts.Group(say("finding_pages.charts.drawn"), drawn[POINTS]),
        ),
        alt=say("finding_pages.charts.alt_schools", **_told(finding, drawn, amount, texts)),
        amount=amount,
        scale=_around(pd.concat([raw, drawn])),
        hidden=say("charts.hidden"),
    )


def funnel(finding: Finding, names: Mapping[str, str], texts: Texts) -> Figure:
    """Every school on the range within which chance, and the usual spread, would have it; beyond it the mark is a triangle."""
    rows = by_name(finding.tables["schools"], names)
    points = rows.assign(lower=rows["lower_95"], upper=rows["upper_95"], verdict=rows["outside_95"].replace("", "similar"))
    amount = _amount(finding, texts)
    return charts.dots(
        points[[*POINTS, "verdict"]],
        [charts.Level(texts.say("finding_pages.charts.all_schools"), finding.numbers["target"])],
        alt=texts.say("finding_pages.charts.alt_funnel", **_told(finding, points, amount, texts)),
        amount=amount,
        scale=(0.0, 1.0),
        hidden=texts.say("charts.hidden"),
    )


def effects(finding: Finding, points: pd.DataFrame, alt: str, texts: Texts) -> Figure:
    """Rows with their intervals beside a line at no difference.

    Parameters
    ----------
    points : DataFrame
        ``label, estimate, lower, upper, shown``.
    """
    return charts.dots(
        points[POINTS],
        [charts.Level(texts.say("finding_pages.charts.no_difference"), 0.0)],
        alt=alt,
        amount=_amount(finding, texts),
        scale=_around(points, [0.0]),
        hidden=texts.say("charts.hidden"),
    )


def over_the_years(finding: Finding, points: pd.DataFrame, alt: str, texts: Texts) -> Figure:
    """A difference by school year, with its intervals."""
    level = points.assign(estimate=0.0)[["school_year", "estimate", "shown"]].assign(shown="yes")
    return charts.trend(
        points[["school_year", "estimate", "lower", "upper", "shown"]],
        [charts.Reference(texts.say("finding_pages.charts.no_difference"), level)],
        alt=alt,
        amount=_amount(finding, texts),
        year=lambda year: texts.school_year(year)[2:],
        scale=_around(points, [0.0]),
    )


def by_name(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """A table of schools with ``label``, in order of name: no order of size."""
    labelled = table.assign(label=table["school"].map(dict(names)).fillna(table["school"]))
    return labelled.sort_values(["label", "school"], kind="stable", ignore_index=True)


def _amount(finding: Finding, texts: Texts) -> Callable[[float], str]:
    return lambda value: amount_text(finding, float(value), texts, short=True)


def _told(finding: Finding, rows: pd.DataFrame, amount: Callable[[float], str], texts: Texts) -> dict[str, object]:
    seen = rows.loc[rows["shown"].eq("yes"), "estimate"].dropna()
    ends = [amount(end) for end in (seen.min(), seen.max())] if len(seen) else [texts.say("cell.none")] * 2
    return {"outcome": inline(outcome_text(finding, texts)), "count": len(seen), "lowest": ends[0], "highest": ends[1]}


def _around(rows: pd.DataFrame, also: Sequence[float] = ()) -> tuple[float, float]:
    """An axis that holds every value with its interval, and these values too, with some air."""
    seen = rows.loc[rows["shown"].eq("yes"), ["estimate", "lower", "upper"]].to_numpy(dtype=float)
    values = np.append(seen[np.isfinite(seen)], also)
    if not len(values) or np.ptp(values) == 0:
        return (values[0] - 1.0, values[0] + 1.0) if len(values) else (-1.0, 1.0)
    middle, reach = (values.max() + values.min()) / 2, AIR * np.ptp(values) / 2
    return float(middle - reach), float(middle + reach)
