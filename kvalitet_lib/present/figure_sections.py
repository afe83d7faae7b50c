"""The sections of a page that set out figures: the table of all measures, areas, groups and cohorts."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kvalitet_lib.disclosure.release import SEEN
from kvalitet_lib.indicators import AREAS, Indicator, Kind
from kvalitet_lib.present import charts
from kvalitet_lib.present.blocks import Blocks, Cell, Column, FigureGrid, Heading, Panel, Paragraph, Table
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.present.words import (
    count_text,
    difference_text,
    interval_text,
    mark_of,
    name_of,
    reason_text,
    value_cell,
    value_text,
)
from kvalitet_lib.texts import Texts

COHORTS = 4
FEW_PUPILS = 30  # below this a panel also says the value drawn towards all schools' mean (our own choice)


def at_a_glance(unit: UnitFigures, texts: Texts) -> Blocks:
    """Every measure in one table: value, uncertainty, references and verdicts."""
    references = [name for name in ("municipality", "comparable", "nation") if not _is_empty(unit, name)]
    labels = ["measure", "value", "n", *references, "against_nation", "against_earlier"]
    columns = tuple(
        Column(
            texts.say(f"glance.{label}"),
            "right" if label in ("value", "n", *references) else "left",
            narrow=label != "measure",
        )
        for label in labels
    )
    rows = tuple(_glance_row(unit, name, one, references, texts) for name, one in unit.indicators.items())
    family = unit.compared("nation")["family_size"].max()
    note = [
        texts.say("glance.note_short") if pd.isna(family) or family < 2 else texts.say("glance.note", family=texts.number(family))
    ]
    years = unit.current["school_year"].items()
    others = [unit.reference(str(name), reference, year) for name, year in years for reference in references]
    seen = {*unit.current["shown"], *(other["shown"] for other in others if other is not None)}
    note += [texts.say(f"glance.note_{shown}") for shown in ("protected", "rounded") if shown in seen]
    return Blocks(
        [
            Heading(texts.say("glance.title"), id="glance"),
            Paragraph(texts.say("glance.lead")),
            Table(
                texts.say("glance.caption", school_year=texts.school_year(unit.school_year)),
                columns,
                rows,
                note=" ".join(note),
                groups=area_groups(unit.indicators.values(), texts),
            ),
        ]
    )


def area_groups(indicators: Iterable[Indicator], texts: Texts) -> tuple[tuple[int, str], ...]:
    """Where each area begins among rows of indicators in page order: row number and the area's name."""
    areas = [one.area for one in indicators]
    return tuple((areas.index(area), texts.say(f"areas.{area}")) for area in dict.fromkeys(areas))


def _glance_row(unit: UnitFigures, name: str, indicator: Indicator, references: list[str], texts: Texts) -> tuple[Cell, ...]:
    figure = unit.current.loc[name]
    others = [unit.reference(name, reference, figure["school_year"]) for reference in references]
    return (
        Cell(name_of(name, texts)),
        value_cell(figure, indicator, texts, unit.school_year, interval=True),
        Cell(count_text(figure["n"], texts), muted=True),
        *(value_cell(other, indicator, texts) for other in others),
        verdict_cell(unit.comparison(name, "nation"), indicator, texts),
        verdict_cell(unit.comparison(name, "own_earlier"), indicator, texts),
    )


def verdict_cell(comparison: pd.Series | None, indicator: Indicator, texts: Texts) -> Cell:
    """A difference with its verdict, or why there is none."""
    if comparison is None or pd.isna(comparison["difference"]):
        why = None if comparison is None else comparison["reference_missing_why"]
        return Cell(texts.say("glance.break" if why == "break" else "glance.no_reference"), muted=True)
    return Cell(difference_text(comparison, indicator, texts, short=True), mark=mark_of(comparison, texts))


def area(unit: UnitFigures, texts: Texts, name: str) -> Blocks:
    """One area's measures as small multiples over the school years; nothing when the unit has none."""
    panels = tuple(_panel(unit, one, texts) for one in unit.indicators.values() if one.area == name and _has_value(unit, one.id))
    if not panels:
        return Blocks()
    return Blocks([Heading(texts.say(f"areas.{name}"), id=name), Paragraph(texts.say(f"area_leads.{name}")), FigureGrid(panels)])


def all_areas(unit: UnitFigures, texts: Texts) -> Blocks:
    """Every area that has a figure, in the order of a page."""
    shown = Blocks()
    for name in AREAS:
        shown += area(unit, texts, name)
    return shown


def _panel(unit: UnitFigures, indicator: Indicator, texts: Texts) -> Panel:
    series = unit.series(indicator.id)
    lines = [(name, unit.reference_series(indicator.id, name)) for name in ("municipality", "nation")]
    picture = charts.trend(
        _without_interval(series, indicator),
        [
            charts.Reference(
                texts.say(f"charts.{name}"), rows[["school_year", "estimate", "shown"]], dashed=name == "municipality"
            )
            for name, rows in lines
            if len(rows)
        ],
        alt=_alt(unit, indicator, series, lines, texts),
        amount=lambda value: texts.amount(value, indicator.unit),
        year=lambda year: texts.school_year(year)[2:],
        scale=indicator.scale,
        breaks=tuple(indicator.breaks),
    )
    comparison = unit.comparison(indicator.id, "nation")
    known = comparison is not None and not pd.isna(comparison["difference"])
    return Panel(
        name_of(indicator.id, texts),
        picture,
        _panel_text(unit, indicator, comparison if known else None, texts),
        mark_of(comparison, texts) if known and comparison is not None else None,
    )


def _without_interval(series: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    return series.assign(lower=float("nan"), upper=float("nan")) if indicator.kind is Kind.COUNT else series


def _panel_text(unit: UnitFigures, indicator: Indicator, comparison: pd.Series | None, texts: Texts) -> str:
    figure = unit.current.loc[indicator.id]
    interval = interval_text(figure, indicator, texts)
    year = texts.school_year(figure["school_year"])
    if figure["shown"] not in SEEN:
        return texts.say("panel.hidden", year=year, reason=reason_text(unit, figure, texts))
    value = value_text(figure, indicator, texts)
    said = [
        texts.say("panel.value_interval", value=value, year=year, interval=interval)
        if interval
        else texts.say("panel.value", value=value, year=year)
    ]
    nation = unit.reference(indicator.id, "nation", figure["school_year"])
    if nation is not None:
        said.append(texts.say("panel.nation", value=value_text(nation, indicator, texts)))
    if comparison is not None:
        said.append(texts.say("panel.difference", difference=difference_text(comparison, indicator, texts)))
    if figure["n"] < FEW_PUPILS and not pd.isna(figure["shrunken"]):
        said.append(texts.say("panel.shrunken", value=texts.amount(figure["shrunken"], indicator.unit)))
    return f"{said[0]}. {' '.join(said[1:])}".strip()


def _alt(
    unit: UnitFigures, indicator: Indicator, series: pd.DataFrame, lines: list[tuple[str, pd.DataFrame]], texts: Texts
) -> str:
    told = ", ".join(
        f"{texts.school_year(row['school_year'])} {value_text(row, indicator, texts)}" for _, row in series.iterrows()
    )
    ends = [
        texts.say(
            "panel.alt_reference",
            name=texts.say(f"charts.{name}").capitalize(),
            year=texts.school_year(rows.iloc[-1]["school_year"]),
            value=value_text(rows.iloc[-1], indicator, texts),
        )
        for name, rows in lines
        if len(rows)
    ]
    return texts.say(
        "panel.alt", indicator=name_of(indicator.id, texts), unit=unit.name, series=told, reference=" ".join(ends)
    ).strip()


def cohorts(unit: UnitFigures, texts: Texts) -> Blocks:
    """The year groups that leave school, each followed back through the figures of its earlier years."""
    stages = [one for one in unit.indicators.values() if one.year_group]
    if len({one.year_group for one in stages}) < 2:
        return Blocks()
    last = max(one.year_group or 0 for one in stages)
    leaving = [_later(unit.school_year, shift) for shift in range(1 - COHORTS, last)]
    series = {one.id: unit.series(one.id).set_index("school_year") for one in stages}
    followed = {one.id: [_later(year, -(last - (one.year_group or 0))) for year in leaving] for one in stages}
    kept = [place for place, _ in enumerate(leaving) if _stages_seen(place, stages, series, followed) > 1]
    if not kept:
        return Blocks()
    rows = tuple(
        (Cell(name_of(one.id, texts)), *(_cohort_cell(series[one.id], followed[one.id][place], one, texts) for place in kept))
        for one in sorted(stages, key=lambda one: one.year_group or 0)
        if any(followed[one.id][place] in series[one.id].index for place in kept)
    )
    columns = (
        Column(texts.say("cohort.measure")),
        *(
            Column(texts.say("cohort.leaves", school_year=texts.school_year(leaving[place])), "right", narrow=True)
            for place in kept
        ),
    )
    return Blocks(
        [
            Heading(texts.say("cohort.title"), id="cohort"),
            Paragraph(texts.say("cohort.lead")),
            Table(texts.say("cohort.caption"), columns, rows),
        ]
    )


def _stages_seen(place: int, stages: list[Indicator], series: dict[str, pd.DataFrame], followed: dict[str, list[str]]) -> int:
    return len({one.year_group for one in stages if _is_seen(series[one.id], followed[one.id][place])})


def _is_seen(series: pd.DataFrame, school_year: str) -> bool:
    return school_year in series.index and series.loc[school_year, "shown"] in SEEN


def _cohort_cell(series: pd.DataFrame, school_year: str, indicator: Indicator, texts: Texts) -> Cell:
    if school_year not in series.index:
        return Cell(texts.say("cell.none"), muted=True)
    return value_cell(series.loc[school_year], indicator, texts)


def _later(school_year: str, years: int) -> str:
    begins = int(school_year[:4]) + years
    return f"{begins}-{(begins + 1) % 100:02d}"


def _has_value(unit: UnitFigures, indicator: str) -> bool:
    return bool(unit.series(indicator)["shown"].isin(SEEN).any())


def _is_empty(unit: UnitFigures, reference: str) -> bool:
    return all(unit.reference_series(name, reference).empty for name in unit.indicators)
