"""What we count: one file per domain and country."""

from __future__ import annotations

import importlib

from kvalitet_lib.errors import ContractError
from kvalitet_lib.indicators.indicator import AREAS, Better, Indicator, Kind, indicator, published_indicator

DOMAINS = (
    "se_results",
    "se_tests",
    "se_wellbeing",
    "se_attendance",
    "se_staff",
    "se_pathways",
    "no_results",
    "no_tests",
    "no_wellbeing",
    "no_attendance",
    "no_staff",
)


def all_indicators(country: str | None = None) -> dict[str, Indicator]:
    """Every indicator by id, in the order a page shows them; only one country's when named."""
    found: dict[str, Indicator] = {}
    for domain in DOMAINS:
        module = importlib.import_module(f"kvalitet_lib.indicators.{domain}")
        for one in module.INDICATORS:
            if one.id in found:
                raise ContractError(f"Two indicators are called {one.id!r}; the second is in indicators/{domain}.py. Rename one.")
            found[one.id] = one
    ordered = sorted(found.values(), key=lambda one: AREAS.index(one.area))
    return {one.id: one for one in ordered if country in (None, one.country)}


__all__ = ["AREAS", "DOMAINS", "Better", "Indicator", "Kind", "all_indicators", "indicator", "published_indicator"]
