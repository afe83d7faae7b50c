"""Which figures of a release a finding's outcome is the same results as, and so which schools it must be silent about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.disclosure.ledger import decimals_of
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.municipality import Audience

# Results of single pupils that are no indicator themselves, and the indicators that rest on the same results.
SAME_RESULTS = {
    "prov_ak3": ("np3_svenska", "np3_matematik"),
    "prov_ak6": ("np6_svenska", "np6_matematik", "np6_engelska"),
    "betyg_ak6": ("alla_amnen_ak6",),
    "prov_ak9": ("np9_svenska", "np9_matematik", "np9_engelska"),
    "np5": ("np5_lesing", "np5_regning", "np5_engelsk"),
    "np8": ("np8_lesing", "np8_regning", "np8_engelsk"),
    "np9": ("np9_lesing", "np9_regning"),
}
NAMED_IN = ("indicator", "measure", "later", "earlier")  # keys of a finding's ``about`` that name results
SILENT = ("protected", "agency")
COARSE = "rounded"


@dataclass(frozen=True)
class Outcome:
    """What a finding is about, as the gate knows it.

    Attributes
    ----------
    id : str
        The outcome's own indicator; else the outcome as the finding names it.
    exact : tuple of str
        Indicators that are the outcome: a coarse figure of one must not become an exact one.
    same_results : tuple of str
        Indicators that rest on the same pupils' results in another form.
    smallest : int
        The fewest persons that may be told of.
    step : int
        Numbers of persons leave in steps of so many.
    decimals : int or None
        Of its figures on a page; None where it is no indicator, but e.g. standard deviations.
    share : bool
        Its figures are shares of persons.
    """

    id: str
    exact: tuple[str, ...]
    same_results: tuple[str, ...]
    smallest: int
    step: int
    decimals: int | None
    share: bool

    @property
    def indicators(self) -> tuple[str, ...]:
        return (*self.exact, *self.same_results)

    def hidden(self, figures: pd.DataFrame) -> pd.Series:
        """Which of these figures' values a finding must not tell either."""
        mine = figures["indicator"].isin(self.indicators)
        coarse = figures["indicator"].isin(self.exact) & figures["shown"].eq(COARSE)
        return mine & (figures["shown"].isin(SILENT) | coarse)


def outcome_of(finding: Finding, indicators: Mapping[str, Indicator], audience: Audience) -> Outcome:
    """What a finding is about. Of an outcome we do not know, the strictest rule for few persons holds."""
    names = list(dict.fromkeys([finding.outcome, *(finding.about.get(key, "") for key in NAMED_IN)]))
    exact = tuple(name for name in names if name in indicators)
    same = tuple(one for name in names for one in SAME_RESULTS.get(name, ()) if one in indicators and one not in exact)
    known = [indicators[name] for name in (*exact, *same)]
    survey = not known or any(one.survey for one in known)
    of_staff = bool(known) and all("staffing" in one.needs for one in known)
    smallest = audience.smallest_posts if of_staff else audience.smallest_group
    strict = max(smallest, audience.smallest_survey_group)
    return Outcome(
        exact[0] if exact else finding.outcome,
        exact,
        same,
        strict if survey else smallest,
        strict,
        decimals_of(indicators[finding.outcome]) if finding.outcome in indicators else None,
        finding.outcome in indicators and indicators[finding.outcome].is_share,
    )


def silent_schools(outcome: Outcome, figures: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """School and school year of every hidden figure of the whole school."""
    rows = figures[figures["level"].eq("school") & figures["breakdown"].eq("all")]
    hidden = rows[outcome.hidden(rows)]
    return frozenset(zip(hidden["unit"], hidden["school_year"], strict=True))


def silent_groups(outcome: Outcome, figures: pd.DataFrame, code: str, breakdown: str = "") -> frozenset[tuple[str, str]]:
    """Group and school year of every hidden figure of the municipality, of one breakdown or of any."""
    rows = figures[figures["level"].eq("municipality") & figures["unit"].eq(code) & figures["breakdown"].ne("all")]
    rows = rows[rows["breakdown"].eq(breakdown)] if breakdown else rows
    hidden = rows[outcome.hidden(rows)]
    return frozenset(zip(hidden["group"], hidden["school_year"], strict=True))
