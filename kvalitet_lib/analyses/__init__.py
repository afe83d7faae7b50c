"""Why might that be: one question per file, each answered by a Finding with its doubts."""

from __future__ import annotations

ANALYSES = (
    "school_differences",
    "value_added",
    "expected_results",
    "growth",
    "cohorts",
    "trend",
    "factor_association",
    "group_gap",
    "policy_change",
    "early_warning",
    "funnel",
)
