"""The rows risks are learnt from and tested on: what happened, what was known, and who must be kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.analyses.checks import FEWEST_SCHOOLS
from kvalitet_lib.analyses.early_warning_tables import Tested
from kvalitet_lib.analyses.factor_matrix import Factors, columns_of, factor_matrix
from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.rows import complete, need_columns
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

NAME = "early_warning"
FEWEST_EVENTS = 10  # fewer pupils with the event, or without, tell nothing about risk; own rule
ROW = "kvalitet_row"  # a column of our own beside the caller's


@dataclass(frozen=True)
class Asked:
    """What the caller named."""

    outcome: str
    factors: Sequence[str] | str
    event: object
    school: str
    cohort: str
    groups: tuple[str, ...]
    trained_on: str
    pupil: str


@dataclass(frozen=True)
class Pupils:
    """Complete rows.

    Attributes
    ----------
    frame : DataFrame
        With the place of each row in the caller's frame in ``ROW``.
    basis : Basis
    asked : Asked
    event : ndarray, shape (m,)
        1 where it happened, else 0.
    factors : Factors
    """

    frame: pd.DataFrame
    basis: Basis
    asked: Asked
    event: Floats
    factors: Factors

    @property
    def parts(self) -> list[NDArray[np.int64]]:
        """Schools and cohorts as numbers, where there are several."""
        named = [name for name in (self.asked.school, self.asked.cohort) if name]
        return [codes(self.frame[name]) for name in named if self.frame[name].nunique() > 1]

    @property
    def learns(self) -> NDArray[np.bool_] | None:
        """The rows the caller said to learn from."""
        return self.frame[self.asked.trained_on].astype(bool).to_numpy() if self.asked.trained_on else None

    def schools(self, rows: NDArray[np.bool_]) -> NDArray[np.int64] | None:
        """Schools of some rows, numbered from 0; None where there are too few to allow for."""
        if not self.asked.school or self.frame.loc[rows, self.asked.school].nunique() < FEWEST_SCHOOLS:
            return None
        return codes(self.frame.loc[rows, self.asked.school])

    def groups(self, rows: NDArray[np.bool_]) -> dict[str, pd.Series]:
        """What each of the rows is in each breakdown, as text; empty where unknown."""
        chosen = self.frame[rows].reset_index(drop=True)
        return {name: chosen[name].astype("object").map(_said, na_action="ignore") for name in self.asked.groups}

    @property
    def reason(self) -> str:
        """Why nothing can be foretold (``reasons.<id>``); empty when something can."""
        if not len(self.event):
            return "too_few_rows"
        if np.ptp(self.event) <= 0:
            return "same_outcome"
        if self.factors.without_variation() or self.factors.matrix.shape[1] < 2:
            return "no_variation"
        return "ew_few_events" if few_events(self.event) else ""

    def results(self, index: pd.Index, rows: NDArray[np.bool_], tested: Tested) -> pd.DataFrame:
        """One row is one tested pupil, with the caller's index."""
        kept = [name for name in dict.fromkeys([self.asked.pupil, self.asked.school, self.asked.cohort]) if name]
        frame = self.frame.loc[rows, [*kept, ROW]].reset_index(drop=True)
        frame = frame.assign(event=tested.event, risk=tested.risk, flagged=tested.flagged)
        return frame.drop(columns=ROW).set_axis(index.take(frame[ROW].to_numpy()))


def pupils_of(rows: pd.DataFrame, asked: Asked) -> Pupils:
    """The rows in which nothing that is needed is missing.

    Raises
    ------
    ContractError
        A column is missing, the outcome is among the factors, or has not two values.
    """
    need_columns(rows, [asked.outcome, *asked.groups, asked.trained_on], NAME)
    if asked.trained_on and not _yes_or_no(rows[asked.trained_on]):
        raise ContractError(f"{NAME}: {asked.trained_on!r} says which rows to learn from: true or false, or 1 and 0.")
    names = columns_of(asked.factors, rows, asked.outcome, NAME)
    if asked.outcome in names:
        raise ContractError(f"{NAME} cannot foretell {asked.outcome!r} from itself.")
    marked = rows.assign(**{ROW: np.arange(len(rows))})
    wanted = [asked.outcome, *names, asked.cohort, asked.trained_on]
    whole = complete(marked, wanted, NAME, school=asked.school, pupil=asked.pupil, school_year=asked.cohort)
    event = _events(rows[asked.outcome], whole.frame[asked.outcome], asked)
    return Pupils(whole.frame, whole.basis, asked, event, factor_matrix(asked.factors, whole.frame, asked.outcome, NAME))


def few_events(event: Floats) -> bool:
    return bool(min(event.sum(), len(event) - event.sum()) < FEWEST_EVENTS)


def codes(values: pd.Series) -> NDArray[np.int64]:
    """A column as numbers from 0."""
    return pd.factorize(values.astype("object").map(str), sort=True)[0].astype(np.int64)


def _events(every: pd.Series, values: pd.Series, asked: Asked) -> Floats:
    there = every.dropna().astype("object").map(_said).unique()
    if len(there) > 2:
        raise ContractError(f"{NAME} foretells one of two outcomes, and {asked.outcome!r} has {len(there)} values.")
    if len(there) == 2 and _said(asked.event) not in there:
        raise ContractError(f"{NAME}: {asked.outcome!r} is never {asked.event!r}. Say which value is warned of: event=…")
    return values.astype("object").map(_said).eq(_said(asked.event)).to_numpy(dtype=np.float64)


def _yes_or_no(values: pd.Series) -> bool:
    there = values.dropna()
    return pd.api.types.is_bool_dtype(values) or (pd.api.types.is_numeric_dtype(values) and bool(there.isin([0, 1]).all()))


def _said(value: object) -> str:
    """A value as text: True, 1 and 1.0 alike are 1."""
    if isinstance(value, bool | np.bool_) or (isinstance(value, float | np.floating) and float(value).is_integer()):
        return str(int(value))
    return str(value)
