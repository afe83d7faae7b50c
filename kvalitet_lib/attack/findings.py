"""What follows from analyses' answers in a release: rows of few, rows of hidden figures, and the one school left over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kvalitet_lib.attack.finding_files import Said
from kvalitet_lib.attack.printed import decimals, numbers
from kvalitet_lib.attack.reading import Seen
from kvalitet_lib.attack.rules import Facts, facts_of
from kvalitet_lib.attack.weakness import Weakness
from kvalitet_lib.contracts import CONTRACTS
from kvalitet_lib.indicators import all_indicators

KEYS = {
    *("version", "analysis", "outcome", "method", "reason", "confidence", "design", "basis", "checks", "cannot_tell", "numbers"),
    *("about", "estimates", "tables"),
}
# Columns that count, name or single out persons.
NEVER = {"count", "numerator", "denominator", "minimum", "maximum", "min", "max"}.union(
    *(contract.personal() for contract in CONTRACTS.values())
)
PERSONS = "n"
NAMES = ("term", "group", "school", "school_year")
SPREAD = ("standard_error", "lower", "upper", "lower_pair", "upper_pair")
ADDING_UP = ("raw", "residual", "deviation", "difference", "observed", "mean")  # with n they give the sum of all schools
MOST_DECIMALS = 3  # of what is in no indicator's unit, such as a p
NOT_TOLD = ("protected", "agency", "rounded")
RESULTS = re.compile(r"(?:prov_ak|np)(\d+)")
# Answers that figures of single years make up, so that one hidden year follows from the others.
FROM_FIGURES = ("trend", "school_differences", "expected_results", "funnel", "cohorts", "policy_change")
ANY = ""  # school year


def by_findings(seen: Seen, heads: bool) -> list[Weakness]:
    """Everything that analyses' answers tell and the release means to keep.

    ``heads``: whether what heads know of their own schools is tried, too.
    """
    return [weak for said in seen.findings for weak in _Answer(said, seen, heads).weaknesses()]


@dataclass(frozen=True)
class _Answer:
    """One answer beside the figures of its release."""

    said: Said
    seen: Seen
    heads: bool

    def weaknesses(self) -> Iterator[Weakness]:
        yield from (self._weakness("extra", "", "", "", key) for key in self.said.told if key not in KEYS)
        for name, frame in self.said.frames.items():
            yield from (self._weakness("extra", "", "", "", column) for column in frame if column in NEVER)
            rows = self._rows(name, frame)
            told = rows[rows["says"]]
            yield from self._weak("extra", "", told[told["shown"].ne("yes")])
            yield from self._weak("shown", "n", told[told["few"]])
            yield from self._weak("shown", "", told[told["kept"] | told["spread"] | told["fine"]])
            yield from self._left_over(frame, rows)

    @cached_property
    def facts(self) -> Facts | None:
        """Of the outcome, when it is an indicator."""
        return facts_of(self.said.outcome) if self.said.outcome in all_indicators() else None

    @cached_property
    def smallest(self) -> int:
        rules = self.seen.rules
        return self.facts.smallest(rules) if self.facts else min(rules.smallest_group, rules.smallest_survey_group)

    @cached_property
    def schools(self) -> set[str]:
        return set(self.seen.units.loc[self.seen.units["level"].eq("school"), "unit"])

    @cached_property
    def years(self) -> list[str]:
        return [str(year) for year in self.said.part("basis").get("school_years", [])]

    @cached_property
    def kept(self) -> set[tuple[str, str]]:
        """School (or group of the municipality) and school year of figures of the outcome that are not told; also with any year.

        Of results that are no indicator themselves: where none of the figures on the same results is told.
        """
        match = RESULTS.fullmatch(self.said.outcome)
        alike = [one.id for one in all_indicators().values() if match and one.area == "tests" and one.year_group == int(match[1])]
        rows = self.seen.figures
        rows = rows[rows["indicator"].isin([self.said.outcome] if self.facts else alike)]
        whole, level = rows["breakdown"].eq("all"), rows["level"]
        named = rows["unit"].where(level.eq("school") & whole).fillna(rows["group"].where(level.eq("municipality") & ~whole))
        silent = rows["shown"].isin(NOT_TOLD if self.facts else NOT_TOLD[:2])
        every = silent.groupby([named, rows["school_year"]]).all()
        pairs = {(str(name), str(year)) for (name, year), all_silent in every.items() if all_silent}
        some = {name for name, year in pairs if not self.years or year in self.years}
        if self.years and self.said.analysis not in FROM_FIGURES:
            some = {name for name in some if all((name, year) in pairs for year in self.years)}
        return pairs | {(name, ANY) for name in some}

    def _rows(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """What a stranger sees of each row: whom it is about, of how many, and whether it should be there."""
        cell = {one: frame[one] if one in frame else pd.Series("", index=frame.index) for one in (*NAMES, "shown", PERSONS)}
        unit = cell["school"].where(cell["school"].isin(self.schools), "")
        for other in ("group", "term"):
            unit = unit.where(unit.ne("") | ~cell[other].isin(self.schools), cell[other])
        about = unit.where(unit.ne(""), cell["group"])
        n = numbers(cell[PERSONS])
        unsaid = about.ne("").to_numpy() & np.isnan(n) & (PERSONS in frame)
        values = [one for one in frame if one not in (*NAMES, "shown", PERSONS)]
        none = np.zeros(len(frame), dtype=bool)
        stated = {one: np.isfinite(numbers(frame[one])) for one in values}
        spread = np.logical_or.reduce([none, *(stated[one] for one in SPREAD if one in stated)])
        allowed = max(MOST_DECIMALS, self.facts.decimals + 1 if self.facts else 0)
        return pd.DataFrame(
            {
                "table": name,
                "unit": unit,
                "what": cell["term"].where(cell["term"].ne(""), cell["group"]).replace("", name),
                "school_year": cell["school_year"],
                "shown": cell["shown"],
                "says": np.logical_or.reduce([none, *stated.values()]),
                "few": (n < self.smallest) | unsaid,
                "kept": [pair in self.kept for pair in zip(about, cell["school_year"], strict=True)],
                "spread": spread & (n < self.seen.rules.smallest_deviation_group),
                "fine": np.logical_or.reduce([none, *(decimals(frame[one]) > allowed for one in values)]),
            },
            index=frame.index,
        )

    def _left_over(self, frame: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Weakness]:
        """Schools whose value is the sum of all less the sum of the others: one, or one besides those that heads know."""
        adding = [name for name in ADDING_UP if name in frame and np.isfinite(numbers(frame[name])).any()]
        of_schools = rows[rows["unit"].ne("")]
        if not adding or of_schools.empty:
            return
        for _, part in of_schools.groupby(["what", "school_year"]):
            told = part[part["says"]]
            stated = self.said.part("basis").get("schools") if len(part) == len(of_schools) else None
            schools = max(len(part), stated) if isinstance(stated, int) else len(part)
            left = schools - len(told)
            hidden = [str(unit) for unit in part.loc[~part["says"], "unit"]]
            if 0 < left <= (3 if self.heads else 1) and len(told):
                readers = tuple(hidden[: left - 1])
                whose = hidden[left - 1] if len(hidden) >= left else ""
                yield self._weakness("recovered", "sum", whose, "", str(part["table"].iloc[0]), readers)

    def _weak(self, kind: str, quantity: str, rows: pd.DataFrame) -> Iterator[Weakness]:
        for row in rows.itertuples():
            yield self._weakness(kind, quantity, row.unit, row.school_year, row.what)

    def _weakness(
        self, kind: str, quantity: str, unit: str, school_year: str, what: str, readers: tuple[str, ...] = ()
    ) -> Weakness:
        level = "school" if unit else "municipality"
        return Weakness(
            kind, quantity, self.said.outcome, level, unit or self.seen.code, school_year, self.said.analysis, what, readers
        )
