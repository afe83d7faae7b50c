"""Small indicators and figures for the tests of compare."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.compare import COLUMNS, compare
from kvalitet_lib.indicators import Better, Indicator, Kind, published_indicator
from kvalitet_lib.measure import Measurement
from kvalitet_lib.measure.measurement import in_long_form
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.statistics import wilson
from tests.whiteboard import table

EKKOPING = Municipality(
    country="se", code="9001", name="Ekköping", languages=("sv",), audiences={}, trust=("local",), comparable="similar"
)  # fmt: skip


def declared(
    id: str, kind: Kind = Kind.SHARE, better: Better = Better.HIGHER, area: str = "results", breaks: tuple[str, ...] = ()
) -> Indicator:
    return published_indicator(
        id, "", country="se", area=area, kind=kind, unit="share", better=better, source="own rule of this test", scale=(0, 1),
        breaks=dict.fromkeys(breaks, "new_rule"),
    )  # fmt: skip


INDICATORS = {
    one.id: one
    for one in (
        declared("reached"),
        declared("absent", better=Better.LOWER),
        declared("context", better=Better.NEITHER),
        declared("points", kind=Kind.MEAN),
        declared("pupils", kind=Kind.COUNT, better=Better.NEITHER),
        declared("broken", breaks=("2023-24",)),
        declared("parents", area="intake", better=Better.NEITHER),
    )
}


def drawn(drawing: str) -> pd.DataFrame:
    """Figures from their telling columns; a share with n has Wilson's interval, another figure none unless drawn."""
    figures = table(drawing)
    usual = {"indicator": "reached", "level": "school", "unit": "A", "school_year": "2023-24", "group": "all", "status": "exists"}
    figures = in_long_form(figures.assign(**{name: value for name, value in usual.items() if name not in figures}))
    lower, upper = wilson(figures.estimate * figures.n, figures.n)
    bounded = ~np.isnan(lower)
    return figures.assign(
        breakdown=np.where(figures.group.eq("all"), "all", "sex"),
        lower=np.where(bounded, lower, figures.lower),
        upper=np.where(bounded, upper, figures.upper),
        method=np.where(bounded, "wilson", "published"),
    )


def compared(figures: pd.DataFrame, reference: str) -> pd.DataFrame:
    found = compare(Measurement(figures), EKKOPING, INDICATORS).to_frame()
    assert list(found) == COLUMNS
    return found[found.reference.eq(reference)].reset_index(drop=True)
