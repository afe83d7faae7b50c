"""The clock, read in one place and in one zone: every moment and date written down is UTC, wherever the machine stands.

The same moment then gives the same bytes and the same release id in Stockholm, Oslo and Helsinki, and no night of
summer time has an hour twice. What it costs: for an hour or two after midnight a date is still the day before's.
"""

from __future__ import annotations

from datetime import UTC, date, datetime


def now() -> datetime:
    """This moment, with its zone."""
    return datetime.now(UTC)


def today() -> date:
    """The date in UTC."""
    return now().date()


def stamp(moment: datetime | None = None) -> str:
    """A moment as records hold it, now unless given: ``2025-10-01T09:12:00Z``."""
    return f"{(moment or now()).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
