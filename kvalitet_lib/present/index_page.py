"""The page one starts from: links to all pages of one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.present.blocks import Banner, Blocks, Callout, Cell, Column, Heading, PageHead, Table
from kvalitet_lib.present.words import page_words
from kvalitet_lib.texts import Texts


def index(release: Release, texts: Texts, files: Mapping[str, Sequence[str]]) -> Blocks:
    """Links to every unit's files, the municipality first, schools by name.

    Parameters
    ----------
    files : mapping
        Unit code → file names beside the index, e.g. ``{"90012301": ["school-90012301.html", "school-90012301.pdf"]}``.
    """
    about = release.about
    name = about["municipality"]["name"]
    names = release.units.drop_duplicates("unit").set_index("unit")["name"]
    schools = sorted(
        (unit for unit in files if unit != about["municipality"]["code"]), key=lambda unit: (str(names.get(unit, unit)), unit)
    )
    whole = [unit for unit in files if unit not in schools]
    columns = (Column(texts.say("municipality.school")), Column("PDF", narrow=True))
    rows = tuple(
        (
            Cell(
                texts.say("municipality.index_whole") if unit in whole else str(names.get(unit, unit)),
                strong=unit in whole,
                href=_file(files[unit], "html"),
            ),
            Cell("PDF" if _file(files[unit], "pdf") else texts.say("cell.none"), href=_file(files[unit], "pdf")),
        )
        for unit in [*whole, *schools]
    )
    title = texts.say("municipality.index_title", name=name)
    blocks = Blocks(
        [
            PageHead(title, texts.language, page_words(texts), publisher=texts.say("page.publisher", municipality=name)),
            Banner(title, texts.say("page.school_subtitle", school_year=texts.school_year(about["school_year"]))),
        ]
    )
    if about["municipality"]["made_up"]:
        blocks += Callout(texts.say("page.made_up"), title=texts.say("page.made_up_title"), tone="made_up")
    return (
        blocks
        + Heading(texts.say("municipality.pages_title"), id="pages")
        + Table(texts.say("municipality.index_lead"), columns, rows)
    )


def _file(files: Sequence[str], kind: str) -> str:
    return next((file for file in files if file.endswith(f".{kind}")), "")
