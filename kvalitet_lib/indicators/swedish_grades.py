"""What Swedish grades are worth, and what a pupil's grades together make of them."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.indicators.background import PUPIL

POINTS = {"A": 20.0, "B": 17.5, "C": 15.0, "D": 12.5, "E": 10.0, "F": 0.0, "-": 0.0}
PASSES = ("A", "B", "C", "D", "E")
GRADES = (*PASSES, "F")
SWEDISH = ["SV", "SVA"]
SCIENCE = ["BI", "FY", "KE"]
SOCIETY = ["GE", "HI", "RE", "SH"]
BLOCKS = {"NO": SCIENCE, "SO": SOCIETY}
MODERN_LANGUAGES = ["M1", "M2"]
VOCATIONAL = 5
HIGHER_EDUCATION = 9
ORDINARY_SUBJECTS = 16


def grades_set(grades: pd.DataFrame, year_group: int) -> pd.DataFrame:
    """The grades a figure on one year group rests on, one row per pupil and subject.

    Year 9 means final grades. In year 6 there are only term grades, so the kind does not matter there.
    A block grade (NO, SO) is left out for a pupil who has any of the single subjects it stands for.

    Parameters
    ----------
    grades : DataFrame
        Table ``grades``.
    year_group : int
        6 or 9.

    Returns
    -------
    DataFrame
        Rows of ``grades`` with ``points`` (0-20) and ``passed`` (bool).
    """
    kinds = ["final"] if year_group == 9 else ["final", "term"]
    ours = grades[grades["year_group"].eq(year_group).fillna(False) & grades["assessment"].isin(kinds)]
    ours = ours.sort_values("assessment", kind="stable").drop_duplicates([*PUPIL, "subject"]).reset_index(drop=True)
    ours = ours[~_stands_beside_its_singles(ours)]
    return ours.assign(points=ours["grade"].map(POINTS).astype(float), passed=ours["grade"].isin(PASSES)).reset_index(drop=True)


def passed_by_subject(grades: pd.DataFrame, by: list[str] = PUPIL, what: str = "passed") -> pd.DataFrame:
    """One row per pupil (or per ``by``), one column of booleans per subject: whether ``what`` holds in it."""
    wide = grades.groupby([*by, "subject"])[what].any().unstack(fill_value=False)
    needed = [*SWEDISH, "EN", "MA", *SCIENCE, *SOCIETY, *BLOCKS]
    return wide.reindex(columns=wide.columns.union(needed), fill_value=False).astype(bool)


def eligible(passed: pd.DataFrame, others: int, required: list[str]) -> pd.Series:
    """Whether each row has a pass in Swedish, English, mathematics, every required subject and enough others.

    Parameters
    ----------
    passed : DataFrame of bool
        As `passed_by_subject` gives it.
    others : int
        How many passes are needed besides the three: 5 for vocational, 9 for higher education preparatory programmes.
    required : list of str
        Subjects that must be among the others.

    References
    ----------
    Skolverket, Behörighet till gymnasieskolan, fr.o.m. 2011 (8 or 12 passes); Kolada N15433-N15436.
    """
    core = passed[SWEDISH].any(axis=1) & passed["EN"] & passed["MA"]
    enough = passed.drop(columns=[*SWEDISH, "EN", "MA"]).sum(axis=1).ge(others)
    return core & enough & passed[required].all(axis=1)


def eligibility(grades: pd.DataFrame, others: int, required: list[str]) -> pd.Series:
    """1.0 or 0.0 per pupil, empty where the delivery cannot tell.

    It cannot where the school's delivery lacks subjects, so that not even a pass in all of them would do, and
    where the answer hangs on whether a block grade counts as one subject or as each subject it stands for:
    no source we know of says which.
    """
    passed = passed_by_subject(grades)
    surely = eligible(passed, others, required)
    possibly = eligible(_blocks_as_singles(passed), others, required)
    return surely.astype(float).where(surely.eq(possibly) & delivered_in_full(grades, passed.index, others, required))


def delivered_in_full(
    grades: pd.DataFrame, pupils: pd.Index, others: int = VOCATIONAL, required: list[str] | None = None
) -> pd.Series:
    """Per pupil, whether a pass in every subject their school delivered that year would make one eligible.

    Our own rule: it tells a whole delivery from one with a few subjects only, which must not become a figure.
    """
    school = ["school", "school_year"]
    delivered = _blocks_as_singles(passed_by_subject(grades.assign(delivered=True), school, "delivered"))
    enough = eligible(delivered, others, required or [])
    schools = pd.MultiIndex.from_frame(pupils.to_frame(index=False)[school])
    return pd.Series(enough.reindex(schools).to_numpy(), index=pupils)


def merit_values(grades: pd.DataFrame) -> pd.Series:
    """Each pupil's meritvärde: the 16 best grades, and a passed modern language taken as språkval on top.

    What the delivering system states is taken as it is: it has seen every subject. Otherwise the value is
    computed; mother tongue (ML) is one of the ordinary subjects, so it can replace a weaker grade but is never
    an extra one. Empty where the delivery lacks subjects, or where a block grade stands for several
    subjects (our own reading: the agency does not say how often it counts).

    Parameters
    ----------
    grades : DataFrame
        As `grades_set` gives them.

    Returns
    -------
    Series
        Points 0-340 per pupil.

    References
    ----------
    Skolverket, Slutbetyg årskurs 9, Rapportbeskrivning och definitioner ("Genomsnittligt meritvärde (17 ämnen)").
    """
    ranked = grades.sort_values("points", ascending=False, kind="stable")
    chosen = ranked["language_choice"].astype("boolean").fillna(ranked["subject"].eq("M2")).astype(bool)
    seventeenth = ranked[chosen & ranked["subject"].isin(MODERN_LANGUAGES)].drop_duplicates(PUPIL)
    ordinary = ranked.drop(seventeenth.index).groupby(PUPIL).head(ORDINARY_SUBJECTS)
    computed = pd.concat([ordinary, seventeenth]).groupby(PUPIL)["points"].sum()
    has_block = grades["subject"].isin(list(BLOCKS)).groupby([grades[key] for key in PUPIL]).any()
    sure = (~has_block | computed.eq(0)) & delivered_in_full(grades, computed.index)
    return grades.groupby(PUPIL)["stated_points"].first().astype(float).fillna(computed.where(sure))


def _stands_beside_its_singles(grades: pd.DataFrame) -> pd.Series:
    keys = [grades[key] for key in PUPIL]
    beside = pd.Series(False, index=grades.index)
    for block, singles in BLOCKS.items():
        beside |= grades["subject"].eq(block) & grades["subject"].isin(singles).groupby(keys).transform("any")
    return beside


def _blocks_as_singles(passed: pd.DataFrame) -> pd.DataFrame:
    singles = {single: passed[single] | passed[block] for block, stands_for in BLOCKS.items() for single in stands_for}
    return passed.assign(**singles).drop(columns=list(BLOCKS))
