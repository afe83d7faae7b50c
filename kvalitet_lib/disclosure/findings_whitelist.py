"""What of each analysis may leave at all, column by column and number by number; what is not named here never does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class How:
    """How one column, or one number, leaves.

    Attributes
    ----------
    kind : str
        ``text`` (a code that names the row), ``word`` (what is said of it), ``school`` (a school's code: the row is that
        school's), ``persons`` (how many the row rests on: decides whether it is shown), ``count`` (some other number of
        persons), ``units`` (schools, school years, tests: whole numbers that count nobody), ``p`` or ``value``.
    decimals : int or None
        Of a value; None means the outcome's own, as on a page, and ``more`` besides.
    spread : bool
        Tells how far persons lie apart: only from ``smallest_deviation_group``.
    median : bool
        Only from ``smallest_median_group``.
    """

    kind: Literal["text", "word", "school", "persons", "count", "units", "p", "value"] = "value"
    decimals: int | None = None
    more: int = 0
    spread: bool = False
    median: bool = False


TEXT, WORD, SCHOOL, PERSONS, COUNT, UNITS = (
    How("text"), How("word"), How("school"), How("persons"), How("count"), How("units")
)  # fmt: skip
FIGURE = How()  # a mean or share of persons, as a page prints it: with one decimal more a count could be read back
MODEL = How(more=1)  # what a model says in the outcome's unit
MODEL_SPREAD = How(more=1, spread=True)
SCALELESS = How(decimals=2)  # standard deviations, ratios, correlations, shares
SCALELESS_SPREAD = How(decimals=2, spread=True)
P = How("p", decimals=3)
PLACE = How(decimals=0, spread=True)  # a place among the schools
MEDIAN = How(decimals=0, median=True)


@dataclass(frozen=True)
class Rows:
    """What of one table may leave.

    Attributes
    ----------
    columns : mapping of name to How
    terms : tuple of str
        Terms whose rows may; all when none is named.
    shares : tuple of str
        Terms whose estimate is a share of the row's persons: not shown where fewer than ``smallest_count`` have, or lack,
        what is counted.
    adds_up : bool
        The schools' values (or groups') add up to what is told of all together: those that are not shown are then never so
        few that others could subtract.
    """

    columns: Mapping[str, How]
    terms: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    adds_up: bool = True


@dataclass(frozen=True)
class Whitelist:
    """What of one analysis may leave.

    Attributes
    ----------
    estimates : Rows
    tables : mapping of name to Rows
    numbers : mapping of name to How
    model : bool
        A model was fitted to persons: needs ``fewest_degrees_of_freedom``. What only describes figures that are themselves
        shown does not.
    by_year : bool
        A single year's figure could be worked out from an answer over several years: one that is hidden silences it. Else
        only a school that is hidden in every one of them is not told of.
    treated : str
        The table that tells which schools (``unit``) had a measure (``treated``): the answer is about them together.
    compares : bool
        The answer is how two groups differ: where one may not be told of, neither may the difference.
    """

    estimates: Rows
    tables: Mapping[str, Rows] = field(default_factory=dict)
    numbers: Mapping[str, How] = field(default_factory=dict)
    model: bool = True
    by_year: bool = True
    treated: str = ""
    compares: bool = False


ABOUT = (
    "school_year",
    "indicator",
    "measure",
    "earlier",
    "later",
    "breakdown",
    "title",
    "factor",
    "held",
    "in_the_way",
    "limits",
    "adjusted",
)


def answers(value: How = MODEL, spread: How = MODEL_SPREAD, n: How = PERSONS, **more: How) -> dict[str, How]:
    """The columns every finding's estimates have, and more."""
    return {
        "term": TEXT,
        "group": TEXT,
        "estimate": value,
        "standard_error": spread,
        "lower": spread,
        "upper": spread,
        "null": value,
        "p": P,
        "p_adjusted": P,
        "n": n,
        "missing": SCALELESS,
        **more,
    }


_INTERVAL = {"lower": MODEL_SPREAD, "upper": MODEL_SPREAD}
_PAIRS = {"lower_pair": MODEL_SPREAD, "upper_pair": MODEL_SPREAD}
_EFFECTS = Rows({"school": SCHOOL, "n": PERSONS, "raw": MODEL, "shrunken": MODEL, **_INTERVAL, **_PAIRS, "p": P, "p_adjusted": P})
_MEANS = Rows({**_EFFECTS.columns, "raw": FIGURE})
_APART = {"icc": SCALELESS, "pairs_apart": SCALELESS, "rank_width": PLACE}
_GAP = (
    *("gap", "mean", "gap_change", "explained", "unexplained"),
    *("between_schools", "within_schools", "dissimilarity", "isolation"),
)
_WARNING = ("auc", "calibration_slope", "calibration_in_the_large", "observed_to_expected", "brier", "missed", "false_alarm")

# No place among the schools leaves: out of the page it would be a league table. Nor does the number of schools that stand
# out: beside those that are seen to, it would tell of the hidden ones.
SHOWN: dict[str, Whitelist] = {
    "school_differences": Whitelist(
        Rows(answers(), ("school", "icc"), adds_up=False), {"schools": _MEANS, "schools_adjusted": _EFFECTS}, _APART
    ),
    # What is expected of pupils rests on each one's start, and neither starts nor coefficients leave.
    "value_added": Whitelist(Rows(answers(), ("school", "icc")), {"schools": _EFFECTS}, _APART, by_year=False),
    "expected_results": Whitelist(
        Rows(answers(), ("deviation",)),
        {
            "schools": Rows(
                {
                    "school": SCHOOL,
                    "n": PERSONS,
                    "actual": FIGURE,
                    "expected": MODEL,
                    **dict.fromkeys(["expected_lower", "expected_upper", "chance_lower", "chance_upper"], MODEL_SPREAD),
                }
            )
        },
        {"r_squared": SCALELESS, "tests": UNITS},
    ),
    "growth": Whitelist(
        Rows(answers(MEDIAN, MEDIAN), ("all", "school", "sex", "parents_education"), adds_up=False),
        numbers={"tests": UNITS, "between_schools": SCALELESS},
        by_year=False,
    ),
    "cohorts": Whitelist(
        Rows(answers(SCALELESS, SCALELESS_SPREAD), ("same_pupils", "class_against_class", "difference")),
        {
            "schools": Rows(
                {"school": SCHOOL, "now": PERSONS, "stayed": PERSONS}
                | dict.fromkeys(["moved_in", "moved_out", "new", "lost"], COUNT),
                adds_up=False,
            )
        },
    ),
    "trend": Whitelist(
        Rows(answers(years=UNITS), ("slope", "slope_sd")),
        numbers={"tests": UNITS, "slope_sd_true": MODEL, "slope_sd_raw": MODEL},
        model=False,
    ),
    "factor_association": Whitelist(
        Rows(answers(standardised=SCALELESS, partial_r2=SCALELESS, deviation=How(decimals=3)), adds_up=False),
        numbers={"tests": UNITS, "r_squared": SCALELESS},
    ),
    "group_gap": Whitelist(Rows(answers(), _GAP), numbers={"tests": UNITS, "share_between_schools": SCALELESS}, compares=True),
    "policy_change": Whitelist(
        Rows(answers(n=UNITS, treated=UNITS), ("effect",)),
        {
            "event": Rows(
                {"event": UNITS, "estimate": MODEL, **_INTERVAL, "lower_all": MODEL, "upper_all": MODEL, "treated": UNITS}
            )
        },
        {"treated": UNITS, "compared": UNITS, "tests": UNITS},
        treated="leave_one_out",
    ),
    "early_warning": Whitelist(Rows(answers(SCALELESS, SCALELESS), _WARNING, ("missed", "false_alarm"))),
    "funnel": Whitelist(
        Rows(answers(SCALELESS, SCALELESS_SPREAD), ("school", "target"), ("school", "target")),
        {
            "schools": Rows(
                {
                    "school": SCHOOL,
                    "n": PERSONS,
                    "estimate": SCALELESS,
                    "outside_95": WORD,
                    "outside_99_8": WORD,
                    **dict.fromkeys(["lower_95", "upper_95", "lower_99_8", "upper_99_8"], SCALELESS),
                }
            )
        },
        {"tests": UNITS, "target": SCALELESS},
        model=False,
    ),
}
# Doubts whose value is a number of persons; is about single groups; is about those who could not enter.
CHECKS_OF_PERSONS = frozenset({"gap_enough_in_group"})
CHECKS_OF_GROUPS = frozenset({"ew_equal_missed", "ew_equal_alarms"})
CHECKS_OF_LOST = frozenset({"schools_lost_alike", "growth_without_prior", "growth_without_score", "cohorts_lost_alike"})
UNTOLD = "protected"  # what a doubt is about when its value is not told
