"""What moves over the years, as the municipality's page tells it: gaps between groups, trends, and what came with measures."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.present import finding_charts
from kvalitet_lib.present.blocks import Blocks, Cell, Column, Panel, Table
from kvalitet_lib.present.finding_parts import Names, in_words, panels_and_note, rows_of, said, shown
from kvalitet_lib.present.finding_sentences import Told, amount_text, interval_text, label_text, outcome_text, tell
from kvalitet_lib.texts import Texts

ALL = "all"
FEWEST_YEARS = 2


def gaps(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """Each gap, over all years in a sentence and year by year in a chart."""
    rows = [told for one in findings for told in tell(one, rows_of(one, "gap", ""))]
    panels = [_by_year(one, texts) for one in findings if len(_years(one)) >= FEWEST_YEARS]
    return said(rows, texts) + panels_and_note(panels)


def _years(finding: Finding) -> pd.DataFrame:
    rows = rows_of(finding, "gap")
    rows = rows[rows["group"].ne("") & rows["estimate"].notna()]
    return rows.assign(school_year=rows["group"])


def _by_year(finding: Finding, texts: Texts) -> Panel:
    points, label = _years(finding), label_text(finding, texts)
    lines = in_words(points.assign(label=points["group"].map(texts.school_year)), finding, texts)
    alt = texts.say("finding_pages.charts.alt_gaps", groups=label, lines=lines)
    title = texts.say("finding_pages.charts.gaps_title", groups=label, outcome=outcome_text(finding, texts))
    return Panel(title, finding_charts.over_the_years(finding, points, alt, texts))


def trends(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """Each measure's mean change over all schools, and how many of the schools shown have a change that is secured."""
    rows = [told for one in findings for told in tell(one, rows_of(one, "slope", ALL))]
    if not rows:
        return Blocks()
    say = texts.say
    columns = (
        Column(say("finding_pages.columns.measure")),
        *(Column(say(f"finding_pages.columns.{name}"), "right", narrow=True) for name in ("per_year", "interval", "secured")),
    )
    table = Table(say("finding_pages.captions.trends"), columns, tuple(_trend(one, texts) for one in rows))
    return said(rows, texts) + table


def _trend(told: Told, texts: Texts) -> tuple[Cell, ...]:
    finding, row = told.finding, told.row
    schools = rows_of(finding, "slope")
    secured = [one.claim is not Claim.NOTHING for one in tell(finding, schools[schools["group"].ne(ALL)])]
    return (
        Cell(outcome_text(finding, texts)),
        Cell(amount_text(finding, row["estimate"], texts, short=True), strong=True),
        Cell(interval_text(finding, row["lower"], row["upper"], texts) or texts.say("cell.none"), muted=True),
        Cell(texts.say("finding_pages.so_many_of", number=texts.number(sum(secured)), all=texts.number(len(secured)))),
    )


def measures(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """What each declared measure changed, and year by year before and after it came."""
    rows = [told for one in findings for told in tell(one, rows_of(one, "effect"))]
    panels = [_since(one, texts) for one in findings if "event" in one.tables and len(shown(one.tables["event"]))]
    return said(rows, texts) + panels_and_note(panels)


def _since(finding: Finding, texts: Texts) -> Panel:
    label, events = label_text(finding, texts), shown(finding.tables["event"])
    points = events.assign(label=events["event"].map(lambda event: _time(int(event), texts)))
    alt = texts.say("finding_pages.charts.alt_event", measure=label, lines=in_words(points, finding, texts))
    title = texts.say("finding_pages.charts.event_title", measure=label, outcome=outcome_text(finding, texts))
    counts = {name: texts.number(finding.numbers.get(name, 0.0)) for name in ("treated", "compared")}
    return Panel(title, finding_charts.effects(finding, points, alt, texts), texts.say("finding_pages.treated", **counts))


def _time(event: int, texts: Texts) -> str:
    """``2 years before``, ``the first year``, ``1 year after``."""
    if event == 0:
        return texts.say("finding_pages.event.first")
    return texts.say(f"finding_pages.event.{'before' if event < 0 else 'after'}", count=abs(event))
