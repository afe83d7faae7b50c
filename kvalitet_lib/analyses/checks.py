"""Doubts that several analyses share; each limit is our own choice unless its source is named."""

from __future__ import annotations

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Basis

FEWEST_SCHOOLS = 10  # fewer say little about how much schools differ; own rule
MOST_MISSING = 0.2  # more missing than this, and those who are missing may decide the answer; own rule


def enough_schools(schools: int, limit: int = FEWEST_SCHOOLS) -> Check:
    """Whether there are schools enough to speak of schools."""
    return Check("enough_schools", schools >= limit, Claim.DIFFERS, schools, limit)


def little_missing(basis: Basis, limit: float = MOST_MISSING) -> Check:
    """Whether few rows are left out because something was missing."""
    return Check("little_missing", basis.missing <= limit, Claim.DIFFERS, basis.missing, limit)


def one_family(tests: int) -> Check:
    """How many tests were run and corrected for together: for the reader to bear in mind."""
    return Check("one_family", None, Claim.SUGGESTS_EFFECT, tests)
