"""A check: one doubt about a finding, tested."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One doubt, tested.

    Attributes
    ----------
    id : str
        What is doubted; ``checks.<id>`` in texts has its question and an answer for each outcome.
    passed : bool or None
        Whether the finding stands the test; None when the reader must judge.
    caps : int
        The strongest claim that is left when the check has failed (a ``Claim``).
    value, limit : float
        What was found and what it was held against, where the test is a number; else NaN.
    about : str
        A term, school year or method the check concerns, when it is one of several; never a pupil.
    """

    id: str
    passed: bool | None
    caps: int
    value: float = math.nan
    limit: float = math.nan
    about: str = ""
