"""The sections that set groups and schools beside each other: girls and boys, schools with a similar intake."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.disclosure.release import SEEN
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.present.blocks import Blocks, Cell, Column, Heading, Paragraph, Table
from kvalitet_lib.present.figure_sections import area_groups, verdict_cell
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.present.words import count_text, decimals_of, name_of, value_cell
from kvalitet_lib.texts import Texts


def similar_schools(unit: UnitFigures, texts: Texts) -> Blocks:
    """The school's figures beside the mean of the schools most like it in intake; nothing when there is none."""
    compared = unit.compared("similar_schools")
    if compared.empty:
        return Blocks()
    rows = tuple(_similar_row(unit, comparison, texts) for _, comparison in compared.iterrows())
    labels = ["value", "similar", "against_similar"]
    columns = (
        Column(texts.say("glance.measure")),
        *(
            Column(texts.say(f"glance.{label}"), "left" if label == "against_similar" else "right", narrow=True)
            for label in labels
        ),
    )
    table = Table(
        texts.say("similar_section.caption", school_year=texts.school_year(unit.school_year)),
        columns,
        rows,
        groups=area_groups([unit.indicators[name] for name in compared["indicator"]], texts),
    )
    return Blocks(
        [Heading(texts.say("similar_section.title"), id="similar"), Paragraph(texts.say("similar_section.lead")), table]
    )


def _similar_row(unit: UnitFigures, comparison: pd.Series, texts: Texts) -> tuple[Cell, ...]:
    indicator = unit.indicators[comparison["indicator"]]
    return (
        Cell(name_of(indicator.id, texts)),
        value_cell(unit.current.loc[indicator.id], indicator, texts, unit.school_year),
        Cell(texts.amount(comparison["reference_estimate"], indicator.unit)),
        verdict_cell(comparison, indicator, texts),
    )


def girls_and_boys(unit: UnitFigures, texts: Texts) -> Blocks:
    """The school year's figures for girls and boys, where both are shown."""
    rows = unit.groups("sex")
    pairs = [(name, one, rows[rows["indicator"].eq(name)].set_index("group")) for name, one in unit.indicators.items()]
    both = [pair for pair in pairs if {"girl", "boy"} <= set(pair[2].index[pair[2]["shown"].isin(SEEN)])]
    heading = Heading(texts.say("groups_section.title"), id="groups")
    if not both:
        return Blocks([heading, Paragraph(texts.say("groups_section.none"))]) if len(rows) else Blocks()
    labels = ["girl", "boy", "gap", "n"]
    columns = (
        Column(texts.say("glance.measure")),
        *(Column(texts.say(f"groups_section.{label}"), "right", narrow=True) for label in labels),
    )
    table = Table(
        texts.say("groups_section.caption", school_year=texts.school_year(unit.school_year)),
        columns,
        tuple(_gap_row(one, pair, texts) for _, one, pair in both),
        note=texts.say("groups_section.note"),
    )
    return Blocks([heading, Paragraph(texts.say("groups_section.lead")), table])


def _gap_row(indicator: Indicator, pair: pd.DataFrame, texts: Texts) -> tuple[Cell, ...]:
    girl, boy = pair.loc["girl"], pair.loc["boy"]
    known = girl["shown"] == "yes" and boy["shown"] == "yes"
    gap = (
        texts.difference(girl["estimate"] - boy["estimate"], indicator.unit, decimals_of(girl), short=True)
        if known
        else texts.say("cell.none")
    )
    return (
        Cell(name_of(indicator.id, texts)),
        value_cell(girl, indicator, texts),
        value_cell(boy, indicator, texts),
        Cell(gap),
        Cell(f"{count_text(girl['n'], texts)} / {count_text(boy['n'], texts)}", muted=True),
    )
