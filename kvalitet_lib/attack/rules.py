"""The thresholds a release names, and what the public definitions say of each indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from kvalitet_lib.errors import ReleaseError
from kvalitet_lib.indicators import Kind, all_indicators

DECIMALS = {"share": 2, "signed_share": 2, "time_share": 3, "persons": 0}
OF_OTHER_UNITS = 1


@dataclass(frozen=True)
class Rules:
    """The thresholds of one audience; the strictest of ours where a release does not say."""

    smallest_group: int = 10
    smallest_survey_group: int = 10
    smallest_posts: int = 3
    smallest_count: int = 5
    smallest_deviation_group: int = 10
    smallest_median_group: int = 30

    @classmethod
    def stated(cls, policy: Any) -> Rules:
        """The thresholds in ``release.json``; what it does not state keeps its default.

        Raises
        ------
        ReleaseError
            A threshold is no whole number of at least one.
        """
        if not isinstance(policy, Mapping):
            raise ReleaseError("release.json states no policy, so nobody can say what it should have hidden. Make it anew.")
        stated = {name: policy[name] for name in cls.__dataclass_fields__ if name in policy}
        for name, limit in stated.items():
            if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
                raise ReleaseError(f"release.json: policy.{name} is no whole number of at least 1. Make the release anew.")
        return cls(**stated)


@dataclass(frozen=True)
class Facts:
    """What everybody may know of an indicator."""

    kind: Kind
    unit: str
    scale: tuple[float, float]
    sensitive: bool
    survey: bool
    of_staff: bool
    intake: bool = False

    @property
    def counts_persons(self) -> bool:
        """Whether a figure is a share of persons, so that a whole number of them lies behind it."""
        return self.kind is Kind.SHARE and self.unit == "share" and not self.of_staff

    @property
    def decimals(self) -> int:
        """Decimals a figure may be shown with: whole per cents, and one decimal of most else."""
        return DECIMALS.get(self.unit, OF_OTHER_UNITS)

    def smallest(self, rules: Rules) -> int:
        """Fewer persons (or posts) than this are few."""
        if self.of_staff:
            return rules.smallest_posts
        return rules.smallest_survey_group if self.survey else rules.smallest_group


UNKNOWN = Facts(Kind.SHARE, "share", (0.0, 1.0), sensitive=True, survey=False, of_staff=False)


@cache
def _known() -> dict[str, Facts]:
    return {
        id: Facts(one.kind, one.unit, one.scale, one.sensitive, one.survey, "staffing" in one.needs, one.area == "intake")
        for id, one in all_indicators().items()
    }


def facts_of(indicator: str) -> Facts:
    """An indicator's public facts; one we do not know is taken for a sensitive share."""
    return _known().get(indicator, UNKNOWN)
