"""The sentence a finding may carry, and how its sizes are written; no claim is put into words anywhere else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kvalitet_lib.analyses.claim import Claim, ceiling, claims_of
from kvalitet_lib.analyses.finding import Finding, estimates_frame
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.present.words import inline, name_of
from kvalitet_lib.texts import Texts

# How the size of an answer is said: a key of finding_pages.sizes.
SIZES = {
    "school_differences": "share",
    "value_added": "difference",
    "expected_results": "difference",
    "growth": "percentile",
    "cohorts": "deviations",
    "trend": "per_year",
    "factor_association": "difference",
    "group_gap": "difference",
    "policy_change": "difference",
    "early_warning": "pairs",
    "funnel": "level",
}
DIFFERENCES = ("difference", "per_year", "deviations")
DEVIATION_DECIMALS = 2
BETWEEN = "between"  # the part of a factor that lies between schools
PER_CENT = ("share", "pairs", "level")
OF_SHARES = ("funnel", "early_warning")  # analyses of who has reached a goal, whatever the outcome is counted in


@dataclass(frozen=True)
class Told:
    """One released row of a finding that a sentence may be said of.

    Attributes
    ----------
    finding : Finding
    row : Series
        ``estimate, lower, upper, null, p, p_adjusted, n``, and ``term`` and ``group`` where they name it.
    claim : Claim
        What it may say.
    place : str
        Where it is so, in words (``at this school``); empty where it is about all.
    """

    finding: Finding
    row: pd.Series
    claim: Claim
    place: str = ""


def tell(finding: Finding, rows: pd.DataFrame, places: Mapping[str, str] | str = "") -> list[Told]:
    """Rows of a finding, each with what the claim ladder lets it say as it was released.

    ``places`` says where the rows are so, or where those of each group are.
    """
    claims = claims_of(estimates_frame(rows), ceiling(finding.design, finding.checks), finding.confidence)
    return [
        Told(finding, row, Claim(claim), places if isinstance(places, str) else places.get(row["group"], ""))
        for (_, row), claim in zip(rows.iterrows(), claims, strict=True)
    ]


def sentence(told: Told, texts: Texts, also: Sequence[Told] = ()) -> str:
    """The one sentence of the row's rung.

    Parameters
    ----------
    told : Told
    also : sequence of Told
        Further rows of the same analysis of which nothing can be said either; they are named in the same sentence.
    """
    every = [told, *also]
    outcomes = list(dict.fromkeys(inline(outcome_text(one.finding, texts)) for one in every))
    asked = list(dict.fromkeys(what_text(one, texts) for one in every))
    said = texts.say(
        f"claims.{told.claim.key}", outcome=texts.listing(outcomes), what=texts.listing(asked), size=size_text(told, texts)
    )
    return said[0].upper() + said[1:]


def sentences(rows: Sequence[Told], texts: Texts) -> list[str]:
    """A sentence for each row that may claim something, and one for all the rest of which nothing can be said."""
    claiming = [one for one in rows if one.claim is not Claim.NOTHING]
    known = {(outcome_text(one.finding, texts), what_text(one, texts)) for one in claiming}
    silent = [one for one in rows if one.claim is Claim.NOTHING]
    silent = [one for one in silent if (outcome_text(one.finding, texts), what_text(one, texts)) not in known]
    said = [sentence(one, texts) for one in claiming]
    return [*said, sentence(silent[0], texts, silent[1:])] if silent else said


def outcome_text(finding: Finding, texts: Texts) -> str:
    """What the finding is about: an indicator's name, or that of results which are no indicator themselves."""
    key = f"finding_pages.reached.{finding.outcome}"
    if finding.analysis in OF_SHARES and texts.has(key):
        return texts.say(key)
    known = finding.outcome in all_indicators()
    return name_of(finding.outcome, texts) if known else texts.say(f"finding_pages.results.{finding.outcome}.name")


def with_start(finding: Finding, texts: Texts) -> str:
    """What the finding is about, and the earlier result that pupils are followed from, where there is one."""
    outcome, key = outcome_text(finding, texts), f"finding_pages.results.{finding.about.get('earlier', '')}.name"
    return texts.say("finding_pages.since", outcome=outcome, earlier=inline(texts.say(key))) if texts.has(key) else outcome


def label_text(finding: Finding, texts: Texts) -> str:
    """What tells a finding from others of its analysis: the factor, the groups or the measure asked about, else the outcome."""
    factor = finding.about.get("factor", "")
    if finding.analysis == "factor_association" and texts.has(f"factors.{factor}"):
        return texts.say(f"factors.{factor}")
    if finding.analysis == "group_gap":
        return texts.say(f"finding_pages.groups.{finding.about['breakdown']}.what")
    return finding.about.get("title", "") or outcome_text(finding, texts)


def what_text(told: Told, texts: Texts) -> str:
    """What the outcome is asked about: the analysis' noun phrase, or the name of the factor, the groups or the measure."""
    finding, term = told.finding, str(told.row.get("term", ""))
    if finding.analysis == "factor_association":
        return texts.say(f"finding_pages.factors.{factor_key(term, texts)}.what")
    if finding.analysis == "group_gap":
        return texts.say(f"finding_pages.groups.{finding.about['breakdown']}.what")
    if finding.analysis == "policy_change" and finding.about.get("title"):
        return texts.say("finding_pages.measure_named", title=finding.about["title"])
    return texts.say("finding_pages.cohorts_what" if finding.analysis == "cohorts" else f"analyses.{finding.analysis}.what")


def factor_key(term: str, texts: Texts) -> str:
    """Where the words for a factor's step stand: its own, or those for any other."""
    return term if texts.has(f"finding_pages.factors.{term}") else "other"


def kind_of(finding: Finding, term: str = "") -> str:
    """How the size of an answer is said: a key of ``finding_pages.sizes``."""
    return "share" if term == "icc" else SIZES[finding.analysis]


def size_text(told: Told, texts: Texts) -> str:
    """How large, with its interval where there is one, and where."""
    finding, row = told.finding, told.row
    kind = kind_of(finding, str(row.get("term", "")))
    amount = amount_text(finding, row["estimate"], texts, kind=kind)
    interval = interval_text(finding, row["lower"], row["upper"], texts, kind)
    said = texts.say(f"finding_pages.sizes.{kind}", size=amount)
    if finding.analysis == "group_gap":
        said = texts.say(f"finding_pages.groups.{finding.about['breakdown']}.size", size=amount)
    if finding.analysis == "factor_association":
        step = f"factors.{factor_key(str(row['term']), texts)}.size"
        said = texts.say(f"finding_pages.{'per_deviation' if row['group'] == BETWEEN else step}", size=amount)
    said = texts.say("finding_pages.sizes.with_interval", size=said, interval=interval) if interval else said
    return texts.say("finding_pages.sizes.in_place", size=said, place=told.place) if told.place else said


def amount_text(finding: Finding, value: float, texts: Texts, short: bool = False, kind: str = "") -> str:
    """A value as the analysis' answers are written: a difference in the outcome's unit, a share, a percentile."""
    if math.isnan(value):
        return texts.say("cell.none")
    kind = kind or kind_of(finding)
    if kind in ("difference", "per_year"):
        return texts.difference(value, unit_of(finding, texts), short=short)
    if kind in PER_CENT:
        return texts.percent(value)
    if kind == "deviations":
        return texts.signed(value, "", DEVIATION_DECIMALS)
    return texts.number(value)


def interval_text(finding: Finding, lower: float, upper: float, texts: Texts, kind: str = "") -> str:
    """``+2,1 till +14,3`` or ``48–61 %``; nothing where there is no interval."""
    if math.isnan(lower) or math.isnan(upper):
        return ""
    ends = [amount_text(finding, end, texts, short=True, kind=kind) for end in (lower, upper)]
    if (kind or kind_of(finding)) in DIFFERENCES:
        return texts.say("finding_pages.sizes.from_to", lower=ends[0], upper=ends[1])
    return texts.say("cell.interval", lower=ends[0].removesuffix(texts.percent_sign), upper=ends[1])


def unit_of(finding: Finding, texts: Texts) -> str:
    """The unit its values are in: a key of ``units`` in texts."""
    known = all_indicators()
    if finding.outcome in known:
        return known[finding.outcome].unit
    return texts.say(f"finding_pages.results.{finding.outcome}.unit")
