"""What we cannot tell: the section of a page on what its figures leave out and leave open."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.disclosure.release import SEEN
from kvalitet_lib.present.blocks import Blocks, Bullets, Heading, Paragraph
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.present.words import inline, name_of, reason_text
from kvalitet_lib.texts import Texts

NOTABLY_MISSING = 0.2
FEW_YEARS = 4


def limits(unit: UnitFigures, texts: Texts) -> Blocks:
    """What the figures cannot tell: hidden, outdated, uncertain, absent, broken and contradicted ones."""
    said = [
        *_hidden_sentences(unit, texts),
        *_standing_sentences(unit, texts),
        *_unknown_sentences(unit, texts),
        *_gap_sentences(unit, texts),
        *_break_sentences(unit, texts),
    ]
    said += _disagreement_sentences(unit, texts)
    if unit.figures["school_year"].nunique() < FEW_YEARS:
        said.append(texts.say("limits.few_years"))
    said.append(texts.say("limits.comparison"))
    return Blocks([Heading(texts.say("limits.title"), id="limits"), Paragraph(texts.say("limits.lead")), Bullets(tuple(said))])


def _hidden_sentences(unit: UnitFigures, texts: Texts) -> list[str]:
    rows = hidden_of(unit)
    counts = rows["shown"].value_counts()
    return [
        texts.say("limits.hidden", count=int(counts[row["shown"]]), reason=reason_text(unit, row, texts))
        for _, row in rows.drop_duplicates("shown").iterrows()
    ]


def _standing_sentences(unit: UnitFigures, texts: Texts) -> list[str]:
    """Figures that a few persons' change has made outdated: a new version would tell of those few."""
    standing = {tuple(table) for table in unit.release.about.get("standing", [])}
    said: dict[str, list[str]] = {}
    for name in unit.indicators:
        series = unit.series(name)
        for year in series.loc[series["shown"].isin(SEEN), "school_year"]:
            if (name, year) in standing:
                said.setdefault(year, []).append(inline(name_of(name, texts)))
    return [
        texts.say("limits.standing", school_year=texts.school_year(year), indicators=texts.listing(names))
        for year, names in sorted(said.items())
    ]


def _unknown_sentences(unit: UnitFigures, texts: Texts) -> list[str]:
    count = int((unit.current["shown"].eq("yes") & unit.current["lower"].isna()).sum())
    return [texts.say("limits.unknown", count=count)] if count else []


def _gap_sentences(unit: UnitFigures, texts: Texts) -> list[str]:
    rows = unit.of_the_year[unit.of_the_year["missing"].ge(NOTABLY_MISSING)]
    return [
        texts.say("limits.missing", indicator=inline(name_of(row["indicator"], texts)), share=texts.percent(row["missing"]))
        for _, row in rows.iterrows()
    ]


def _break_sentences(unit: UnitFigures, texts: Texts) -> list[str]:
    said: dict[tuple[str, str], list[str]] = {}
    for name, one in unit.indicators.items():
        years = unit.series(name)["school_year"]
        for year, reason in one.breaks.items():
            if len(years) and years.min() < year <= years.max():
                said.setdefault((year, reason), []).append(name_of(name, texts))
    return [
        texts.say(
            "limits.breaks",
            indicator=texts.listing(names),
            school_year=texts.school_year(year),
            reason=texts.say(f"breaks.{reason}"),
        )
        for (year, reason), names in said.items()
    ]


def _disagreement_sentences(unit: UnitFigures, texts: Texts) -> list[str]:
    rows = [row for row in unit.release.about.get("disagreements", []) if row["level"] == unit.level and row["unit"] == unit.unit]
    shown = {(row["indicator"], row["school_year"]) for _, row in unit.current.iterrows() if row["shown"] == "yes"}
    return [
        texts.say(
            "limits.disagreement",
            indicator=name_of(row["indicator"], texts),
            school_year=texts.school_year(row["school_year"]),
            shown=texts.say(f"sources.names.{row['shown_source']}"),
            other=texts.say(f"sources.names.{row['other_source']}"),
            difference=texts.difference(row["difference"], unit.indicators[row["indicator"]].unit, 1),
        )
        for row in rows
        if (row["indicator"], row["school_year"]) in shown and row["group"] == "all"
    ]


def hidden_of(unit: UnitFigures) -> pd.DataFrame:
    """The unit's figures of the school year that are not shown."""
    rows = unit.figures
    rows = rows[rows["school_year"].eq(unit.school_year) & rows["indicator"].isin(unit.indicators)]
    return rows[~rows["shown"].isin([*SEEN, "missing"])]
