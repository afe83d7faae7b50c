"""A draft is let out only when the attacker finds nothing in it; what little is found is mended by leaving out detail."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import pandas as pd

from kvalitet_lib.attack import Attempt, Weakness, attempt
from kvalitet_lib.errors import DisclosureError

ROUNDS = 4
MOST_MENDED = 0.02  # part of the hidden figures; more is a fault in the protection, not what its models leave
ALL = "all"
DETAIL = ["indicator", "school_year", "breakdown", "level", "unit"]
Detail = tuple[str, str, str, str, str]  # an empty one means every
LeftOut = frozenset[Detail]


def tested(
    write: Callable[[LeftOut], None], folder: Path, earlier: Sequence[Path], known: pd.DataFrame, breakdowns: Collection[str]
) -> tuple[LeftOut, Attempt]:
    """Write a draft, attack it, leave out detail where something was found, and so on until nothing is.

    Detail is lost in this order: one breakdown of an indicator in a year; all its breakdowns, and all of the school in
    question; all breakdowns of the year, and the indicator's schools; the indicator in that year.

    Parameters
    ----------
    write : callable
        Writes the draft into ``folder`` without the detail it is given.
    folder : Path
    earlier : sequence of Path
        Releases the same readers have seen.
    known : DataFrame
        What heads know of their own schools; see :func:`attack`.
    breakdowns : collection of str
        Breakdowns there are.

    Returns
    -------
    What was left out, and the last attempt: it found nothing.

    Raises
    ------
    DisclosureError
        Something can still be told, or too much could to begin with: then nothing is published.
    """
    left_out: LeftOut = frozenset()
    for at in range(ROUNDS + 1):
        write(left_out)
        tried = attempt(folder, earlier, known)
        if not tried.weaknesses:
            return left_out, tried
        if at == ROUNDS or len(tried.weaknesses) > max(1, MOST_MENDED * tried.hidden):
            break
        left_out |= {one for weakness in tried.weaknesses for one in _detail(weakness, at, breakdowns)}
    raise DisclosureError(_refusal(tried))


def _detail(weakness: Weakness, at: int, breakdowns: Collection[str]) -> list[Detail]:
    indicator, year = weakness.indicator, weakness.school_year
    groups = [one for one in breakdowns if one != ALL]
    of_indicator: list[Detail] = [(indicator, year, one, "", "") for one in groups]
    of_school: list[Detail] = [("", year, one, "school", weakness.unit) for one in groups if weakness.level == "school"]
    of_year: list[Detail] = [("", year, one, "", "") for one in groups]
    steps: list[list[Detail]] = [
        [(indicator, year, weakness.breakdown, "", "")] if weakness.breakdown != ALL else of_indicator,
        of_indicator + of_school,
        [*of_year, (indicator, year, ALL, "school", "")],
        [(indicator, year, ALL, "", "")],
    ]
    return [one for step in steps[: at + 1] for one in step]


def covers(left_out: LeftOut, figures: pd.DataFrame) -> pd.Series:
    """Which figures belong to what is left out."""
    hit = pd.Series(False, index=figures.index)
    said = pd.DataFrame(sorted(left_out), columns=DETAIL, dtype="str")
    for _, alike in said.groupby([said[name].eq("") for name in DETAIL]):
        named = [name for name in DETAIL if alike[name].ne("").all()]
        hit |= pd.MultiIndex.from_frame(figures[named].astype("str")).isin(pd.MultiIndex.from_frame(alike[named]))
    return hit


def _refusal(tried: Attempt) -> str:
    counts = pd.Series([(one.indicator, one.school_year, one.breakdown) for one in tried.weaknesses]).value_counts()
    some = [
        f"  {indicator or '(files)'}  {year}  {breakdown}   {n} figures"
        for (indicator, year, breakdown), n in counts.head(8).items()
    ]
    return (
        f"The release for {tried.audience} was not published: a reader could work out {len(tried.weaknesses)} figures that it "
        f"means to keep.\n\n" + "\n".join(some) + ("\n  …" if len(counts) > 8 else "") + "\n\nThe release before stands. "
        "Raise the audience's smallest groups in params/municipality.yml, and tell who keeps this program."
    )
