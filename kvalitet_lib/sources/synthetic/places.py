"""The made-up municipalities: their schools, who feeds whom, what happens to them and which part each plays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

UPPER_STEPS = (10, 12)  # a step is years since the pupil's first year group; upper secondary comes after nine
ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True)
class Place:
    """A school unit. ``cohort`` is pupils a year group that start there; 0 where all come from other schools."""

    code: str
    name: str
    first: int
    last: int
    cohort: int = 0
    feeds: str = ""


@dataclass(frozen=True)
class Change:
    """Something that happens to a school as the school year of index ``year`` begins."""

    code: str
    year: int
    other: str  # new name, successor, or the school that pupils come from


@dataclass(frozen=True)
class Life:
    """A school for as long as it keeps its name: from and to which year (None: it goes on), and who took over."""

    place: Place
    name: str
    year_groups: str
    first: int = 0
    last: int | None = None
    successor: str = ""


@dataclass(frozen=True)
class Plan:
    """A made-up municipality before anybody lives in it."""

    country: str
    code: str
    name: str
    school_years: tuple[str, ...]
    places: tuple[Place, ...]
    preschools: tuple[Place, ...]
    roles: Mapping[str, tuple[str, ...]]
    renamed: Change
    merged: Change | None = None
    opened: Change | None = None
    upper_cohort: int = 0
    rising_from: int = 2
    measures_from: int | None = 3

    @property
    def years(self) -> int:
        return len(self.school_years)

    @property
    def first_year_group(self) -> int:
        return 0 if self.country == "se" else 1

    @property
    def neighbours(self) -> tuple[str, ...]:
        """Codes of the seven invented municipalities one compares with."""
        return tuple(str(int(self.code) + place) for place in range(1, 8))

    @property
    def with_final_grades(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.first <= 9 <= place.last)

    def place(self, code: str) -> Place:
        return next(place for place in self.places if place.code == code)

    def is_open(self, code: str, year: int) -> bool:
        closes = self.merged.year if self.merged and self.merged.code == code else self.years
        opens = self.opened.year if self.opened and self.opened.code == code else 0
        return opens <= year < closes

    def name_in(self, code: str, year: int) -> str:
        if code == self.renamed.code and year >= self.renamed.year:
            return self.renamed.other
        return self.place(code).name

    def school_of(self, area: str, step: int, year: int) -> str:
        """Code of the school a pupil living in ``area`` attends."""
        if step >= UPPER_STEPS[0]:
            return next(place.code for place in self.places if place.first == UPPER_STEPS[0])
        here = self.place(area)
        if self.merged and area == self.merged.code and year >= self.merged.year:
            here = self.place(self.merged.other)
        if self.opened and area == self.opened.code and year < self.opened.year:
            here = self.place(self.opened.other)
        return here.code if step <= here.last else here.feeds

    def lives(self) -> Iterator[Life]:
        """What the register of schools says: one life for each name of each school and preschool."""
        for place in (*self.places, *self.preschools):
            groups = self._year_groups(place)
            if place.code == self.renamed.code:
                yield Life(place, place.name, groups, last=self.renamed.year - 1)
                yield Life(place, self.renamed.other, groups, first=self.renamed.year)
            elif self.merged and place.code == self.merged.code:
                yield Life(place, place.name, groups, last=self.merged.year - 1, successor=self.merged.other)
            else:
                yield Life(
                    place, place.name, groups, first=self.opened.year if self.opened and place.code == self.opened.code else 0
                )

    def _year_groups(self, place: Place) -> str:
        if place.last < 0:
            return ""
        if place.first >= UPPER_STEPS[0]:
            return "Gy1-Gy3"
        first, last = place.first + self.first_year_group, place.last + self.first_year_group
        return f"{first or 'F'}-{last}"


def plan(country: str, small: bool = False) -> Plan:
    """The municipality of a country, whole or in the small form meant for quick tests.

    Parameters
    ----------
    country : {"se", "no"}
    small : bool
        Six schools of 40-120 pupils and three school years, without measures, mergers or new schools.
    """
    from kvalitet_lib.sources.synthetic import ekkoping, elvedal

    town = {"se": ekkoping, "no": elvedal}[country]
    return town.SMALL if small else town.WHOLE


def school_years(first: int, count: int) -> tuple[str, ...]:
    return tuple(f"{year}-{(year + 1) % 100:02d}" for year in range(first, first + count))


def swedish_codes() -> Iterator[str]:
    return (f"900123{number:02d}" for number in range(1, 100))


def norwegian_codes() -> Iterator[str]:
    """Nine digits, the last of which checks the others, in the same made-up series throughout."""
    for number in range(1, 1000):
        body = f"31234{number:03d}"
        rest = sum(int(digit) * weight for digit, weight in zip(body, ORGANISATION_WEIGHTS, strict=True)) % 11
        if rest != 1:  # 11 - 1 = 10 is no digit: such numbers are not given out
            yield f"{body}{-rest % 11}"


def numbered(codes: Iterator[str], rows: Iterable[tuple[str, int, int, int, str]]) -> tuple[Place, ...]:
    """Give each (name, first step, last step, cohort, name of the school it feeds) its code."""
    rows = list(rows)
    code_of = {name: next(codes) for name, *_ in rows}
    return tuple(
        Place(code_of[name], name, first, last, cohort, code_of.get(feeds, "")) for name, first, last, cohort, feeds in rows
    )
