"""What the sections about findings are made of: a heading, sentences, what speaks for and against, what cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.present.blocks import Blocks, Bullets, Definition, Definitions, FigureGrid, Heading, Panel, Paragraph
from kvalitet_lib.present.finding_doubts import ANSWERS, answer, rests_on
from kvalitet_lib.present.finding_sentences import Told, amount_text, label_text, sentences
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.present.words import inline
from kvalitet_lib.texts import Texts

SHOWN = "yes"
UNTOLD = "protected"  # what a released doubt is about when its number is not told
Names = Mapping[str, str]  # a school's code → its name


def section(lead: str, told: Blocks, texts: Texts) -> Blocks:
    """The whole section: its heading, what it is, and what the analyses say; nothing where none says anything."""
    if not told:
        return Blocks()
    return Blocks([Heading(texts.say("finding_pages.title"), id="analyses"), Paragraph(lead), *told])


def opening(finding: Finding, texts: Texts) -> Blocks:
    """An analysis' name, and the question it asks."""
    card = f"analyses.{finding.analysis}"
    return Blocks([Heading(texts.say(f"{card}.name"), level=3), Paragraph(texts.say(f"{card}.question"))])


def said(rows: Sequence[Told], texts: Texts) -> Blocks:
    """The sentences of these rows."""
    told = sentences(rows, texts)
    return Blocks([Paragraph(told[0]) if len(told) == 1 else Bullets(tuple(told))]) if told else Blocks()


def without_answer(findings: Sequence[Finding], texts: Texts) -> Blocks:
    """Why there is no answer, of findings that have none, each reason once; nothing where all have one."""
    why = dict.fromkeys(one.reason for one in findings if one.reason)
    lines = []
    for reason in why:
        those = texts.listing(_labels([one for one in findings if one.reason == reason], texts))
        said = texts.say(f"reasons.{reason}")
        lines.append(texts.say("finding_pages.of_those", those=those[0].upper() + those[1:], said=said))
    return Blocks([Bullets(tuple(lines))]) if lines else Blocks()


def doubts(findings: Sequence[Finding], texts: Texts, names: Names, step: int) -> Blocks:
    """What an answer rests on, each doubt that is not laid to rest, and what it cannot tell.

    Parameters
    ----------
    findings : sequence of Finding
        Of one analysis, the one that matters most first: its answers are told, and for which others a doubt holds, too.
    names : mapping of school code to name
    step : int
        Numbers of pupils are told in steps of so many.
    """
    if not findings:
        return Blocks()
    say = texts.say
    items = [Definition(say("finding_pages.rests_on"), _basis(findings, texts, step))]
    standing = [check.id for one in findings for check in one.checks if check.passed is not True]
    items += [_doubt(name, findings, texts, names) for name in dict.fromkeys(standing)]
    if stood := {check.id for one in findings for check in one.checks} - set(standing):
        items.append(Definition(say("finding_pages.stood"), say("finding_pages.stood_text", count=len(stood))))
    cannot = dict.fromkeys(name for one in findings for name in one.cannot_tell)
    items.append(Definition(say("finding_pages.cannot_tell"), " ".join(say(f"cannot_tell.{name}") for name in cannot)))
    return Blocks([Definitions(tuple(items))])


def _basis(findings: Sequence[Finding], texts: Texts, step: int) -> str:
    """What the first rests on, of which years, and who was left out."""
    first = findings[0]
    years = [texts.school_year(year) for year in first.basis.school_years]
    span = years[:1] if len(years) < 2 else [texts.say("finding_pages.span", first=years[0], last=years[-1])]
    told = [_of(first, findings, rests_on(first.basis, texts), texts)]
    told += [texts.say("finding_pages.years", years=one) for one in span]
    told += [
        texts.say("finding_pages.left_out", what=words, number=texts.number(count))
        for name, count in first.basis.left_out.items()
        if (words := _known(name, texts, "left_out", "factors"))
    ]
    steps = [texts.say("finding_pages.in_steps", step=step)] if first.basis.pupils else []
    return " ".join([*told, *steps])


def _doubt(name: str, findings: Sequence[Finding], texts: Texts, names: Names) -> Definition:
    """One doubt's question, its answer for the first in which it stands, and the others for which it holds, too."""
    standing = [(one, check) for one in findings for check in one.checks if check.id == name and check.passed is not True]
    first = standing[0][0]
    answers = " ".join(_answer(check, texts, names) for one, check in standing if one is first)
    also = [one for one, check in standing if one is not first and check.passed is False]
    told = answers if first is findings[0] else _of(first, findings, answers, texts)
    if also:
        told = f"{told} {texts.say('finding_pages.also', those=texts.listing(_labels(also, texts)))}"
    return Definition(texts.say(f"checks.{name}.asks"), told)


def _answer(check: Check, texts: Texts, names: Names) -> str:
    """What the test of a doubt says, with names instead of codes; no number where the release tells none."""
    if check.about == UNTOLD:
        return texts.say(f"finding_pages.untold.{ANSWERS[check.passed]}")
    parts = [_name(part.strip(), texts, names) for part in check.about.split(",") if part.strip()]
    return answer(replace(check, about=", ".join(parts) or texts.say("finding_pages.not_named")), texts)


def _name(key: str, texts: Texts, names: Names) -> str:
    """A school's name, a factor's (of one part), a result's or a breakdown's; the key itself where it has none."""
    factor, _, part = key.rpartition(" ")
    if factor and texts.has(f"parts.{part}"):
        return f"{_name(factor, texts, names)} ({texts.say(f'parts.{part}')})"
    if texts.has(f"finding_pages.results.{key}"):
        return inline(texts.say(f"finding_pages.results.{key}.name"))
    return names.get(key, "") or _known(key, texts, "factors", "finding_pages.breakdowns") or key


def _known(key: str, texts: Texts, *places: str) -> str:
    """What the first of these places in texts says of a key; empty when none does."""
    return next((texts.say(f"{place}.{key}") for place in places if texts.has(f"{place}.{key}")), "")


def _of(finding: Finding, findings: Sequence[Finding], line: str, texts: Texts) -> str:
    """The line, with what it is true of where there are several."""
    if len(findings) < 2:
        return line
    label = label_text(finding, texts)
    return texts.say("finding_pages.of_those", those=label[0].upper() + label[1:], said=line)


def _labels(findings: Sequence[Finding], texts: Texts) -> list[str]:
    return list(dict.fromkeys(inline(label_text(one, texts)) for one in findings))


def main_first(findings: Sequence[Finding]) -> list[Finding]:
    """The finding that is told most of first: about the results pupils leave with, and the newest of them.

    Those that may claim something stand before those that may not.
    """
    known = all_indicators()

    def weight(one: Finding) -> tuple[int, int]:
        stage = known[one.outcome].year_group or 0 if one.outcome in known else 0
        return -int(one.claim), -stage

    return sorted(findings, key=weight)


def of_school(frame: pd.DataFrame, school: str) -> pd.DataFrame:
    """The rows about a school: by the column ``school``, or by the group that is its code."""
    column = "school" if "school" in frame else "group"
    return frame[frame[column].eq(school)]


def as_estimates(schools: pd.DataFrame, value: str) -> pd.DataFrame:
    """A table of schools as sentences need it: how far each one's value lies from nought."""
    return schools.assign(estimate=schools[value], null=0.0)


def step_of(unit: UnitFigures) -> int:
    """In which steps a release's findings tell numbers of pupils."""
    policy = unit.release.about["policy"]
    return int(max(policy["smallest_group"], policy["smallest_survey_group"]))


def names_of_schools(unit: UnitFigures) -> dict[str, str]:
    """Code → name."""
    schools = unit.release.units[unit.release.units["level"].eq("school")]
    return dict(zip(schools["unit"], schools["name"], strict=True))


def rows_of(finding: Finding, term: str, group: str | None = None) -> pd.DataFrame:
    """Shown estimates of a term, of one group or of all."""
    rows = shown(finding.estimates)
    rows = rows[rows["term"].eq(term)]
    return rows if group is None else rows[rows["group"].eq(group)]


def in_words(points: pd.DataFrame, finding: Finding, texts: Texts) -> str:
    """Every point of a chart in words, for whoever does not see it: ``label`` and ``estimate`` of those shown."""
    seen = points[points["shown"].eq(SHOWN) & points["estimate"].notna()]
    return "; ".join(f"{row['label']} {amount_text(finding, row['estimate'], texts, short=True)}" for _, row in seen.iterrows())


def panels_and_note(panels: Sequence[Panel], note: str = "") -> Blocks:
    """Charts beside one another, and small print beneath them; nothing without charts."""
    if not panels:
        return Blocks()
    return Blocks([FigureGrid(tuple(panels), level=4), *([Paragraph(note, tone="note")] if note else [])])


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that say something."""
    return frame[frame["shown"].eq(SHOWN)]
