"""The section of a school's page in other people's words: answers that a person has marked fit to be shown."""

from __future__ import annotations

from kvalitet_lib.disclosure.free_text import comments_of
from kvalitet_lib.present.blocks import Blocks, Bullets, Heading, Paragraph
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.texts import Texts


def own_words(unit: UnitFigures, texts: Texts) -> Blocks:
    """The released answers of the page's school year, question by question; nothing when there are none."""
    rows = comments_of(unit.release.folder, unit.unit)
    rows = rows[rows["school_year"].eq(unit.school_year)]
    if rows.empty:
        return Blocks()
    shown = Blocks([Heading(texts.say("free_text.title"), id="own-words"), Paragraph(texts.say("free_text.lead"))])
    for (question, respondents), answers in rows.groupby(["question", "respondents"]):
        asked = texts.say("free_text.asked", question=question, respondents=texts.say(f"free_text.{respondents}"))
        shown += Blocks([Heading(asked, level=3), Bullets(tuple(answers["text"]))])
    return shown
