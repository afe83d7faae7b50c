"""The lines behind a trend: one for each school, judged by all schools' years or, where it is long, by its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.trend_rows import ALL, SchoolYears
from kvalitet_lib.statistics.autocorrelation import LongRun, durbin_watson, newey_west, usual_lags
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.multiplicity import adjusted_p
from kvalitet_lib.statistics.random_effects import between_interval
from kvalitet_lib.statistics.short_series import Slopes, slopes
from kvalitet_lib.statistics.trends import cochran_armitage, kendall

LONG = 16  # points from which a series can show its own autocorrelation (held by simulation); own rule


@dataclass(frozen=True)
class Trends:
    """Everything a trend tells; see ``trend`` for the frames and numbers."""

    estimates: pd.DataFrame
    schools: pd.DataFrame
    points: pd.DataFrame
    numbers: dict[str, float]
    common_p: float
    pooled_schools: int
    long_schools: int
    lags: int

    @property
    def tests(self) -> int:
        return int(self.numbers["tests"])


def fitted_trends(known: SchoolYears, lags: int | None, confidence: float) -> Trends:
    """Lines of all schools.

    Raises
    ------
    ValueError
        All points lie exactly on their lines, or no series is long enough.
    """
    frame = known.frame
    n = known.known("n")
    found = slopes(
        frame["value"], frame["at"], frame["series"],
        segments=frame["segment"], variances=known.known("variance"), sizes=None if "variance" in frame else n,
    )  # fmt: skip
    schools = _pooled(known, found, confidence)
    described = [_described(part, lags) for part in _apart(frame)]
    schools = pd.concat([schools, pd.DataFrame([told for told, _ in described])], axis=1)
    long = {place: run for place, (_, run) in enumerate(described) if run is not None}
    for place, run in long.items():
        lower, upper = run.interval(confidence)
        told = [run.coefficients[1], run.standard_errors[1], lower[1], upper[1], run.p[1], "newey_west"]
        schools.loc[place, ["slope", "standard_error", "lower", "upper", "p", "method"]] = told
    schools.insert(schools.columns.get_loc("p") + 1, "p_adjusted", adjusted_p(schools["p"]))
    estimates = _estimates(schools, found, confidence)
    used = max((run.lags for run in long.values()), default=0)
    numbers = _numbers(schools, found, 1 - confidence)
    return Trends(
        estimates, schools, _points(known, schools), numbers, found.wobble.common_p, len(schools) - len(long), len(long), used
    )


def _apart(frame: pd.DataFrame) -> Iterator[dict[str, Floats]]:
    """Each series' columns as arrays; the frame is in order of series and time."""
    columns = [name for name in ("value", "at", "segment", "count", "n") if name in frame]
    ends = np.flatnonzero(np.diff(frame["series"].to_numpy())) + 1
    parts = [np.split(frame[name].to_numpy(dtype=np.float64), ends) for name in columns]
    for one in zip(*parts, strict=True):
        yield dict(zip(columns, one, strict=True))


def _pooled(known: SchoolYears, found: Slopes, confidence: float) -> pd.DataFrame:
    """One row is one school, judged by all schools' years."""
    by_school = known.frame.groupby("series")
    lower, upper = found.interval(confidence)
    drawn = {name: np.full(len(found.slope), np.nan) for name in ("shrunken", "kept")}
    if found.pooled is not None:
        told = np.isfinite(found.slope)
        drawn["shrunken"][told], drawn["kept"][told] = found.pooled.shrunken, found.pooled.kept
    return pd.DataFrame({
        "school": known.schools,
        "n": by_school["n"].sum().to_numpy() if "n" in known.frame else np.nan,
        "years": found.points,
        "first": by_school["time"].first().to_numpy(),
        "last": by_school["time"].last().to_numpy(),
        "slope": found.slope,
        "standard_error": found.standard_error,
        "lower": lower,
        "upper": upper,
        "p": found.p,
        **drawn,
        "method": "pooled",
    })  # fmt: skip


def _described(part: Mapping[str, Floats], lags: int | None) -> tuple[dict[str, float], LongRun | None]:
    """Tests of one series by itself, and its own regression where it is long enough.

    What joins the points it is given, as ranks and chi-squares do, is given the longest unbroken series only.
    """
    value, at, segment = part["value"], part["at"], part["segment"]
    longest = segment == np.bincount(segment.astype(np.int64)).argmax()
    rank = kendall(value[longest], at[longest])
    told = {"tau": rank.tau, "tau_p": rank.p, "tau_smallest_p": rank.smallest_p, "durbin_watson": np.nan, "newey_west": np.nan}
    later = [segment == one for one in range(1, int(segment.max()) + 1)]
    line, run = np.column_stack([np.ones(len(value)), at - at.mean(), *later]), None
    fitted, _, rank_of_line, _ = np.linalg.lstsq(line, value, rcond=None)
    if len(value) > line.shape[1]:
        told |= {"durbin_watson": durbin_watson(value - line @ fitted)}
    if len(value) >= LONG and rank_of_line == line.shape[1]:
        run = newey_west(line, value, usual_lags(len(value)) if lags is None else min(lags, len(value) - 1))
        told |= {"newey_west": float(run.standard_errors[1])}
        run = run if run.standard_errors[1] > 0 else None
    if "count" in part:
        share = cochran_armitage(part["count"][longest], part["n"][longest], at[longest])
        told |= {"cochran_armitage": share.statistic, "cochran_armitage_p": share.p, "dispersion": share.dispersion}
    return told, run


def _estimates(schools: pd.DataFrame, found: Slopes, confidence: float) -> pd.DataFrame:
    own = schools.rename(columns={"school": "group", "slope": "estimate"})
    own = own[["group", "estimate", "standard_error", "lower", "upper", "p", "p_adjusted", "n", "years"]]
    own = own.assign(term="slope", null=0.0, missing=1 - own["years"] / own["years"].max())
    if found.pooled is None:
        return own
    lower, upper = found.mean_interval(confidence)
    counted = {"n": own["n"].sum(min_count=1), "years": own["years"].max()}
    every = {
        "term": "slope", "group": ALL, "estimate": found.mean, "standard_error": found.mean_error, "lower": lower, "upper": upper,
        "null": 0.0, "p": found.mean_p, **counted,
    }  # fmt: skip
    told = np.isfinite(found.slope)
    variances = between_interval(found.slope[told], found.chance[told], confidence)
    spread = {
        "term": "slope_sd", "group": ALL, "estimate": np.sqrt(found.pooled.between),
        "lower": np.sqrt(variances[0]), "upper": np.sqrt(variances[1]), **counted,
    }  # fmt: skip
    return pd.concat([pd.DataFrame([every]), own, pd.DataFrame([spread])], ignore_index=True)


def _numbers(schools: pd.DataFrame, found: Slopes, alpha: float) -> dict[str, float]:
    slope = schools["slope"].dropna()
    return {
        "tests": float(schools["p"].notna().sum()),
        "secured": float((schools["p_adjusted"] < alpha).sum()),
        "below_alpha": float((schools["p"] < alpha).sum()),
        "slope_sd_raw": float(slope.std(ddof=1)) if len(slope) > 1 else np.nan,
        "slope_sd_true": float(np.sqrt(found.pooled.between)) if found.pooled else np.nan,
        "yearly_sd": float(np.sqrt(found.wobble.yearly)),
        "common_sd": float(np.sqrt(found.wobble.common)),
        "carry_over": found.wobble.carry_over,
        "smallest_rank_p": float(schools["tau_smallest_p"].median()),
        "degrees_of_freedom": found.wobble.residual_freedom,
    }


def _points(known: SchoolYears, schools: pd.DataFrame) -> pd.DataFrame:
    """Values and fitted lines: through the mean of each unbroken series, with the school's slope."""
    frame = known.frame
    slope = frame["school"].map(schools.set_index("school")["slope"])
    centre = frame.groupby(["school", "segment"])[["value", "at"]].transform("mean")
    fitted = centre["value"] + slope * (frame["at"] - centre["at"])
    return pd.DataFrame({
        "school": frame["school"], "school_year": frame["time"], "at": frame["at"], "estimate": frame["value"],
        "n": frame.get("n", np.nan), "segment": frame["segment"], "fitted": fitted,
    })  # fmt: skip
