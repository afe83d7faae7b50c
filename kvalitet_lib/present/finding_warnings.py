"""How far early warnings can be trusted, as the municipality's page tells it: never a pupil, a school or a group."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.present.blocks import Blocks, Cell, Column, Table
from kvalitet_lib.present.finding_parts import Names, rows_of, said, shown
from kvalitet_lib.present.finding_sentences import outcome_text, tell
from kvalitet_lib.present.words import count_text
from kvalitet_lib.texts import Texts

# Terms that are told, and whether each is a share.
WORTH = {"auc": True, "calibration_slope": False, "observed_to_expected": False, "missed": True, "false_alarm": True}


def warnings(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """Whether risks come in the right order and are as high as they say, and whom they miss."""
    say = texts.say
    rows = [told for one in findings for told in tell(one, rows_of(one, "auc"))]
    columns = (
        Column(say("finding_pages.columns.worth")),
        *(Column(say(f"finding_pages.columns.{name}"), "right", narrow=True) for name in ("value", "interval", "pupils")),
    )
    told = [row for one in findings for _, row in shown(one.estimates).iterrows() if row["term"] in WORTH]
    caption = say("finding_pages.captions.early_warning", outcome=outcome_text(findings[0], texts))
    table = Blocks([Table(caption, columns, tuple(_row(row, texts) for row in told))]) if told else Blocks()
    return said(rows, texts) + table


def _row(row: pd.Series, texts: Texts) -> tuple[Cell, ...]:
    term = row["term"]
    ends = [_number(term, row[name], texts) for name in ("lower", "upper")]
    known = row[["lower", "upper"]].notna().all()
    interval = texts.say("cell.interval", lower=ends[0].removesuffix(texts.percent_sign), upper=ends[1])
    return (
        Cell(texts.say(f"finding_pages.worth.{term}")),
        Cell(_number(term, row["estimate"], texts), strong=True),
        Cell(interval if known else texts.say("cell.none"), muted=True),
        Cell(count_text(row["n"], texts), muted=True),
    )


def _number(term: str, value: float, texts: Texts) -> str:
    if pd.isna(value):
        return texts.say("cell.none")
    return texts.percent(value) if WORTH[term] else texts.number(value, 2)
