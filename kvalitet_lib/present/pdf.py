"""Blocks as PDF/UA-1 through Typst: content travels as JSON data and never as Typst source."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from kvalitet_lib.clock import now
from kvalitet_lib.errors import ReportError
from kvalitet_lib.present.blocks import Block, Blocks, Figure, FigureGrid
from kvalitet_lib.present.html import TEMPLATES
from kvalitet_lib.present.page import Page
from kvalitet_lib.present.theme import FONTS, THEME, in_our_typeface, visible
from kvalitet_lib.present.typesetting import SOURCE, set_in_type

LACKING = "could not be displayed with font"


def write_pdf(blocks: Blocks, path: Path, made: datetime | None = None) -> None:
    """Write the page to ``path``. Parameters and errors as in ``pdf``."""
    path.write_bytes(pdf(blocks, made))


def pdf(blocks: Blocks, made: datetime | None = None) -> bytes:
    """The page as PDF/UA-1: tagged, with language, title, outline and every picture's text alternative.

    Parameters
    ----------
    blocks : Blocks
        One page.
    made : datetime, optional
        The moment written into the file, now unless given; the same moment and blocks give the same bytes.

    Raises
    ------
    ReportError
        The blocks do not make one page, or Typst refuses it.
    """
    page = Page.of(blocks)
    with tempfile.TemporaryDirectory(prefix="kvalitet-pdf-") as folder:
        root = Path(folder)
        shutil.copyfile(TEMPLATES / SOURCE, root / SOURCE)
        content = {
            "head": asdict(page.head),
            "banner": asdict(page.banner),
            "body": [_as_data(block, place, root) for place, block in enumerate(page.body)],
            "theme": {"font": THEME.font, "tones": THEME.tones, **asdict(THEME.palette)},
        }
        shown = _each_text(content, visible)
        try:
            try:
                return _set(shown, root, made)
            except typst.TypstError as refused:
                if LACKING not in str(refused):
                    raise
                # PDF/UA allows no sign without a shape: rather a page with a question mark on it than none.
                return _set(_each_text(shown, in_our_typeface), root, made)
        except typst.TypstError as refused:
            raise ReportError(f"The PDF of {page.head.title!r} could not be made: Typst refused it.") from refused


def _set(content: dict[str, Any], root: Path, made: datetime | None) -> bytes:
    (root / "content.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return set_in_type(root, FONTS, (made or now()).replace(microsecond=0))


def _each_text(content: Any, change: Callable[[str], str]) -> Any:
    """The same content with every text in it changed."""
    if isinstance(content, dict):
        return {name: _each_text(part, change) for name, part in content.items()}
    if isinstance(content, list | tuple):
        return [_each_text(part, change) for part in content]
    return change(content) if isinstance(content, str) else content


def _as_data(block: Block, place: int, root: Path) -> dict[str, Any]:
    """A block as plain data; its pictures become files in ``root``."""
    if isinstance(block, Figure):
        return _figure_as_data(block, f"figure-{place}.png", root)
    if isinstance(block, FigureGrid):
        panels = [
            {"title": panel.title, "text": panel.text, "mark": panel.mark and asdict(panel.mark)}
            | {"figure": _figure_as_data(panel.figure, f"figure-{place}-{number}.png", root)}
            for number, panel in enumerate(block.panels)
        ]
        return {"kind": block.kind, "level": block.level, "panels": panels}
    return asdict(block)


def _figure_as_data(figure: Figure, name: str, root: Path) -> dict[str, Any]:
    (root / name).write_bytes(figure.png)
    width, _ = figure.size
    return {
        "kind": figure.kind,
        "file": name,
        "alt": figure.alt,
        "caption": figure.caption,
        "width": figure.width,
        "css_pixels": width,
    }
