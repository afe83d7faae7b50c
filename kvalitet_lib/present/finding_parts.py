"""What the sections about findings are made of: a heading, sentences, what speaks for and against, what cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.present.blocks import Blocks, Bullets, Definition, Definitions, Heading, Paragraph
from kvalitet_lib.present.finding_doubts import answer, rests_on
from kvalitet_lib.present.finding_sentences import Told, label_text, sentences
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.texts import Texts

SHOWN = "yes"


def opening(finding: Finding, texts: Texts) -> Blocks:
    """An analysis' name, and the question it asks."""
    card = f"analyses.{finding.analysis}"
    return Blocks([Heading(texts.say(f"{card}.name"), level=3), Paragraph(texts.say(f"{card}.question"))])


def said(rows: Sequence[Told], texts: Texts) -> Blocks:
    """The sentences of these rows."""
    told = sentences(rows, texts)
    return Blocks([Paragraph(told[0]) if len(told) == 1 else Bullets(tuple(told))]) if told else Blocks()


def without_answer(findings: Sequence[Finding], texts: Texts) -> Blocks:
    """Why there is no answer, of findings that have none; nothing where all have one."""
    lines = [
        texts.say("finding_pages.of_those", those=label_text(one, texts), said=texts.say(f"reasons.{one.reason}"))
        for one in findings
        if one.reason
    ]
    return Blocks([Bullets(tuple(dict.fromkeys(lines)))]) if lines else Blocks()


def doubts(findings: Sequence[Finding], texts: Texts, names: Mapping[str, str], step: int) -> Blocks:
    """What an answer rests on, each doubt that is not laid to rest, and what it cannot tell.

    Parameters
    ----------
    findings : sequence of Finding
        Of one analysis. A doubt they share is told once, and of whom it is true where it is not true of all.
    names : mapping of school code to name
    step : int
        Numbers of pupils are told in steps of so many.
    """
    answered = [one for one in findings if not one.reason]
    if not answered:
        return Blocks()
    say = texts.say
    items = [Definition(say("finding_pages.rests_on"), _basis(answered, texts, step))]
    standing = [check for one in answered for check in one.checks if check.passed is not True]
    items += [_doubt(name, answered, texts, names) for name in dict.fromkeys(check.id for check in standing)]
    stood = {check.id for one in answered for check in one.checks} - {check.id for check in standing}
    if stood:
        items.append(Definition(say("finding_pages.stood"), say("finding_pages.stood_text", count=len(stood))))
    cannot = dict.fromkeys(name for one in answered for name in one.cannot_tell)
    items.append(Definition(say("finding_pages.cannot_tell"), " ".join(say(f"cannot_tell.{name}") for name in cannot)))
    return Blocks([Definitions(tuple(items))])


def _basis(findings: Sequence[Finding], texts: Texts, step: int) -> str:
    """What each rests on; once where it is the same for all."""
    lines = {one: _rests_on(finding, texts) for one, finding in enumerate(findings)}
    told = _once([(findings[place], line) for place, line in lines.items()], texts)
    return f"{told} {texts.say('finding_pages.in_steps', step=step)}"


def _rests_on(finding: Finding, texts: Texts) -> str:
    years = finding.basis.school_years
    told = rests_on(finding.basis, texts)
    left_out = [
        texts.say("finding_pages.left_out", what=_left_out(name, texts), number=texts.number(count))
        for name, count in finding.basis.left_out.items()
    ]
    span = [texts.say("finding_pages.years", years=_span(years, texts))] if years else []
    return " ".join([told, *span, *left_out])


def _left_out(name: str, texts: Texts) -> str:
    for key in (f"left_out.{name}", f"factors.{name}"):
        if texts.has(key):
            return texts.say(key)
    return name


def _span(years: Sequence[str], texts: Texts) -> str:
    ends = [texts.school_year(year) for year in (years[0], years[-1])]
    return ends[0] if len(years) == 1 else texts.say("finding_pages.span", first=ends[0], last=ends[1])


def _doubt(name: str, findings: Sequence[Finding], texts: Texts, names: Mapping[str, str]) -> Definition:
    """One doubt's question, and its answer for each finding in which it stands."""
    answers = [
        (one, answer(_with_names(check, names, texts), texts)) for one in findings for check in one.checks if check.id == name
    ]
    return Definition(texts.say(f"checks.{name}.asks"), _once(answers, texts))


def _once(lines: Sequence[tuple[Finding, str]], texts: Texts) -> str:
    """The line where it is the same for all; else each with those it is true of."""
    of = {line: [one for one, other in lines if other == line] for line in dict.fromkeys(line for _, line in lines)}
    if len(of) == 1:
        return next(iter(of))
    return " ".join(
        texts.say("finding_pages.of_those", those=texts.listing(_labels(ones, texts)), said=line) for line, ones in of.items()
    )


def _labels(findings: Sequence[Finding], texts: Texts) -> list[str]:
    return list(dict.fromkeys(label_text(one, texts) for one in findings))


def _with_names(check: Check, names: Mapping[str, str], texts: Texts) -> Check:
    """The doubt with a school's name instead of its code, and a dash where nobody is to be named."""
    return replace(check, about=names.get(check.about, check.about) or texts.say("cell.none"))


def of_school(frame: pd.DataFrame, school: str) -> pd.DataFrame:
    """The rows about a school: by the column ``school``, or by the group that is its code."""
    column = "school" if "school" in frame else "group"
    return frame[frame[column].eq(school)]


def as_estimate(row: pd.Series, value: str) -> pd.Series:
    """A row of a table of schools as a sentence needs it: how far its value lies from nought."""
    return pd.Series({**row.to_dict(), "estimate": row[value], "null": 0.0})


def step_of(unit: UnitFigures) -> int:
    """In which steps a release's findings tell numbers of pupils."""
    policy = unit.release.about["policy"]
    return int(max(policy["smallest_group"], policy["smallest_survey_group"]))


def names_of_schools(unit: UnitFigures) -> dict[str, str]:
    """Code → name."""
    schools = unit.release.units[unit.release.units["level"].eq("school")]
    return dict(zip(schools["unit"], schools["name"], strict=True))


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that say something."""
    return frame[frame["shown"].eq(SHOWN)]
