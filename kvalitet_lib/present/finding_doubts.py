"""The doubts behind a finding, in a reader's words."""

from __future__ import annotations

import math

import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Basis, Finding
from kvalitet_lib.texts import Texts

SHARES = ("little_missing",)  # checks whose value and limit are shares, said in per cent
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
    """What the test of a doubt says."""
    value, limit = (number(one, texts, check.id in SHARES) for one in (check.value, check.limit))
    return texts.say(f"checks.{check.id}.{ANSWERS[check.passed]}", value=value, limit=limit, about=check.about)


def rests_on(basis: Basis, texts: Texts) -> str:
    """How many schools and pupils a finding rests on, and how much is missing."""
    parts = [
        texts.say(f"basis.{name}", count=count, number=texts.number(count))
        for name, count in (("schools", basis.schools), ("pupils", basis.pupils))
        if count is not None
    ]
    told = texts.listing(parts or [texts.say("basis.rows", count=basis.rows, number=texts.number(basis.rows))])
    return texts.say("basis.rests_on", parts=told, missing=texts.percent(basis.missing))


def number(value: float, texts: Texts, share: bool = False) -> str:
    """A figure as a reader wants it: as many decimals as it needs for three figures, and no more than three."""
    if math.isnan(value):
        return texts.say("cell.none")
    if share:
        return texts.number(100 * value)
    if value == round(value) or abs(value) >= 100:
        return texts.number(value)
    return texts.number(value, min(3, max(1, 2 - math.floor(math.log10(abs(value))))))
