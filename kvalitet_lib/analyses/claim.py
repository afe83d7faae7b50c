"""The claim ladder: how strong a sentence an estimate may carry, decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.check import Check


class Claim(IntEnum):
    """How strong a sentence may be; each language has exactly one for each rung."""

    NOTHING = 0
    DIFFERS = 1
    GOES_WITH = 2
    SUGGESTS_EFFECT = 3

    @property
    def key(self) -> str:
        """The rung's name in texts."""
        return self.name.lower()


def ceiling(design: Claim, checks: Iterable[Check]) -> Claim:
    """The strongest claim a design allows once its doubts are tested: failed checks lower it, and nothing raises it."""
    return Claim(min([design, *(check.caps for check in checks if check.passed is False)]))


def claims_of(estimates: pd.DataFrame, highest: Claim, confidence: float) -> pd.Series:
    """What each estimate may say: nothing where chance alone would do, else the highest claim allowed.

    A row is told from chance when its adjusted p lies below ``1 - confidence``; without one, when its p does; without
    either, when its interval leaves out ``null``, the value that means no difference. A row without ``null`` describes
    and claims nothing.
    """
    p = estimates["p_adjusted"].fillna(estimates["p"])
    outside = estimates["lower"].gt(estimates["null"]) | estimates["upper"].lt(estimates["null"])
    told = pd.Series(np.where(p.notna(), p.lt(1 - confidence), outside), index=estimates.index).astype(bool)
    told &= estimates["null"].notna() & estimates["estimate"].notna()
    return pd.Series([highest if one else Claim.NOTHING for one in told], index=estimates.index, dtype="object")
