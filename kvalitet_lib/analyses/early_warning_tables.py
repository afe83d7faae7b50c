"""What risks foretold are worth: estimates and tables about all tested pupils and about groups of them, never about one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.analyses.factor_matrix import Factors
from kvalitet_lib.statistics.calibration import calibration, smooth_calibration
from kvalitet_lib.statistics.differences import p_value
from kvalitet_lib.statistics.discrimination import Flagged, auc, rates
from kvalitet_lib.statistics.intervals import Floats, wilson
from kvalitet_lib.statistics.logistic import Logistic, clustered_covariance
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg
from kvalitet_lib.statistics.proportions import newcombe
from kvalitet_lib.statistics.resampling import t_test

FEWEST_SHOWN = 10  # a figure of fewer pupils would say something about single ones; own rule
BINS = 10
FEWEST_IN_BIN = 20
GRID = np.round(np.arange(0.02, 0.99, 0.02), 2)
CURVE = 41
GROUP_COLUMNS = (
    "breakdown", "group", "n", "events", "expected", "observed_to_expected", "flagged", "auc", "auc_lower", "auc_upper",
)  # fmt: skip


@dataclass(frozen=True)
class Tested:
    """The pupils risks are tested on; arrays have the shape (m,).

    Attributes
    ----------
    event, risk : ndarray
    school : ndarray of int or None
        Numbered from 0, where pupils of one school are to be allowed to be alike.
    threshold : float
        Risk at and above which somebody is flagged.
    level : float
        Confidence.
    """

    event: Floats
    risk: Floats
    school: NDArray[np.int64] | None
    threshold: float
    level: float

    @property
    def flagged(self) -> NDArray[np.bool_]:
        return self.risk >= self.threshold

    @property
    def freedom(self) -> float:
        return np.inf if self.school is None else float(self.school.max())


def overall(tested: Tested) -> list[dict[str, object]]:
    """Discrimination, calibration and benefit of all tested pupils together."""
    area, found = auc(tested.event, tested.risk, tested.school), calibration(tested.event, tested.risk, tested.school)
    n, rows = float(found.n), []
    for term, value, error, null, low, high in (
        ("auc", area.estimate, area.standard_error, 0.5, 0.0, 1.0),
        ("calibration_slope", found.slope, found.slope_error, np.nan, -np.inf, np.inf),
        ("calibration_intercept", found.intercept, found.intercept_error, np.nan, -np.inf, np.inf),
        ("calibration_in_the_large", found.in_the_large, found.in_the_large_error, np.nan, -np.inf, np.inf),
        ("observed_to_expected", found.observed_to_expected, found.observed_to_expected_error, np.nan, 0.0, np.inf),
        ("brier", found.brier, found.brier_error, np.nan, 0.0, 1.0),
    ):
        lower, upper, p = (float(one) for one in t_test(value, error, tested.freedom, tested.level, null))
        rows.append(
            {"term": term, "group": "", "estimate": value, "standard_error": error, "lower": max(lower, low),
             "upper": min(upper, high), "null": null, "p": p, "n": n}
        )  # fmt: skip
    flags = Flagged.at(tested.event, tested.risk, tested.threshold)
    rows.append({"term": "net_benefit", "group": "", "estimate": float(flags.net_benefit[0]), "n": n})
    return rows


def errors_of(tested: Tested, term: str = "", groups: pd.Series | None = None) -> list[dict[str, object]]:
    """Shares missed (of those with the event) and wrongly flagged (of those without), for all or for each group.

    Groups are also held against all others. Nothing is told of fewer than ``FEWEST_SHOWN`` pupils.
    """
    rows: list[dict[str, object]] = []
    of = {"missed": (tested.event == 1, ~tested.flagged), "false_alarm": (tested.event == 0, tested.flagged)}
    for name, (among, wrong) in of.items():
        if groups is None:
            rows.append(_rate(name, "", among, wrong, tested.level))
            continue
        values = sorted(groups.dropna().unique())
        for value in values:
            rows.append(_rate(f"{name}:{term}", value, among & groups.eq(value).to_numpy(), wrong, tested.level))
        for value in values[:1] if len(values) == 2 else values:  # of two groups each is the other's others
            here = groups.eq(value).to_numpy()
            rows.append(_difference(f"{name}_difference:{term}", value, among & here, among & ~here, wrong, tested.level))
    return rows


def _rate(term: str, group: str, among: NDArray[np.bool_], wrong: NDArray[np.bool_], level: float) -> dict[str, object]:
    n, count = int(among.sum()), int((among & wrong).sum())
    row: dict[str, object] = {"term": term, "group": group, "n": float(n)}
    if n < FEWEST_SHOWN:
        return row
    lower, upper = wilson([count], [n], level)
    return row | {"estimate": count / n, "lower": float(lower[0]), "upper": float(upper[0])}


def _difference(
    term: str, group: str, ours: NDArray[np.bool_], theirs: NDArray[np.bool_], wrong: NDArray[np.bool_], level: float
) -> dict[str, object]:
    n, others = int(ours.sum()), int(theirs.sum())
    row: dict[str, object] = {"term": term, "group": group, "n": float(min(n, others))}
    if min(n, others) < FEWEST_SHOWN:
        return row
    difference, lower, upper = newcombe([(ours & wrong).sum()], [n], [(theirs & wrong).sum()], [others], level)
    p = float(p_value(difference, lower, upper, level=level)[0])
    more = {"estimate": float(difference[0]), "lower": float(lower[0]), "upper": float(upper[0]), "null": 0.0, "p": p}
    return row | more


def corrected(rows: list[dict[str, object]], missing: float) -> pd.DataFrame:
    """Estimates with their p-values corrected for together (Benjamini-Hochberg)."""
    frame = pd.DataFrame(rows).assign(missing=missing)
    tested = frame["p"].where(frame["null"].notna()).astype("float64")
    adjusted, _ = benjamini_hochberg(tested.to_numpy(), np.zeros(len(frame), dtype=np.int64))
    return frame.assign(p=tested, p_adjusted=adjusted)


def coefficients(
    model: Logistic, factors: Factors, event: Floats, school: NDArray[np.int64] | None, level: float
) -> pd.DataFrame:
    """Log odds and odds ratios, with the model's standard errors and, where schools are known, those that allow for them."""
    value, error = model.coefficients, model.standard_errors
    by_school, freedom = np.full(len(value), np.nan), np.inf
    if school is not None:
        fitted = model.probabilities(factors.matrix)
        covariance = clustered_covariance(event, fitted, factors.matrix, model.covariance, school)
        by_school, freedom = np.sqrt(np.diag(covariance)), float(school.max())
    lower, upper, p = t_test(value, error if school is None else by_school, freedom, level)
    return pd.DataFrame(
        {"term": factors.terms, "estimate": value, "standard_error": error, "standard_error_by_school": by_school,
         "lower": lower, "upper": upper, "p": p, "odds_ratio": np.exp(value)}
    )  # fmt: skip


def thresholds(tested: Tested) -> pd.DataFrame:
    """What flagging at each threshold gives: shares flagged, found, wrongly flagged, and net benefit (decision curve)."""
    flags = Flagged.at(tested.event, tested.risk, np.unique(np.append(GRID, tested.threshold)))
    flagged, spared = flags.true + flags.false, flags.missed + flags.spared
    told = {
        "flagged": flagged / (flagged + spared),
        "sensitivity": flags.true / (flags.true + flags.missed),
        "specificity": flags.spared / (flags.spared + flags.false),
        "predictive_value": rates(flags.true, flagged),
        "net_benefit": flags.net_benefit,
    }
    few = np.minimum(flagged, spared) < FEWEST_SHOWN
    shown = {name: np.where(few, np.nan, values) for name, values in told.items()}
    return pd.DataFrame({"threshold": flags.threshold, **shown, "net_benefit_of_all": flags.net_benefit_of_all})


def bins(tested: Tested) -> pd.DataFrame:
    """Pupils in order of risk, cut in equal parts: mean risk beside the share with the event."""
    count = int(np.clip(len(tested.event) // FEWEST_IN_BIN, 1, BINS))
    order = np.argsort(tested.risk, kind="stable")
    parts = np.array_split(order, count)
    n = np.array([len(part) for part in parts], dtype=np.float64)
    events = np.array([tested.event[part].sum() for part in parts])
    lower, upper = wilson(events, n, tested.level)
    return pd.DataFrame(
        {"bin": np.arange(1, count + 1), "n": n, "expected": [tested.risk[part].mean() for part in parts], "observed": events / n,
         "lower": lower, "upper": upper}
    )  # fmt: skip


def curve(tested: Tested) -> pd.DataFrame:
    """The smooth calibration curve at risks evenly laid out between those of the lowest and highest tenth's middles."""
    smooth = smooth_calibration(tested.event, tested.risk)
    low, high = np.quantile(tested.risk, [0.05, 0.95])
    places, at = np.unique(tested.risk, return_inverse=True)
    heights = np.bincount(at, smooth) / np.bincount(at)
    grid = np.linspace(low, high, CURVE)
    return pd.DataFrame({"risk": grid, "observed": np.clip(np.interp(grid, places, heights), 0, 1)})


def by_group(tested: Tested, groups: dict[str, pd.Series]) -> pd.DataFrame:
    """Each group's size, events, risks and AUC; nothing but the size of fewer than ``FEWEST_SHOWN`` pupils on either side."""
    rows = []
    for breakdown, values in groups.items():
        for value in sorted(values.dropna().unique()):
            here = values.eq(value).to_numpy()
            n, events = int(here.sum()), int(tested.event[here].sum())
            row: dict[str, object] = {"breakdown": breakdown, "group": value, "n": float(n)}
            if min(events, n - events) >= FEWEST_SHOWN:
                area = auc(tested.event[here], tested.risk[here])
                lower, upper = area.interval(tested.level)
                row |= {"events": float(events), "expected": float(tested.risk[here].sum()),
                        "observed_to_expected": events / float(tested.risk[here].sum()),
                        "flagged": float(tested.flagged[here].mean()), "auc": area.estimate, "auc_lower": lower,
                        "auc_upper": upper}  # fmt: skip
            rows.append(row)
    columns = [
        "breakdown",
        "group",
        "n",
        "events",
        "expected",
        "observed_to_expected",
        "flagged",
        "auc",
        "auc_lower",
        "auc_upper",
    ]
    return pd.DataFrame(rows).reindex(columns=columns)
