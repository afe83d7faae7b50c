"""Findings through the gate: what of each analysis' answer one audience may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.disclosure.findings_outcome import outcome_of, silent_groups, silent_schools
from kvalitet_lib.disclosure.findings_printed import printed_basis, printed_check, printed_numbers
from kvalitet_lib.disclosure.findings_rows import FEWEST_LEFT, Case, shown_rows
from kvalitet_lib.disclosure.findings_whitelist import ABOUT, SHOWN, Whitelist
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.municipality import Audience

MEAN = "mean"  # the term of a group's own mean, where groups are compared
PROTECTED = "protected"  # the reason of a finding of which nothing may be shown


def shown_findings(
    findings: Sequence[Finding],
    figures: pd.DataFrame,
    units: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    audience: Audience,
    code: str,
) -> list[Finding]:
    """What an audience may see of findings, beside the figures it sees.

    Parameters
    ----------
    findings : sequence of Finding
        As ``kvalitet analyse`` keeps them.
    figures : DataFrame
        The release's figures as they leave, with ``shown``.
    units : DataFrame
        Columns of a release's ``units.csv``.
    code : str
        The municipality's.

    Returns
    -------
    list of Finding
        As many, in the same order. Every frame has the column ``shown`` (``yes`` or ``protected``); nothing is left in rows
        that are protected. A finding of too few has nothing left but its reason, ``protected``.

    Notes
    -----
    Nothing leaves that ``SHOWN`` does not name. A row is hidden when it rests on fewer persons than the audience's smallest
    group, and when it is about a school (or a group) of which the release hides a figure of the same outcome: what a model
    says of a school, its coefficients and the school's intake, which is shown, would together tell the hidden mean. Where
    values add up to what is told of all, the smallest rows besides are hidden until those hidden could only be subtracted
    together, also by heads who pool. Models without enough degrees of freedom are not shown at all. Results per pupil never.
    """
    schools = frozenset(units.loc[units["level"].eq("school"), "unit"])
    hidden = figures[~figures["shown"].isin(["yes", "missing"])]
    return [_shown(finding, hidden, schools, indicators, audience, code) for finding in findings]


def _shown(
    finding: Finding,
    figures: pd.DataFrame,
    schools: frozenset[str],
    indicators: Mapping[str, Indicator],
    audience: Audience,
    code: str,
) -> Finding:
    allowed = SHOWN[finding.analysis]
    anew = "shown" not in finding.estimates  # else it stands as it was let out
    finding = of_the_smaller_group(finding) if allowed.compares and anew else finding
    outcome = outcome_of(finding, indicators, audience)
    case = Case(
        finding,
        outcome,
        audience,
        silent_schools(outcome, figures),
        silent_groups(outcome, figures, code, finding.about.get("breakdown", "")),
        schools,
        allowed.by_year,
    )
    bare = replace(
        finding,
        basis=printed_basis(finding.basis, outcome),
        checks=tuple(printed_check(check, case.silent_schools, finding.basis, outcome) for check in finding.checks),
        about={name: value for name, value in finding.about.items() if name in ABOUT},
        tables={},
        numbers={},
        pupils=None,
    )
    if anew and _too_few(finding, allowed, outcome.smallest, audience):
        return _silent(bare)
    if anew and allowed.treated and _of_few_schools(finding, allowed.treated, case):
        return _silent(bare)
    tables = {
        name: shown_rows(rows, allowed.tables[name], case) for name, rows in finding.tables.items() if name in allowed.tables
    }
    told = replace(
        bare,
        estimates=shown_rows(finding.estimates, allowed.estimates, case),
        tables=tables,
        numbers=printed_numbers(finding.numbers, allowed.numbers, finding.basis, outcome, audience, case.alpha),
    )
    if allowed.compares and told.estimates.loc[told.estimates["term"].eq(MEAN), "shown"].ne("yes").any():
        return _silent(bare)
    empty = not any(frame["shown"].eq("yes").any() for frame in (told.estimates, *told.tables.values()))
    return replace(told, reason=told.reason or PROTECTED) if empty else told


def _silent(finding: Finding) -> Finding:
    """Only why there is no answer."""
    return replace(finding, estimates=pd.DataFrame({"shown": pd.Series(dtype="str")}), reason=finding.reason or PROTECTED)


def of_the_smaller_group(finding: Finding) -> Finding:
    """The comparison of two groups, each answer resting on as many persons as the smaller of them has, also of one year.

    Groups are the rows of the term ``mean``; of years, ``n_a`` and ``n_b`` in the table ``school_years``.
    """
    estimates = finding.estimates
    means = estimates["term"].eq(MEAN)
    years = finding.tables.get("school_years", pd.DataFrame(columns=["school_year", "n_a", "n_b"]))
    of_year = years.set_index("school_year")[["n_a", "n_b"]].min(axis=1)
    smaller = estimates["group"].map(of_year).fillna(estimates.loc[means, "n"].min())
    return replace(finding, estimates=estimates.assign(n=estimates["n"].where(means, smaller)))


def _too_few(finding: Finding, allowed: Whitelist, smallest: int, audience: Audience) -> bool:
    """Whether a finding rests on too few persons, or its model on too few degrees of freedom."""
    if finding.basis.pupils is not None and finding.basis.pupils < smallest:
        return True
    terms = int(finding.estimates["group"].eq("").sum())
    freedom = finding.numbers.get("degrees_of_freedom", finding.basis.rows - terms)
    return allowed.model and freedom < audience.fewest_degrees_of_freedom


def _of_few_schools(finding: Finding, table: str, case: Case) -> bool:
    """Whether an answer about some schools together would tell of one of them of which a figure is hidden."""
    units = finding.tables.get(table, pd.DataFrame({"unit": sorted(case.schools), "treated": True}))
    treated = set(units.loc[units["treated"].astype(bool), "unit"])
    return 0 < len(treated & case.silent_schools) < FEWEST_LEFT + case.audience.heads_who_pool


def left_out_of(findings: Sequence[Finding], left_out: Collection[tuple[str, ...]]) -> list[Finding]:
    """The findings without those that the attacker found something in: named by outcome and analysis."""
    named = {(detail[0], detail[2]) for detail in left_out}
    return [one for one in findings if (one.outcome, one.analysis) not in named]
