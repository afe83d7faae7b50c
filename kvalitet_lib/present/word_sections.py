"""The sections of a page that are mostly words: in brief, questions, definitions, sources."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kvalitet_lib.indicators import Better
from kvalitet_lib.present.blocks import (
    Banner,
    Blocks,
    Bullets,
    Callout,
    Cell,
    Column,
    Definition,
    Definitions,
    Heading,
    PageHead,
    Paragraph,
    Questions,
    Table,
)
from kvalitet_lib.present.limit_section import hidden_of
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.present.words import name_of, names_of, page_words
from kvalitet_lib.texts import Texts

MOST_NAMED = 4
MOST_QUESTIONS_OF_A_KIND = 2
FINGERPRINT_SHOWN = 8
LINES_TO_WRITE_ON = 2


def head(unit: UnitFigures, texts: Texts) -> Blocks:
    """Title, what the page is, who may read it, and whether its data are invented."""
    about = unit.release.about
    year = texts.school_year(unit.school_year)
    kind = "school" if unit.level == "school" else "municipality"
    audience = about["audience"]
    footer = texts.say(
        "page.footer", date=texts.date(date.fromisoformat(about["made"])), version=about["version"], release=unit.release.id
    )
    publisher = texts.say("page.publisher", municipality=about["municipality"]["name"])
    lines = [_facts(unit, texts), texts.say(f"page.audience.{audience}", smallest=about["policy"]["smallest_group"])]
    blocks = Blocks(
        [
            PageHead(
                texts.say(f"page.{kind}_title", name=unit.name, school_year=year),
                texts.language,
                page_words(texts),
                publisher=publisher,
                description=texts.say(f"page.description_{kind}", name=unit.name),
                footer=footer,
            ),
            Banner(
                unit.name if kind == "school" else publisher, texts.say("page.school_subtitle", school_year=year), tuple(lines)
            ),
        ]
    )
    if about["municipality"]["made_up"]:
        blocks += Callout(texts.say("page.made_up"), title=texts.say("page.made_up_title"), tone="made_up")
    return blocks


def _facts(unit: UnitFigures, texts: Texts) -> str:
    if unit.level != "school":
        schools = unit.release.units
        count = len(
            set(unit.release.units_with_figures("school")) & set(schools.loc[schools["municipality"].eq(unit.unit), "unit"])
        )
        return texts.say("page.schools_count", count=count)
    if not unit.facts["year_groups"]:
        return texts.say("page.code_only", unit=unit.unit)
    return texts.say("page.facts", year_groups=unit.facts["year_groups"], unit=unit.unit)


def in_brief(unit: UnitFigures, texts: Texts) -> Blocks:
    """Five sentences at most, made from released figures only. Who the pupils are is neither better nor worse."""
    compared, earlier = _of_quality(unit, "nation"), _of_quality(unit, "own_earlier")
    said = [_counted(compared, texts)] if len(unit.current) else [texts.say("brief.nothing")]
    said += _named("brief.better", compared, "better", texts) + _named("brief.worse", compared, "worse", texts)
    changes = _named("brief.changed_better", earlier, "better", texts) + _named("brief.changed_worse", earlier, "worse", texts)
    if not changes and earlier["verdict"].isin(["above", "similar", "below"]).any():
        changes = [texts.say("brief.unchanged")]
    hidden = int(hidden_of(unit)["breakdown"].eq("all").sum())
    said += changes + ([texts.say("brief.hidden", count=hidden)] if hidden else [])
    return Blocks([Heading(texts.say("brief.title"), id="brief"), Bullets(tuple(said[:5]))])


def _of_quality(unit: UnitFigures, reference: str) -> pd.DataFrame:
    compared = unit.compared(reference)
    return compared[compared["indicator"].map(lambda name: unit.indicators[name].better is not Better.NEITHER).astype(bool)]


def _counted(compared: pd.DataFrame, texts: Texts) -> str:
    if compared.empty:
        return texts.say("brief.no_nation")
    counts = {word: int(compared["better"].eq(word).sum()) for word in ("better", "worse")}
    counts |= {word: int(compared["verdict"].eq(word).sum()) for word in ("similar", "unknown")}
    parts = [texts.say(f"brief.part_{word}", count=count) for word, count in counts.items() if count]
    return texts.say("brief.counted", count=len(compared), parts=texts.listing(parts))


def _named(key: str, compared: pd.DataFrame, better: str, texts: Texts) -> list[str]:
    names = list(compared.loc[compared["better"].eq(better), "indicator"])
    return [texts.say(key, names=names_of(names, texts, MOST_NAMED))] if names else []


def questions(unit: UnitFigures, texts: Texts) -> Blocks:
    """Questions for the dialogue: some from the verdicts, some that always belong."""
    nation, earlier = unit.compared("nation"), unit.compared("own_earlier")
    asked = [
        texts.say(f"questions.{key}", indicator=name_of(name, texts))
        for key, rows, better in (
            ("worse", nation, "worse"),
            ("better", nation, "better"),
            ("changed_worse", earlier, "worse"),
            ("changed_better", earlier, "better"),
        )
        for name in list(rows.loc[rows["better"].eq(better), "indicator"])[:MOST_QUESTIONS_OF_A_KIND]
    ]
    return Blocks(
        [
            Heading(texts.say("questions.title"), id="questions", new_page=True),
            Paragraph(texts.say("questions.lead")),
            Questions((*asked, *texts.items("questions.always")), lines=LINES_TO_WRITE_ON),
        ]
    )


def definitions(unit: UnitFigures, texts: Texts) -> Blocks:
    """What each measure on the page counts, why, what it says nothing about, and whose rule it is."""
    items = tuple(
        Definition(
            name_of(name, texts),
            texts.say(
                "definitions.text",
                means=texts.say(f"indicators.{name}.means"),
                why=texts.say(f"indicators.{name}.why"),
                nothing=texts.say(f"indicators.{name}.says_nothing_about"),
                source=one.source.rstrip("."),
            ),
        )
        for name, one in unit.indicators.items()
    )
    return Blocks([Heading(texts.say("definitions.title"), id="definitions", new_page=True), Definitions(items)])


def sources(unit: UnitFigures, texts: Texts) -> Blocks:
    """Which deliveries the figures come from, which rules they passed, and which release this is."""
    about = unit.release.about
    deliveries = pd.DataFrame(about["deliveries"])
    rows = []
    for name in sorted(unit.sources):
        mine = deliveries[deliveries["family"].eq(name)] if len(deliveries) else deliveries
        rows.append(
            (
                Cell(texts.say(f"sources.names.{name}")),
                Cell(texts.number(len(mine))),
                Cell(texts.date(date.fromisoformat(max(mine["loaded_at"])[:10])) if len(mine) else texts.say("cell.none")),
                Cell(_fingerprints(mine, texts), muted=True),
            )
        )
    columns = (
        Column(texts.say("sources.source")),
        Column(texts.say("sources.files"), "right", narrow=True),
        Column(texts.say("sources.loaded"), narrow=True),
        Column(texts.say("sources.fingerprint")),
    )
    return Blocks(
        [
            Heading(texts.say("sources.title"), id="sources"),
            Paragraph(texts.say("sources.lead")),
            Table(texts.say("sources.caption"), columns, tuple(rows)),
            _release_table(unit, texts),
        ]
    )


def _fingerprints(deliveries: pd.DataFrame, texts: Texts, most: int = 6) -> str:
    if deliveries.empty:
        return texts.say("cell.none")
    marks = [mark[:FINGERPRINT_SHOWN] for mark in deliveries.sort_values("loaded_at")["fingerprint"].drop_duplicates()]
    return " ".join(marks[-most:]) + (" …" if len(marks) > most else "")


def _release_table(unit: UnitFigures, texts: Texts) -> Table:
    about = unit.release.about
    policy, municipality = about["policy"], about["municipality"]
    facts = {
        "audience": texts.say(f"sources.audience_names.{about['audience']}"),
        "rule": texts.say(
            "sources.rule_text",
            smallest=policy["smallest_group"],
            survey=policy["smallest_survey_group"],
            count=policy["smallest_count"],
        ),
        "rule_source": policy["source"],
        "confidence": texts.say(
            "sources.confidence_text",
            level=texts.percent(municipality["confidence"]),
            rate=texts.percent(municipality["false_discovery_rate"]),
        ),
        "release": unit.release.id,
        "version": about["version"],
        "made": texts.date(date.fromisoformat(about["made"])),
    }
    columns = (Column(texts.say("sources.policy_caption"), narrow=True), Column(texts.say("sources.release")))
    return Table(
        texts.say("sources.policy_caption"),
        columns,
        tuple((Cell(texts.say(f"sources.{key}")), Cell(str(value))) for key, value in facts.items()),
    )
