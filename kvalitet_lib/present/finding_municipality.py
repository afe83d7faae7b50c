"""What the analyses say of all schools together: sentences, charts and tables, and the doubts behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.present.blocks import Blocks, together
from kvalitet_lib.present.finding_changes import gaps, measures, trends
from kvalitet_lib.present.finding_factors import factors
from kvalitet_lib.present.finding_parts import (
    Names,
    doubts,
    main_first,
    names_of_schools,
    opening,
    section,
    step_of,
    without_answer,
)
from kvalitet_lib.present.finding_schools import funnels, school_differences, value_added
from kvalitet_lib.present.finding_warnings import warnings
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.texts import Texts

Part = Callable[[Sequence[Finding], Names, Texts], Blocks]
PARTS: dict[str, Part] = {
    "school_differences": school_differences,
    "value_added": value_added,
    "factor_association": factors,
    "group_gap": gaps,
    "trend": trends,
    "policy_change": measures,
    "funnel": funnels,
    "early_warning": warnings,
}


def what_the_analyses_say(unit: UnitFigures, texts: Texts) -> Blocks:
    """Every analysis with an answer about the municipality, or why there is none; nothing in a release without findings."""
    findings = unit.release.findings(*PARTS)
    names, step = names_of_schools(unit), step_of(unit)
    told = together(_part([one for one in findings if one.analysis == name], names, step, texts) for name in PARTS)
    return section(texts.say("finding_pages.lead_municipality"), told, texts)


def _part(findings: Sequence[Finding], names: Names, step: int, texts: Texts) -> Blocks:
    """One analysis: its question, what it says, and its doubts."""
    if not findings:
        return Blocks()
    answered = main_first([one for one in findings if not one.reason])
    says = PARTS[findings[0].analysis](answered, names, texts) if answered else Blocks()
    return opening(findings[0], texts) + says + without_answer(findings, texts) + doubts(answered, texts, names, step)
