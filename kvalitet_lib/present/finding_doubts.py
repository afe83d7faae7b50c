"""The doubts behind a finding, in a reader's words."""

from __future__ import annotations

import math

import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Basis, Finding
from kvalitet_lib.texts import Texts

ANSWERS = {True: "passed", False: "failed", None: "judge"}


def doubts(finding: Finding, language: str = "en") -> pd.DataFrame:
    """One row is one doubt: ``doubt``, ``answer``, ``outcome`` (passed, failed, judge or cannot_tell) and ``leaves``, the
    strongest claim that is left when a check has failed.

    Parameters
    ----------
    finding : Finding
    language : str
        ``sv``, ``nb`` or ``en``.
    """
    texts = Texts(language)
    rows = [
        (
            texts.say(f"checks.{check.id}.asks"),
            answer(check, texts),
            ANSWERS[check.passed],
            Claim(check.caps).key if check.passed is False else "",
        )
        for check in finding.checks
    ]
    rows += [("", rests_on(finding.basis, texts), "basis", "")]
    rows += [("", texts.say(f"cannot_tell.{name}"), "cannot_tell", "") for name in finding.cannot_tell]
    return pd.DataFrame(rows, columns=["doubt", "answer", "outcome", "leaves"])


def answer(check: Check, texts: Texts) -> str:
    """What the test of a doubt says.

    A sentence may ask for the figures as they are (``{value}``, ``{limit}``) or as shares (``{share}``, ``{limit_share}``).
    """
    return texts.say(
        f"checks.{check.id}.{ANSWERS[check.passed]}",
        value=number(check.value, texts),
        limit=number(check.limit, texts),
        share=share(check.value, texts),
        limit_share=share(check.limit, texts),
        about=named(check.about, texts),
    )


def named(about: str, texts: Texts) -> str:
    """What a check is about, by the names factors have for readers; several stand with commas between them."""
    keys = [part.strip() for part in about.split(",")]
    return texts.listing([texts.say(f"factors.{key}") if texts.has(f"factors.{key}") else key for key in keys])


def rests_on(basis: Basis, texts: Texts) -> str:
    """How many schools and pupils a finding rests on, and how much is missing."""
    parts = [
        texts.say(f"basis.{name}", count=count, number=texts.number(count))
        for name, count in (("schools", basis.schools), ("pupils", basis.pupils))
        if count is not None
    ]
    told = texts.listing(parts or [texts.say("basis.rows", count=basis.rows, number=texts.number(basis.rows))])
    return texts.say("basis.rests_on", parts=told, missing=texts.percent(basis.missing))


def number(value: float, texts: Texts) -> str:
    """A figure with as many decimals as three figures need, none that is nought at the end, and no more than three."""
    if math.isnan(value):
        return texts.say("cell.none")
    if abs(value) >= 100:
        return texts.number(value)
    rounded = f"{value:.3g}"
    decimals = len(rounded.partition(".")[2]) if "e" not in rounded else 3
    return texts.number(value, min(3, decimals))


def share(value: float, texts: Texts) -> str:
    """A share in per cent; below ten per cent with one decimal, when that says more than nought."""
    if math.isnan(value):
        return texts.say("cell.none")
    return texts.percent(value, 1 if 0 < abs(value) < 0.1 and round(100 * value) != round(100 * value, 1) else 0)
