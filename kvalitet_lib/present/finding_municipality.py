"""What the analyses say of all schools together: sentences, charts and tables, and the doubts behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.present import finding_charts
from kvalitet_lib.present.blocks import Blocks, Cell, Column, FigureGrid, Heading, Panel, Paragraph, Table, together
from kvalitet_lib.present.finding_parts import (
    SHOWN,
    as_estimate,
    doubts,
    names_of_schools,
    opening,
    said,
    shown,
    step_of,
    without_answer,
)
from kvalitet_lib.present.finding_sentences import (
    Told,
    amount_text,
    interval_text,
    label_text,
    outcome_text,
)
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.present.words import count_text
from kvalitet_lib.texts import Texts

FEWEST_IN_CHART = 3  # schools; as elsewhere on the page
Names = Mapping[str, str]


def what_the_analyses_say(unit: UnitFigures, texts: Texts) -> Blocks:
    """Every analysis with an answer about the municipality, or why there is none; nothing in a release without findings."""
    findings = unit.release.findings(*PARTS)
    names, step = names_of_schools(unit), step_of(unit)
    told = together(_part([one for one in findings if one.analysis == name], names, step, texts) for name in PARTS)
    if not told:
        return Blocks()
    head = [Heading(texts.say("finding_pages.title"), id="analyses"), Paragraph(texts.say("finding_pages.lead_municipality"))]
    return Blocks(head) + told


def _part(findings: Sequence[Finding], names: Names, step: int, texts: Texts) -> Blocks:
    """One analysis: its question, what it says, and its doubts."""
    if not findings:
        return Blocks()
    answered = [one for one in findings if not one.reason]
    blocks = opening(findings[0], texts)
    if answered:
        blocks += PARTS[findings[0].analysis](answered, names, texts)
    return blocks + without_answer(findings, texts) + doubts(_doubted(answered), texts, names, step)


def _doubted(findings: Sequence[Finding]) -> list[Finding]:
    """Findings whose doubts are told: those that may claim something, else all."""
    return [one for one in findings if one.claim is not Claim.NOTHING] or list(findings)


def _main(findings: Sequence[Finding]) -> Finding:
    """The one that is drawn: about the results pupils leave with, where there is one, else the last."""
    known = all_indicators()
    return max(findings, key=lambda one: known[one.outcome].year_group or 0 if one.outcome in known else 0)


def _schools(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """How much lies between schools, and each school as it is and drawn towards the mean."""
    places = {"null": "", "adjusted": texts.say("finding_pages.background_alike")}
    rows = [Told(one, row, places.get(row["group"], "")) for one in findings for _, row in _of(one, "icc").iterrows()]
    panels = [
        Panel(
            texts.say(f"finding_pages.charts.{table}_title", outcome=outcome_text(one, texts)),
            finding_charts.caterpillar(one, table, names, texts),
        )
        for one in [_main(findings)]
        for table in ("schools", "schools_adjusted")
        if table in one.tables and len(shown(one.tables[table])) >= FEWEST_IN_CHART
    ]
    return said(rows, texts) + _grid(panels, texts.say("finding_pages.charts.schools_note"))


def _value_added(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """How much value added differs, and each school's on the way to the last result."""
    rows = [Told(one, row) for one in findings for _, row in _of(one, "icc").iterrows()]
    last = _main(findings)
    panels = []
    if "schools" in last.tables and len(shown(last.tables["schools"])) >= FEWEST_IN_CHART:
        title = texts.say("finding_pages.charts.value_added_title", outcome=outcome_text(last, texts))
        panels = [Panel(title, finding_charts.caterpillar(last, "schools", names, texts), _apart(last, names, texts))]
    return said(rows, texts) + _grid(panels, texts.say("finding_pages.charts.schools_note"))


def _apart(finding: Finding, names: Names, texts: Texts) -> str:
    """How many of the schools that are shown can be told from what is expected."""
    rows = shown(finding.tables["schools"])
    told = [one for _, row in rows.iterrows() if (one := Told(finding, as_estimate(row, "shrunken"))).claim is not Claim.NOTHING]
    return texts.say("finding_pages.stand_out", count=len(told), number=texts.number(len(told)), all=texts.number(len(rows)))


def _factors(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """Each factor's estimates, between pupils of one school and between schools, per standard deviation of the factor."""
    say = texts.say
    rows = [
        Told(one, row, say(f"parts.{row['group']}") if row["group"] else "")
        for one in findings
        for _, row in shown(one.estimates).iterrows()
        if pd.notna(row["estimate"])
    ]
    if not rows:
        return Blocks()
    points = pd.DataFrame([_per_deviation(one, texts) for one in rows])
    alt = say(
        "finding_pages.charts.alt_factors", outcome=outcome_text(findings[0], texts), lines=_lines(points, findings[0], texts)
    )
    panel = Panel(
        say("finding_pages.charts.factors_title", outcome=outcome_text(findings[0], texts)),
        finding_charts.effects(findings[0], points, alt, texts),
        say("finding_pages.charts.factors_note"),
    )
    return said(rows, texts) + FigureGrid((panel,), level=4) + _held(findings, texts)


def _per_deviation(told: Told, texts: Texts) -> dict[str, object]:
    row, part = told.row, told.row["group"]
    label = label_text(told.finding, texts)
    named = texts.say("finding_pages.charts.part_of", factor=label, part=texts.say(f"parts.{part}")) if part else label
    return {"label": named, "shown": SHOWN, **{name: row[name] * row["deviation"] for name in ("estimate", "lower", "upper")}}


def _held(findings: Sequence[Finding], texts: Texts) -> Blocks:
    """What was held equal for each factor, and what stands in the way."""
    say = texts.say
    rows = tuple(
        (Cell(label_text(one, texts)), Cell(_factors_named(one, "held", texts)), Cell(_factors_named(one, "in_the_way", texts)))
        for one in findings
    )
    columns = tuple(Column(say(f"finding_pages.columns.{name}")) for name in ("factor", "held", "in_the_way"))
    return Blocks([Table(say("finding_pages.captions.held"), columns, rows)])


def _factors_named(finding: Finding, key: str, texts: Texts) -> str:
    """Factors by their names; a dash for none."""
    keys = [part.strip() for part in finding.about.get(key, "").split(",") if part.strip()]
    named = dict.fromkeys(texts.say(f"factors.{one}") if texts.has(f"factors.{one}") else one for one in keys)
    return texts.listing(list(named)) or texts.say("cell.none")


def _gaps(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """Each gap, over all years in a sentence and year by year in a chart."""
    rows = [Told(one, row) for one in findings for _, row in _of(one, "gap", "").iterrows()]
    panels = []
    for one in findings:
        years = one.estimates[one.estimates["term"].eq("gap") & one.estimates["group"].ne("")]
        points = years.assign(school_year=years["group"])
        if len(shown(points)) > 1:
            label = label_text(one, texts)
            alt = texts.say(
                "finding_pages.charts.alt_gaps", groups=label, lines=_lines(points.assign(label=points["group"]), one, texts)
            )
            title = texts.say("finding_pages.charts.gaps_title", groups=label, outcome=outcome_text(one, texts))
            panels.append(Panel(title, finding_charts.over_the_years(one, points, alt, texts)))
    return said(rows, texts) + _grid(panels, "")


def _trends(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """Each measure's mean change over all schools, and how many of the schools shown have a change that is secured."""
    rows = [Told(one, row) for one in findings for _, row in _of(one, "slope", "all").iterrows()]
    say = texts.say
    columns = (
        Column(say("finding_pages.columns.measure")),
        *(Column(say(f"finding_pages.columns.{name}"), "right", narrow=True) for name in ("per_year", "interval", "secured")),
    )
    table = Table(say("finding_pages.captions.trends"), columns, tuple(_trend_row(one, texts) for one in rows))
    return said(rows, texts) + (table if rows else Blocks())


def _trend_row(told: Told, texts: Texts) -> tuple[Cell, ...]:
    finding, row = told.finding, told.row
    schools = shown(finding.estimates)
    schools = schools[schools["term"].eq("slope") & schools["group"].ne("all")]
    secured = sum(Told(finding, one).claim is not Claim.NOTHING for _, one in schools.iterrows())
    return (
        Cell(outcome_text(finding, texts)),
        Cell(amount_text(finding, row["estimate"], texts, short=True), strong=True),
        Cell(interval_text(finding, row["lower"], row["upper"], texts) or texts.say("cell.none"), muted=True),
        Cell(texts.say("finding_pages.so_many_of", number=texts.number(secured), all=texts.number(len(schools)))),
    )


def _measures(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """What each declared measure changed, and year by year before and after it came."""
    rows = [Told(one, row) for one in findings for _, row in _of(one, "effect").iterrows()]
    panels = []
    for one in findings:
        if "event" in one.tables and len(one.tables["event"]):
            points = one.tables["event"].assign(label=one.tables["event"]["event"].map(lambda event: _since(int(event), texts)))
            label = label_text(one, texts)
            alt = texts.say("finding_pages.charts.alt_event", measure=label, lines=_lines(points, one, texts))
            title = texts.say("finding_pages.charts.event_title", measure=label, outcome=outcome_text(one, texts))
            panels.append(Panel(title, finding_charts.effects(one, points, alt, texts), _treated(one, texts)))
    return said(rows, texts) + _grid(panels, "")


def _since(event: int, texts: Texts) -> str:
    """``2 years before``, ``the first year``, ``1 year after``."""
    if event == 0:
        return texts.say("finding_pages.event.first")
    return texts.say(f"finding_pages.event.{'before' if event < 0 else 'after'}", count=abs(event))


def _treated(finding: Finding, texts: Texts) -> str:
    numbers = [texts.number(finding.numbers.get(name, 0.0)) for name in ("treated", "compared")]
    return texts.say("finding_pages.treated", treated=numbers[0], compared=numbers[1])


def _funnels(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """Which schools lie outside the limits drawn, and every school on its own range."""
    last = findings[-1]
    rows = [
        Told(last, row, texts.say("finding_pages.at_school", school=names.get(row["group"], row["group"])))
        for _, row in shown(last.estimates).iterrows()
        if row["term"] == "school"
    ]
    claiming = [one for one in rows if one.claim is not Claim.NOTHING]
    panels = []
    if "schools" in last.tables and len(shown(last.tables["schools"])) >= FEWEST_IN_CHART:
        title = texts.say("finding_pages.charts.funnel_title", outcome=outcome_text(last, texts))
        note = texts.say(f"finding_pages.charts.limits_{last.about.get('limits', 'none')}")
        panels = [Panel(title, finding_charts.funnel(last, names, texts), note)]
    return said(claiming or rows, texts) + _grid(panels, "")


def _warnings(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """How far the warnings can be trusted; never a pupil, never a school, never a group."""
    say = texts.say
    rows = [Told(one, row) for one in findings for _, row in _of(one, "auc").iterrows()]
    columns = (
        Column(say("finding_pages.columns.worth")),
        *(Column(say(f"finding_pages.columns.{name}"), "right", narrow=True) for name in ("value", "interval", "pupils")),
    )
    told = [row for one in findings for _, row in shown(one.estimates).iterrows() if row["term"] in WORTH]
    cells = tuple(
        (
            Cell(say(f"finding_pages.worth.{row['term']}")),
            Cell(_worth(row["term"], row["estimate"], texts), strong=True),
            Cell(_worth_interval(row, texts), muted=True),
            Cell(count_text(row["n"], texts), muted=True),
        )
        for row in told
    )
    table = Table(say("finding_pages.captions.early_warning", outcome=outcome_text(findings[0], texts)), columns, cells)
    return said(rows, texts) + (table if cells else Blocks())


WORTH = {"auc": True, "calibration_slope": False, "observed_to_expected": False, "missed": True, "false_alarm": True}


def _worth(term: str, value: float, texts: Texts) -> str:
    if pd.isna(value):
        return texts.say("cell.none")
    return texts.percent(value) if WORTH[term] else texts.number(value, 2)


def _worth_interval(row: pd.Series, texts: Texts) -> str:
    ends = [_worth(row["term"], row[name], texts) for name in ("lower", "upper")]
    if texts.say("cell.none") in ends:
        return texts.say("cell.none")
    return texts.say("cell.interval", lower=ends[0].removesuffix(texts.percent_sign), upper=ends[1])


def _of(finding: Finding, term: str, group: str | None = None) -> pd.DataFrame:
    """Shown estimates of a term, of a group or of all."""
    rows = shown(finding.estimates)
    rows = rows[rows["term"].eq(term)]
    return rows if group is None else rows[rows["group"].eq(group)]


def _lines(points: pd.DataFrame, finding: Finding, texts: Texts) -> str:
    """Every point in words, for whoever does not see the chart."""
    seen = points[points["shown"].eq(SHOWN) & points["estimate"].notna()]
    return "; ".join(f"{row['label']} {amount_text(finding, row['estimate'], texts, short=True)}" for _, row in seen.iterrows())


def _grid(panels: Sequence[Panel], note: str) -> Blocks:
    blocks = Blocks([FigureGrid(tuple(panels), level=4)]) if panels else Blocks()
    return blocks + Paragraph(note, tone="note") if panels and note else blocks


PARTS: dict[str, Callable[[Sequence[Finding], Names, Texts], Blocks]] = {
    "school_differences": _schools,
    "value_added": _value_added,
    "factor_association": _factors,
    "group_gap": _gaps,
    "trend": _trends,
    "policy_change": _measures,
    "funnel": _funnels,
    "early_warning": _warnings,
}
