"""What goes with results, as the municipality's page tells it: each factor beside what was held equal for it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.present import finding_charts
from kvalitet_lib.present.blocks import Blocks, Cell, Column, Panel, Table
from kvalitet_lib.present.finding_parts import Names, in_words, panels_and_note, said, shown
from kvalitet_lib.present.finding_sentences import BETWEEN, Told, factor_key, label_text, outcome_text, tell
from kvalitet_lib.texts import Texts

PARTS = ("within", BETWEEN)
STEPS = {"absent": 0.1, "qualified": 0.1, "class_size": 5.0}  # the step a reader can think of, in the factor's unit; else one
VALUES = ["estimate", "lower", "upper"]


def factors(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """What goes with a step of each factor, between pupils of one school and between schools, and what was held equal."""
    places = {part: texts.say(f"parts.{part}") for part in PARTS}
    rows = [told for one in findings for told in tell(one, _in_steps(one), places)]
    panels = [_panel(part, [one for one in rows if one.row["group"] == part], texts) for part in (*PARTS, "")]
    return said(rows, texts) + panels_and_note([one for one in panels if one]) + _held(findings, texts)


def _in_steps(finding: Finding) -> pd.DataFrame:
    """Shown estimates, for a step of the factor; between schools for one standard deviation of the schools."""
    rows = shown(finding.estimates)
    rows = rows[rows["estimate"].notna()]
    step = rows["term"].map(STEPS).fillna(1.0).where(rows["group"].ne(BETWEEN), rows["deviation"])
    return rows.assign(**{name: rows[name] * step for name in VALUES})


def _panel(part: str, rows: Sequence[Told], texts: Texts) -> Panel | None:
    """One part's factors beside one another; nothing without any."""
    if not rows:
        return None
    between = part == BETWEEN
    steps = [texts.say(f"finding_pages.factors.{factor_key(one.row['term'], texts)}.step") for one in rows]
    labels = [label_text(one.finding, texts) for one in rows] if between else steps
    points = pd.DataFrame([one.row for one in rows]).assign(label=labels)
    finding = rows[0].finding
    words = {"outcome": outcome_text(finding, texts), "part": texts.say(f"parts.{part or 'whole'}")}
    alt = texts.say("finding_pages.charts.alt_factors", lines=in_words(points, finding, texts), **words)
    note = texts.say("finding_pages.charts.between_note") if between else ""
    return Panel(
        texts.say("finding_pages.charts.factors_title", **words), finding_charts.effects(finding, points, alt, texts), note
    )


def _held(findings: Sequence[Finding], texts: Texts) -> Blocks:
    """What was held equal for each factor, and what stands in the way."""
    columns = tuple(Column(texts.say(f"finding_pages.columns.{name}")) for name in ("factor", "held", "in_the_way"))
    rows = tuple(
        (Cell(label_text(one, texts)), Cell(_named(one, "held", texts)), Cell(_named(one, "in_the_way", texts)))
        for one in findings
    )
    return Blocks([Table(texts.say("finding_pages.captions.held"), columns, rows)])


def _named(finding: Finding, key: str, texts: Texts) -> str:
    """Factors by their names; a dash for none."""
    keys = [part.strip() for part in finding.about.get(key, "").split(",") if part.strip()]
    named = dict.fromkeys(texts.say(f"factors.{one}") if texts.has(f"factors.{one}") else one for one in keys)
    return texts.listing(list(named)) or texts.say("cell.none")
