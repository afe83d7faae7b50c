"""A finding: an analysis' answer with its uncertainty, its doubts and the strongest sentence it may carry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim, ceiling, claims_of
from kvalitet_lib.errors import ContractError

ESTIMATES = {
    **dict.fromkeys(["term", "group"], "str"),
    **dict.fromkeys(["estimate", "standard_error", "lower", "upper", "null", "p", "p_adjusted", "n", "missing"], "float64"),
}


def estimates_frame(rows: Iterable[Mapping[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """Estimates with all columns of ``ESTIMATES``, in their order and types; others behind them. What is absent is empty."""
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    more = [name for name in frame if name not in ESTIMATES]
    full = frame.reindex(columns=[*ESTIMATES, *more]).reset_index(drop=True)
    named = full[["term", "group"]].astype("object")
    full[["term", "group"]] = named.where(named.notna(), "")
    return full.astype(ESTIMATES)


@dataclass(frozen=True)
class Basis:
    """What a finding rests on.

    Attributes
    ----------
    rows : int
        Rows of the frame that entered.
    schools, pupils : int or None
        How many different ones; None where the frame does not say.
    school_years : tuple of str
    missing : float
        Share of the rows handed in that could not enter because something was missing, 0-1.
    left_out : mapping of str to int
        Rows left out, by why: a column that was empty, or the id of a rule of inclusion.
    """

    rows: int = 0
    schools: int | None = None
    pupils: int | None = None
    school_years: tuple[str, ...] = ()
    missing: float = 0.0
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Finding:
    """An analysis' answer. Knows nothing about language or drawing.

    Attributes
    ----------
    analysis : str
        One of ``ANALYSES``.
    outcome : str
        Column, or indicator, that the question is about.
    design : Claim
        The strongest claim the design allows.
    estimates : DataFrame
        The answer: columns ``ESTIMATES``. ``null`` is the value that means no difference (0, or 1 for a ratio), empty
        where a row only describes; ``n`` persons (or schools) behind the row; ``missing`` the share without data, 0-1.
    basis : Basis
    checks : tuple of Check
    cannot_tell : tuple of str
        Ids of what this design cannot tell, ``cannot_tell.<id>`` in texts.
    tables : mapping of str to DataFrame
        What the analysis adds, e.g. ``schools``; each analysis says which.
    numbers : mapping of str to float
        Single figures, e.g. ``icc``, ``tests`` (how many tests were run).
    method : str
        What was done, as a statistician would name it.
    reason : str
        Why there is no answer, ``reasons.<id>`` in texts; empty when there is one.
    confidence : float
    about : mapping of str to str
        What it was run on, e.g. ``school_year`` or ``measure``, to tell findings of one analysis apart.
    pupils : DataFrame or None
        Results per pupil. Never written, shown or released.
    """

    analysis: str
    outcome: str
    design: Claim
    estimates: pd.DataFrame
    basis: Basis
    checks: tuple[Check, ...] = ()
    cannot_tell: tuple[str, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    method: str = ""
    reason: str = ""
    confidence: float = 0.95
    about: Mapping[str, str] = field(default_factory=dict)
    pupils: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "estimates", estimates_frame(self.estimates))

    @classmethod
    def nothing(cls, analysis: str, outcome: str, reason: str, basis: Basis | None = None, **more: Any) -> Finding:
        """No answer, and why."""
        return cls(analysis, outcome, Claim.NOTHING, estimates_frame([]), basis or Basis(), reason=reason, **more)

    @cached_property
    def claims(self) -> pd.Series:
        """What each row of the estimates may say (``Claim``), with its index."""
        return claims_of(self.estimates, ceiling(self.design, self.checks), self.confidence)

    @property
    def claim(self) -> Claim:
        """The strongest sentence this finding may carry: the design's, lowered by failed checks and by chance."""
        return Claim(max(self.claims, default=Claim.NOTHING))

    def to_frame(self) -> pd.DataFrame:
        """The estimates, each with its ``claim``."""
        return self.estimates.assign(claim=[claim.key for claim in self.claims])

    def __getitem__(self, term: str) -> pd.Series:
        """The first estimate of a term."""
        found = self.estimates[self.estimates["term"].eq(term)]
        if found.empty:
            terms = ", ".join(dict.fromkeys(self.estimates["term"])) or f"none, because: {self.reason}"
            raise ContractError(f"The finding of {self.analysis} has no term {term!r}; it has: {terms}.")
        return found.iloc[0]

    def __repr__(self) -> str:
        answer = f"reason: {self.reason}" if self.reason else f"{len(self.estimates)} estimates"
        rests = ", ".join(f"{n} {what}" for n, what in ((self.basis.schools, "schools"), (self.basis.pupils, "pupils")) if n)
        failed = [check.id for check in self.checks if check.passed is False]
        doubts = f"; failed: {', '.join(dict.fromkeys(failed))}" if failed else ""
        return (
            f"Finding({self.analysis} of {self.outcome}: {answer}; {rests or self.basis.rows}; claim: {self.claim.key}{doubts})"
        )

    def to_json(self) -> str:
        """Everything but results per pupil."""
        said = {
            "version": 1,
            **{name: getattr(self, name) for name in ("analysis", "outcome", "method", "reason", "confidence")},
            "design": self.design.key,
            "basis": asdict(self.basis),
            "checks": [asdict(check) for check in self.checks],
            "cannot_tell": list(self.cannot_tell),
            "numbers": {name: float(value) for name, value in self.numbers.items()},
            "about": dict(self.about),
            "estimates": _written(self.estimates),
            "tables": {name: _written(table) for name, table in self.tables.items()},
        }
        return json.dumps(said, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Finding:
        """The same finding again, without results per pupil.

        Raises
        ------
        ContractError
            Not what ``to_json`` writes.
        """
        try:
            said = json.loads(text)
            basis = said["basis"] | {"school_years": tuple(said["basis"]["school_years"])}
            return cls(
                **{name: said[name] for name in ("analysis", "outcome", "method", "reason", "confidence", "numbers", "about")},
                design=Claim[said["design"].upper()],
                basis=Basis(**basis),
                checks=tuple(Check(**check) for check in said["checks"]),
                cannot_tell=tuple(said["cannot_tell"]),
                estimates=_read(said["estimates"]),
                tables={name: _read(table) for name, table in said["tables"].items()},
            )
        except (ValueError, KeyError, TypeError) as wrong:
            raise ContractError("This is not a finding as this version writes it. Make it anew:  kvalitet analyse") from wrong


def _written(frame: pd.DataFrame) -> dict[str, Any]:
    types = {name: "str" if kind == "object" or str(kind).startswith("str") else str(kind) for name, kind in frame.dtypes.items()}
    return {"types": types, **json.loads(frame.reset_index(drop=True).to_json(orient="split", index=False, double_precision=15))}


def _read(said: Mapping[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(said["data"], columns=said["columns"])
    return frame.astype(dict(said["types"]))
