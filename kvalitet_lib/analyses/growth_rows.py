"""The pupils whose growth is asked for: what they came to, and what they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.rows import Floats, complete, need_columns
from kvalitet_lib.analyses.score_columns import names, scores
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.splines import FIFTHS, STRETCH, Spline

ANALYSIS = "growth"


@dataclass(frozen=True, repr=False)
class Pupils:
    """One row is one pupil.

    Attributes
    ----------
    frame : DataFrame
        Their other columns, with a plain index.
    score : ndarray, shape (n,)
    priors : ndarray, shape (n, k)
        Earlier scores, the latest first.
    """

    frame: pd.DataFrame
    score: Floats
    priors: Floats

    def __len__(self) -> int:
        return len(self.score)

    def where(self, mask: np.ndarray) -> Pupils:
        return Pupils(self.frame[mask].reset_index(drop=True), self.score[mask], self.priors[mask])

    @property
    def whole(self) -> np.ndarray:
        """Who has the score and the latest earlier one."""
        return np.isfinite(self.score) & np.isfinite(self.priors[:, 0])


@dataclass(frozen=True)
class Question:
    """Which columns hold what.

    Attributes
    ----------
    score : str
    priors : tuple of str
        Earlier scores, the latest first.
    school, pupil, school_year : str
        Empty where the frame does not say.
    factors : tuple of str
        Groups to gather by.
    confidence : float
    """

    score: str
    priors: tuple[str, ...]
    school: str = ""
    factors: tuple[str, ...] = ()
    pupil: str = ""
    school_year: str = ""
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if not self.priors or len({self.score, *self.priors}) <= len(self.priors):
            raise ContractError(
                f"growth needs one or more earlier scores, each named once and none {self.score!r} itself; it got {self.priors}."
            )
        if not 0 < self.confidence < 1:
            raise ContractError(f"growth needs a confidence between 0 and 1, such as 0.95; it got {self.confidence}.")

    def read(self, rows: pd.DataFrame) -> Pupils:
        """The pupils of a frame.

        Raises
        ------
        ContractError
            A column is missing, a score is no number, or a pupil has several rows.
        """
        once = [name for name in (self.pupil, self.school_year) if name] if self.pupil else []
        others = [name for name in dict.fromkeys([self.school, *self.factors, *once, self.school_year]) if name]
        found = self.scores_of(rows, others)
        named = rows[once].dropna() if once else rows[[]]
        if once and named.duplicated().any():
            raise ContractError(
                f"growth: one row is one pupil, and some have several by {' and '.join(once)}. "
                "Keep one row for each, or name the column of the school year."
            )
        return found

    def scores_of(self, rows: pd.DataFrame, others: Sequence[str] = ()) -> Pupils:
        """The scores and, beside them, only the columns named."""
        need_columns(rows, [self.score, *self.priors, *others], ANALYSIS)
        earlier = np.column_stack([scores(rows, name, ANALYSIS) for name in self.priors])
        return Pupils(rows[list(others)].reset_index(drop=True), scores(rows, self.score, ANALYSIS), earlier)

    def basis(self, pupils: Pupils) -> Basis:
        """What the answer rests on: pupils with the score, the latest earlier one and, where schools are named, a school."""
        whole = pupils.frame.assign(**{self.score: pupils.score, self.priors[0]: pupils.priors[:, 0]})
        both = [self.score, self.priors[0]]
        return complete(whole, both, ANALYSIS, school=self.school, pupil=self.pupil, school_year=self.school_year).basis


def splines_of(
    question: Question,
    pupils: Pupils,
    knots: Mapping[str, Sequence[float]] | None,
    boundaries: Mapping[str, tuple[float, float]] | None,
) -> list[Spline | None]:
    """The splines whose knots or boundaries are given; None for the usual ones.

    Raises
    ------
    ContractError
        They are given for a column that is no earlier score, or do not lie in order.
    """
    if strange := sorted(({*(knots or {})} | {*(boundaries or {})}) - {*question.priors}):
        raise ContractError(f"growth: knots or boundaries are given for {', '.join(strange)}, which is no earlier score here.")
    made: list[Spline | None] = []
    for place, name in enumerate(question.priors):
        values = pupils.priors[np.isfinite(pupils.priors[:, place]), place]
        if name not in {*(knots or {}), *(boundaries or {})} or not len(values) or values.min() == values.max():
            made.append(None)
            continue
        usual = Spline.of(values, FIFTHS, STRETCH)
        ends = (boundaries or {}).get(name, usual.boundaries)
        made.append(Spline(tuple(map(float, (knots or {}).get(name, usual.knots))), (float(ends[0]), float(ends[1]))))
    return made


def codes_of(pupils: Pupils, column: str) -> tuple[np.ndarray, list[str]]:
    """Each pupil's group as a number, -1 where it has none, and the groups' names in order."""
    code, found = pd.factorize(names(pupils.frame, column), sort=True)
    return code, [str(name) for name in found]
