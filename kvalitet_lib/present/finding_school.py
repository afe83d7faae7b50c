"""What the analyses say of one school: sentences with their sizes, tables, and the doubts behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.present.blocks import Blocks, Cell, Column, Paragraph, Table, together
from kvalitet_lib.present.finding_parts import (
    SHOWN,
    as_estimates,
    doubts,
    main_first,
    names_of_schools,
    of_school,
    opening,
    said,
    section,
    step_of,
    without_answer,
)
from kvalitet_lib.present.finding_sentences import Told, amount_text, interval_text, outcome_text, tell, unit_of, with_start
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.present.words import count_text
from kvalitet_lib.texts import Texts

ANALYSES = ("value_added", "expected_results", "growth", "trend", "cohorts")
IN_TABLE = {"value_added": "shrunken"}  # analyses whose answer about a school stands in the table schools, and the column
TERMS = {"expected_results": "deviation", "growth": "school", "trend": "slope", "cohorts": "difference"}


def what_the_analyses_say(unit: UnitFigures, texts: Texts) -> Blocks:
    """Every analysis that has an answer about the school, or a reason why not; nothing in a release without findings."""
    findings = unit.release.findings(*ANALYSES)
    parts = [_part(unit, [one for one in findings if one.analysis == name], texts) for name in ANALYSES]
    told = together(part for part in parts if part)
    return section(texts.say("finding_pages.lead_school"), told, texts)


@dataclass(frozen=True)
class _Answer:
    """What one finding says of the school: the row a sentence is made of, and the row of its table of schools, if any."""

    finding: Finding
    told: Told
    table: pd.Series
    shown: bool


def _part(unit: UnitFigures, findings: Sequence[Finding], texts: Texts) -> Blocks:
    answers = [one for finding in findings if (one := _answer(finding, unit.unit, texts)) is not None]
    if not findings:
        return Blocks()
    if not answers:
        why = without_answer(findings, texts)
        return opening(findings[0], texts) + why if why else Blocks()
    seen = [one for one in answers if one.shown]
    blocks = opening(findings[0], texts)
    if not seen:
        return blocks + Paragraph(texts.say("finding_pages.protected_here"))
    blocks += said([one.told for one in seen], texts) + _table(unit, seen, texts)
    return blocks + doubts(_first_told(seen), texts, names_of_schools(unit), step_of(unit))


def _first_told(answers: Sequence[_Answer]) -> list[Finding]:
    """The findings, first the one that says most of the school."""
    order = sorted(answers, key=lambda one: -int(one.told.claim))
    most = [one.finding for one in order if one.told.claim is order[0].told.claim]
    return [*main_first(most), *(one.finding for one in order[len(most) :])]


def _answer(finding: Finding, school: str, texts: Texts) -> _Answer | None:
    """What a finding says of a school; None where it is not in it."""
    table = of_school(finding.tables["schools"], school) if "schools" in finding.tables else pd.DataFrame()
    column = IN_TABLE.get(finding.analysis)
    estimates = finding.estimates[finding.estimates["term"].eq(TERMS.get(finding.analysis))]
    rows = table if column else of_school(estimates, school)
    if rows.empty:
        return None
    told = tell(finding, as_estimates(rows, column) if column else rows, texts.say("finding_pages.here"))[0]
    return _Answer(finding, told, table.iloc[0] if len(table) else told.row, told.row["shown"] == SHOWN)


def _table(unit: UnitFigures, answers: Sequence[_Answer], texts: Texts) -> Table:
    analysis = answers[0].finding.analysis
    labels, cells = _COLUMNS[analysis]
    caption = texts.say(f"finding_pages.captions.{analysis}", unit=unit.name)
    columns = (
        Column(texts.say(f"finding_pages.columns.{labels[0]}")),
        *(Column(texts.say(f"finding_pages.columns.{label}"), "right", narrow=True) for label in labels[1:]),
    )
    return Table(caption, columns, tuple(cells(one, texts) for one in answers))


def _value_added(one: _Answer, texts: Texts) -> tuple[Cell, ...]:
    finding, row = one.finding, one.told.row
    return (
        Cell(with_start(finding, texts)),
        Cell(amount_text(finding, one.table["raw"], texts, short=True), muted=True),
        Cell(amount_text(finding, row["estimate"], texts), strong=True),
        Cell(interval_text(finding, row["lower"], row["upper"], texts) or texts.say("cell.none"), muted=True),
        Cell(count_text(row["n"], texts), muted=True),
    )


def _expected(one: _Answer, texts: Texts) -> tuple[Cell, ...]:
    finding, table = one.finding, one.table
    unit = unit_of(finding, texts)
    ends = [texts.amount(table.get(name), unit) for name in ("expected_lower", "expected_upper")]
    return (
        Cell(f"{outcome_text(finding, texts)}, {_years(finding, texts)}"),
        Cell(texts.amount(table["actual"], unit), strong=True),
        Cell(texts.amount(table["expected"], unit)),
        Cell(texts.say("cell.interval", lower=ends[0], upper=ends[1]), muted=True),
        Cell(count_text(table["n"], texts), muted=True),
    )


def _growth(one: _Answer, texts: Texts) -> tuple[Cell, ...]:
    finding, row = one.finding, one.told.row
    return (
        Cell(with_start(finding, texts)),
        Cell(amount_text(finding, row["estimate"], texts), strong=True),
        Cell(interval_text(finding, row["lower"], row["upper"], texts) or texts.say("cell.none"), muted=True),
        Cell(count_text(row["n"], texts), muted=True),
    )


def _trend(one: _Answer, texts: Texts) -> tuple[Cell, ...]:
    finding, row = one.finding, one.told.row
    return (
        Cell(outcome_text(finding, texts)),
        Cell(amount_text(finding, row["estimate"], texts, short=True), strong=True),
        Cell(interval_text(finding, row["lower"], row["upper"], texts) or texts.say("cell.none"), muted=True),
        Cell(count_text(row["years"], texts), muted=True),
    )


def _cohorts(one: _Answer, texts: Texts) -> tuple[Cell, ...]:
    finding, school = one.finding, one.told.row["group"]
    rows = of_school(finding.estimates, school).set_index("term")
    told = [_with_interval(finding, rows.loc[term], texts) if term in rows.index else Cell(texts.say("cell.none"), muted=True)
            for term in ("same_pupils", "class_against_class")]  # fmt: skip
    counts = (Cell(count_text(one.table.get(name, math.nan), texts), muted=True) for name in ("stayed", "now"))
    return (Cell(with_start(finding, texts)), *told, *counts)


def _with_interval(finding: Finding, row: pd.Series, texts: Texts) -> Cell:
    return Cell(amount_text(finding, row["estimate"], texts), note=interval_text(finding, row["lower"], row["upper"], texts))


def _years(finding: Finding, texts: Texts) -> str:
    years = [texts.school_year(year) for year in finding.basis.school_years]
    return years[0] if len(years) == 1 else texts.say("finding_pages.span", first=years[0], last=years[-1]) if years else ""


_COLUMNS = {
    "value_added": (("result", "raw", "shrunken", "interval", "pupils"), _value_added),
    "expected_results": (("result", "actual", "expected", "alike", "pupils"), _expected),
    "growth": (("result", "percentile", "interval", "pupils"), _growth),
    "trend": (("measure", "per_year", "interval", "years"), _trend),
    "cohorts": (("result", "same_pupils", "class_against_class", "stayed", "now"), _cohorts),
}
