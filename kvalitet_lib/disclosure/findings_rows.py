"""Which rows of a finding may be shown: none of few, none whose figure is hidden, none that another could be subtracted from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.disclosure.findings_outcome import Outcome
from kvalitet_lib.disclosure.findings_printed import printed_column
from kvalitet_lib.disclosure.findings_whitelist import Rows
from kvalitet_lib.municipality import Audience

FEWEST_LEFT = 2  # of one alone, what is left over is told by all the others
NAMING = ("text", "school")  # kinds of columns that name a row: they stay where it is hidden


@dataclass(frozen=True)
class Case:
    """One finding before one audience.

    Attributes
    ----------
    silent : frozenset of (school, school year)
        Of whom a figure of the same outcome is hidden.
    silent_groups : frozenset of (group, school year)
        Of which of the municipality's groups of pupils one is.
    schools : frozenset of str
        Codes of all schools there are.
    by_year : bool
        One hidden year silences an answer over several.
    """

    finding: Finding
    outcome: Outcome
    audience: Audience
    silent: frozenset[tuple[str, str]]
    silent_groups: frozenset[tuple[str, str]]
    schools: frozenset[str]
    by_year: bool = True

    @property
    def alpha(self) -> float:
        return 1 - self.finding.confidence

    @property
    def school_years(self) -> Collection[str]:
        """School years that a row rests on when it names none itself; none means all there are."""
        return self.finding.basis.school_years

    @cached_property
    def silent_schools(self) -> set[str]:
        """Schools that an answer over all its years must not tell of."""
        hidden = {school for school, year in self.silent if not self.school_years or year in self.school_years}
        if self.by_year or not self.school_years:
            return hidden
        return {school for school in hidden if all((school, year) in self.silent for year in self.school_years)}


def shown_rows(rows: pd.DataFrame, allowed: Rows, case: Case) -> pd.DataFrame:
    """A frame of a finding as it leaves: rows and columns that are allowed, ``shown``, and only names in rows that are hidden.

    Schools stand in the order of their codes: an order of size would rank those that are not shown.
    """
    kept = rows[rows["term"].isin(allowed.terms)] if allowed.terms and "term" in rows else rows
    kept = kept.reset_index(drop=True)
    barred = kept["shown"].ne("yes") if "shown" in kept else pd.Series(False, index=kept.index)
    part = _Part(kept[[name for name in allowed.columns if name in kept]], allowed, case, barred)
    hidden = part.hidden
    frame = pd.DataFrame(index=part.rows.index)
    for name in part.rows:
        how = allowed.columns[name]
        told = printed_column(part.rows[name], how, part.persons, case.outcome, case.audience, case.alpha)
        frame[name] = told if how.kind in NAMING else told.mask(hidden, "" if how.kind == "word" else np.nan)
    frame["shown"] = pd.Series(np.where(hidden, "protected", "yes"), index=frame.index, dtype="str")
    if part.school.eq("").all():
        return frame
    order = frame[part.named].assign(_of=part.school).sort_values(["_of", *part.named], kind="stable").index
    return frame.loc[order].reset_index(drop=True)


@dataclass(frozen=True)
class _Part:
    """The allowed columns of one frame, what its rows are about, and those that were hidden when it was let out before."""

    rows: pd.DataFrame
    allowed: Rows
    case: Case
    barred: pd.Series

    def _of_kind(self, *kinds: str) -> list[str]:
        return [name for name in self.rows if self.allowed.columns[name].kind in kinds]

    @cached_property
    def named(self) -> list[str]:
        return self._of_kind(*NAMING)

    @cached_property
    def school(self) -> pd.Series:
        """The school each row is about: a column's of the kind ``school``, or a code that stands as term or group; else empty."""
        found = pd.Series("", index=self.rows.index, dtype="object")
        for name in self.named:
            cells = self.rows[name].astype("object").fillna("").astype(str)
            certain = self.allowed.columns[name].kind == "school"
            found = found.where(found.ne(""), cells if certain else cells.where(cells.isin(list(self.case.schools)), ""))
        return found

    @cached_property
    def group(self) -> pd.Series:
        empty = pd.Series("", index=self.rows.index, dtype="object")
        return self.rows["group"].astype("object").fillna("") if "group" in self.rows else empty

    @cached_property
    def persons(self) -> pd.Series:
        """How many persons stand behind each row: the fewest that its columns say.

        A row about all rests on all of the finding's; a row about a school or a group that does not say on how many rests
        on none that we know of.
        """
        stated = self._of_kind("persons")
        nothing = pd.Series(np.nan, index=self.rows.index)
        least = self.rows[stated].astype("float64").min(axis=1, skipna=False) if stated else nothing
        pupils = self.case.finding.basis.pupils
        of_all = self.school.eq("") & self.group.eq("")
        return least.fillna(of_all.map({True: np.inf if pupils is None else float(pupils), False: 0.0}))

    @cached_property
    def hidden(self) -> pd.Series:
        hidden = self.persons.lt(self.case.outcome.smallest) | self._silent() | self._at_an_end() | self.barred
        return hidden | self._more_to_hide(hidden)

    def _silent(self) -> pd.Series:
        """Rows of a school, or a group, of which a figure of the same outcome is hidden in a year the row rests on."""
        case = self.case
        ever = case.silent_schools
        of_group = self._silent_groups()
        if "school_year" not in self.rows:
            return self.school.isin(list(ever)) | of_group
        years = self.rows["school_year"].astype("object").fillna("")
        pairs = zip(self.school, years, strict=True)
        of_school = [(school, year) in case.silent if year else school in ever for school, year in pairs]
        return pd.Series(of_school, index=self.rows.index, dtype=bool) | of_group

    def _at_an_end(self) -> pd.Series:
        """Shares that fewer than the smallest count have, or lack."""
        if not self.allowed.shares or "term" not in self.rows:
            return pd.Series(False, index=self.rows.index)
        share = self.rows["estimate"].astype("float64")
        fewest = pd.concat([share * self.persons, (1 - share) * self.persons], axis=1).min(axis=1)
        return self.rows["term"].isin(self.allowed.shares) & fewest.lt(self.case.audience.smallest_count)

    def _silent_groups(self) -> pd.Series:
        """Rows of a group that is hidden in every year, or of a year in which one of the groups that the finding is about is."""
        silent, years = self.case.silent_groups, self.case.school_years
        groups = set(self.group) & {group for group, _ in silent}
        never = {group for group in groups if all((group, year) in silent for year in years)}
        some = {year for group, year in silent if group in groups}
        return self.group.isin(list(never | some))

    def _more_to_hide(self, hidden: pd.Series) -> pd.Series:
        """The smallest of those shown, until those not shown are many enough to be subtracted together only.

        Of schools, leaving aside the largest that heads who pool may know; of groups, all.
        """
        more = pd.Series(False, index=self.rows.index)
        of_schools = self.school.ne("").any()
        about = self.school if of_schools else self.group
        mine = self.rows[about.ne("")]
        if not self.allowed.adds_up or mine.empty:
            return more
        others = [name for name in self._of_kind("text") if name != "group" and not about.eq(self.rows[name]).any()]
        number = mine.groupby(others, dropna=False, sort=False).ngroup() if others else pd.Series(0, index=mine.index)
        parts = [mine.index[number.eq(one)] for one in number.unique()]
        heads = self.case.audience.heads_who_pool if of_schools else 0
        # Where some were hidden when it was let out before, they were enough, and more are hidden by now.
        for part in (one for one in parts if not self.barred[one].any()):
            persons = self.persons[part].to_numpy(dtype=np.float64)
            outside = self._outside(persons) if of_schools and len(parts) == 1 else []
            more[part] = _completed(persons, hidden[part].to_numpy(dtype=bool), outside, heads, self.case.outcome.smallest)
        return more

    def _outside(self, persons: NDArray[np.float64]) -> list[float]:
        """Persons of the schools that the finding rests on and the frame has no row of, as evenly as they can be spread."""
        basis = self.case.finding.basis
        schools = (basis.schools or 0) - len(persons)
        left = max(0.0, float(basis.pupils or 0) - float(persons.sum()))
        return [left / schools] * schools if schools > 0 else []


def _completed(
    persons: NDArray[np.float64], hidden: NDArray[np.bool_], outside: list[float], heads: int, smallest: int
) -> NDArray[np.bool_]:
    """Which more must be hidden so that those hidden, without the ``heads`` largest, are two at least and enough persons."""
    more = np.zeros(len(persons), dtype=bool)
    for place in np.argsort(persons, kind="stable"):
        left = sorted([*persons[hidden | more], *outside])
        unknown = left[: max(0, len(left) - heads)]
        if not left or (len(unknown) >= FEWEST_LEFT and sum(unknown) >= smallest):
            break
        more[place] |= not hidden[place]
    return more
