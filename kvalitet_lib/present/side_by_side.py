"""A municipality's schools beside each other in one indicator: a picture, and a table that says the same."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from kvalitet_lib.disclosure.release import SEEN
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.present import charts
from kvalitet_lib.present.blocks import Cell, Column, Figure, Table
from kvalitet_lib.present.words import (
    count_text,
    difference_text,
    inline,
    interval_text,
    mark_of,
    name_of,
    value_cell,
    value_text,
)
from kvalitet_lib.texts import Texts

LEVELS = ("municipality", "nation")


def picture(
    schools: pd.DataFrame, levels: Mapping[str, pd.Series | None], indicator: Indicator, school_year: str, texts: Texts
) -> Figure:
    """Every school's figure as a dot on its interval, with a line for each level that has a figure.

    Parameters
    ----------
    schools : DataFrame
        Released figures of one indicator and school year, one row per school in the order to be shown: the columns of
        a Measurement, ``shown``, ``label`` and ``verdict`` (against the nation).
    levels : mapping
        ``municipality`` and ``nation`` → their figure of that school year, None when there is none.
    indicator : Indicator
        Whose unit and scale.
    school_year : str
        As ``2024-25``.
    texts : Texts
        The reader's language.
    """
    lines = [
        charts.Level(texts.say(f"charts.{name}"), float(figure["estimate"]), dashed=name == "municipality")
        for name, figure in levels.items()
        if figure is not None and not math.isnan(figure["estimate"])
    ]
    return charts.dots(
        schools,
        lines,
        alt=_told(schools, levels["nation"], indicator, school_year, texts),
        amount=lambda value: texts.amount(value, indicator.unit),
        scale=indicator.scale,
        hidden=texts.say("charts.hidden"),
    )


def _told(schools: pd.DataFrame, nation: pd.Series | None, indicator: Indicator, school_year: str, texts: Texts) -> str:
    seen = schools[schools["shown"].eq("yes")].sort_values("estimate")
    ends = [value_text(seen.iloc[place], indicator, texts) if len(seen) else texts.say("cell.none") for place in (0, -1)]
    return texts.say(
        "municipality.alt",
        indicator=inline(name_of(indicator.id, texts)),
        school_year=texts.school_year(school_year),
        count=len(seen),
        lowest=ends[0],
        highest=ends[1],
        nation=texts.say("cell.none") if nation is None else value_text(nation, indicator, texts),
    )


def table(
    schools: pd.DataFrame,
    levels: Mapping[str, pd.Series | None],
    comparisons: Mapping[str, pd.Series],
    indicator: Indicator,
    school_year: str,
    texts: Texts,
) -> Table:
    """The same figures in words: value, uncertainty, number and verdict against the nation.

    Parameters
    ----------
    comparisons : mapping
        School code → its comparison with the nation, where one could be made.

    Others as in ``picture``.
    """
    compared = {unit: one for unit, one in comparisons.items() if not math.isnan(one["difference"])}
    columns = [Column(texts.say("municipality.school"))]
    columns += [Column(texts.say(f"glance.{label}"), "right", narrow=True) for label in ("value", "interval", "n")]
    columns += [Column(texts.say("glance.against_nation"), narrow=True)] if compared else []
    named = [(school["label"], school, compared.get(school["unit"]), False) for _, school in schools.iterrows()]
    named += [(texts.say(f"glance.{name}"), figure, None, True) for name, figure in levels.items() if figure is not None]
    rows = [
        (Cell(name, strong=strong), *_amounts(figure, indicator, texts), *([_verdict(one, indicator, texts)] if compared else []))
        for name, figure, one, strong in named
    ]
    caption = texts.say(
        "municipality.table_caption", indicator=name_of(indicator.id, texts), school_year=texts.school_year(school_year)
    )
    hidden = int((~schools["shown"].isin(SEEN)).sum())
    note = [texts.say("municipality.not_shown", count=hidden)] if hidden else []
    note += [texts.say("glance.note_short")] if compared else []
    return Table(caption, tuple(columns), tuple(rows), note=" ".join(note))


def _amounts(figure: pd.Series, indicator: Indicator, texts: Texts) -> tuple[Cell, Cell, Cell]:
    return (
        value_cell(figure, indicator, texts),
        Cell(interval_text(figure, indicator, texts) or texts.say("cell.none"), muted=True),
        Cell(count_text(figure["n"], texts), muted=True),
    )


def _verdict(comparison: pd.Series | None, indicator: Indicator, texts: Texts) -> Cell:
    if comparison is None:
        return Cell(texts.say("cell.none"), muted=True)
    return Cell(difference_text(comparison, indicator, texts), mark=mark_of(comparison, texts))
