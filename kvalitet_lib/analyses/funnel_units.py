"""What a funnel is made of: one row per unit with its size, and its score beside what chance gives it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.rows import complete, need_columns
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.funnel_limits import Scores
from kvalitet_lib.statistics.intervals import Floats, student_t, wilson
from kvalitet_lib.statistics.resampling import t_test
from kvalitet_lib.statistics.shrinkage import pooled_variances

NAME = "funnel"


@dataclass(frozen=True)
class Named:
    """The columns a caller named."""

    unit: str
    numerator: str = ""
    denominator: str = ""
    mean: str = ""
    standard_error: str = ""
    standard_deviation: str = ""
    n: str = ""

    @property
    def shares(self) -> bool:
        return bool(self.numerator)

    @property
    def outcome(self) -> str:
        return self.numerator or self.mean


@dataclass(frozen=True)
class Units:
    """One entry per unit, in the order of their names; all arrays have the shape (k,).

    Attributes
    ----------
    names : list of str
    n : ndarray
        Persons; NaN where nothing says how many.
    count : ndarray
        Numerators; NaN of means.
    value : ndarray
        Share or mean.
    error : ndarray
        Standard deviation that chance gives a mean; NaN of shares, whose chance the target decides.
    lower, upper : ndarray
        Each unit's own interval.
    """

    names: list[str]
    n: Floats
    count: Floats
    value: Floats
    error: Floats
    lower: Floats
    upper: Floats
    basis: Basis

    def __len__(self) -> int:
        return len(self.names)

    @property
    def shares(self) -> bool:
        return bool(np.isfinite(self.count).all())

    @property
    def whole(self) -> bool:
        """Whether counts are of whole persons, so that exact limits exist."""
        return self.shares and bool(np.equal(self.n % 1, 0).all() and np.equal(self.count % 1, 0).all())

    def scores(self, target: float | None, arcsine: bool) -> Scores:
        if self.shares:
            return Scores.of_shares(self.count, self.n, target, arcsine)
        return Scores.of_means(self.value, self.error, target)


def check_columns(named: Named) -> None:
    """Refuse what is neither a share nor a mean, or both.

    Raises
    ------
    ContractError
        Says how each is asked for.
    """
    if bool(named.numerator) == bool(named.mean):
        raise ContractError(
            f"{NAME} needs either a share (numerator='…', denominator='…') or a mean (mean='…' and standard_error='…', or n='…' "
            "and standard_deviation='…'; alone when one row is one person)."
        )
    if named.numerator and (named.standard_error or named.standard_deviation or named.n):
        raise ContractError(f"{NAME}: a share has a numerator and a denominator; what chance gives it follows from them.")
    if named.mean and named.denominator:
        raise ContractError(f"{NAME}: a mean has no denominator; say how many persons with n='…'.")
    if bool(named.standard_deviation) and not named.n:
        raise ContractError(f"{NAME}: with a standard deviation say how many persons stand behind each mean, n='…'.")


def units_of(rows: pd.DataFrame, named: Named, confidence: float) -> Units:
    """The units of a frame; rows with nobody in them are left out.

    Raises
    ------
    ContractError
        A column is missing or no number, a numerator is above its denominator, or a unit has two means.
    """
    check_columns(named)
    columns = [named.numerator, named.denominator, named.mean, named.standard_error, named.standard_deviation, named.n]
    wanted = [name for name in columns if name]
    need_columns(rows, [*wanted, named.unit], NAME)
    for name in wanted:
        if not pd.api.types.is_numeric_dtype(rows[name]):
            raise ContractError(f"{NAME}: the column {name!r} holds no numbers.")
    whole = complete(rows, wanted, NAME, school=named.unit)
    units = _shares(whole.frame, named, confidence) if named.shares else _means(whole.frame, named, confidence)
    kept = _with_persons(units, named.shares)
    persons = int(kept.n.sum()) if np.isfinite(kept.n).all() else None
    return replace(kept, basis=replace(whole.basis, schools=len(kept), pupils=persons))


def _shares(rows: pd.DataFrame, named: Named, confidence: float) -> Units:
    parts = rows[named.numerator].astype("float64")
    wholes = rows[named.denominator].astype("float64") if named.denominator else pd.Series(1.0, index=rows.index)
    if wrong := int((parts.lt(0) | parts.gt(wholes) | wholes.lt(0)).sum()):
        raise ContractError(f"{NAME}: {wrong} rows have a numerator {named.numerator!r} below 0 or above the denominator.")
    sums = pd.DataFrame({"count": parts, "n": wholes}).groupby(rows[named.unit].map(str).to_numpy()).sum()
    count, n = (sums[name].to_numpy(dtype=np.float64) for name in ("count", "n"))
    value = np.divide(count, n, out=np.full(len(n), np.nan), where=n > 0)
    lower, upper = wilson(count, n, confidence)
    return Units([str(name) for name in sums.index], n, count, value, np.full(len(n), np.nan), lower, upper, Basis())


def _means(rows: pd.DataFrame, named: Named, confidence: float) -> Units:
    value, unit = rows[named.mean].to_numpy(dtype=np.float64), rows[named.unit].to_numpy()
    if named.standard_error or named.standard_deviation:
        if pd.Series(unit).duplicated().any():
            raise ContractError(f"{NAME}: a unit in {named.unit!r} has more than one row. Ask about one school year at a time.")
        told = pd.DataFrame({"mean": value}, index=pd.Index(unit))
        for name, column in (("n", named.n), ("deviation", named.standard_deviation), ("error", named.standard_error)):
            told[name] = rows[column].to_numpy(dtype=np.float64) if column else np.nan
    else:
        by_unit = pd.Series(value).groupby(unit)
        told = pd.DataFrame({"mean": by_unit.mean(), "n": by_unit.size().astype("float64"), "deviation": by_unit.std()})
        told["error"] = np.nan
    told = told.sort_index(key=lambda names: names.map(str))
    mean, n, deviation, error = (told[name].to_numpy(dtype=np.float64) for name in ("mean", "n", "deviation", "error"))
    if named.standard_error:
        lower, upper, _ = t_test(mean, error, np.inf, confidence)
    else:
        with_persons = np.where(n > 0, n, np.nan)
        error = np.sqrt(pooled_variances(deviation, with_persons))
        lower, upper = student_t(mean, deviation, n, confidence)
    return Units([str(name) for name in told.index], n, np.full(len(n), np.nan), mean, error, lower, upper, Basis())


def _with_persons(units: Units, shares: bool) -> Units:
    """Without units of nobody, and without means whose chance is unknown."""
    known = units.n > 0 if shares else np.isfinite(units.error) & (units.error > 0)
    names = [name for name, there in zip(units.names, known, strict=True) if there]
    n, count, value, error, lower, upper = (
        one[known] for one in (units.n, units.count, units.value, units.error, units.lower, units.upper)
    )
    return Units(names, n, count, value, error, lower, upper, units.basis)
