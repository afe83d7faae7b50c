"""How schools differ, as the municipality's page tells it: each as it is and drawn towards the mean, never in order of size."""

from __future__ import annotations

from collections.abc import Sequence

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.present import finding_charts
from kvalitet_lib.present.blocks import Blocks, Cell, Column, Panel, Table
from kvalitet_lib.present.finding_parts import Names, as_estimates, panels_and_note, rows_of, said, shown
from kvalitet_lib.present.finding_sentences import amount_text, interval_text, outcome_text, tell, with_start
from kvalitet_lib.texts import Texts

FEWEST_IN_CHART = 3  # schools; as elsewhere on the page


def school_differences(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """How much lies between schools, as they are and with background held equal; and the schools of the first."""
    main = findings[0]
    places = {"adjusted": texts.say("finding_pages.background_alike")}
    panels = [
        Panel(
            texts.say(f"finding_pages.charts.{table}_title", outcome=outcome_text(main, texts)),
            finding_charts.caterpillar(main, table, names, texts),
        )
        for table in ("schools", "schools_adjusted")
        if _enough(main, table)
    ]
    rows = rows_of(main, "icc", "adjusted")
    rows = rows if len(rows) else rows_of(main, "icc")
    told = said(tell(main, rows, places), texts) + _shares(findings, ("null", "adjusted"), texts)
    return told + panels_and_note(panels, texts.say("finding_pages.charts.schools_note"))


def value_added(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """How much value added differs between schools; and each school's, in the first."""
    main, panels = findings[0], []
    if _enough(main, "schools"):
        title = texts.say("finding_pages.charts.value_added_title", outcome=outcome_text(main, texts))
        panels = [Panel(title, finding_charts.caterpillar(main, "schools", names, texts), _apart(main, texts))]
    told = said(tell(main, rows_of(main, "icc")), texts) + _shares(findings, ("",), texts)
    return told + panels_and_note(panels, texts.say("finding_pages.charts.schools_note"))


def _shares(findings: Sequence[Finding], groups: Sequence[str], texts: Texts) -> Blocks:
    """The share of the differences that lies between schools, of every result; nothing where there is one result only."""
    if len(findings) < 2:
        return Blocks()
    say = texts.say
    labels = ["share", "alike_share"][: len(groups)]
    columns = (
        Column(say("finding_pages.columns.result")),
        *(Column(say(f"finding_pages.columns.{label}"), "right", narrow=True) for label in (*labels, "schools", "pupils")),
    )
    rows = tuple((Cell(with_start(one, texts)), *_share_cells(one, groups, texts)) for one in findings)
    return Blocks([Table(say("finding_pages.captions.shares"), columns, rows)])


def _share_cells(finding: Finding, groups: Sequence[str], texts: Texts) -> tuple[Cell, ...]:
    cells = []
    for group in groups:
        rows = rows_of(finding, "icc", group)
        row = rows.iloc[0] if len(rows) else None
        amount = texts.say("cell.none") if row is None else amount_text(finding, row["estimate"], texts, kind="share")
        interval = "" if row is None else interval_text(finding, row["lower"], row["upper"], texts, "share")
        cells.append(Cell(amount, note=interval))
    counts = (finding.basis.schools, finding.basis.pupils)
    return (*cells, *(Cell(texts.say("cell.none") if one is None else texts.number(one), muted=True) for one in counts))


def funnels(findings: Sequence[Finding], names: Names, texts: Texts) -> Blocks:
    """Which schools lie further out than chance and the usual spread would have them, and each on its own range."""
    main = next((one for one in findings if _enough(one, "schools")), findings[-1])
    places = {code: texts.say("finding_pages.at_school", school=name) for code, name in names.items()}
    rows = tell(main, rows_of(main, "school"), places)
    panels = []
    if _enough(main, "schools"):
        title = texts.say("finding_pages.charts.funnel_title", outcome=outcome_text(main, texts))
        note = texts.say(f"finding_pages.charts.limits_{main.about.get('limits', 'none')}")
        panels = [Panel(title, finding_charts.funnel(main, names, texts), note)]
    return said([one for one in rows if one.claim is not Claim.NOTHING] or rows, texts) + panels_and_note(panels)


def _enough(finding: Finding, table: str) -> bool:
    return table in finding.tables and len(shown(finding.tables[table])) >= FEWEST_IN_CHART


def _apart(finding: Finding, texts: Texts) -> str:
    """How many of the schools that are shown can be told from what is expected."""
    rows = tell(finding, as_estimates(shown(finding.tables["schools"]), "shrunken"))
    count = sum(one.claim is not Claim.NOTHING for one in rows)
    return texts.say("finding_pages.stand_out", count=count, number=texts.number(count), all=texts.number(len(rows)))
