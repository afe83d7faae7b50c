"""The same blocks with an attack in every text a municipality could fill in."""

from __future__ import annotations

from typing import Any

from kvalitet_lib.present.blocks import Blocks

ATTACK = """<img src=x onerror="document.title='hit'"></style></script>{{7*7}}{%raw%}#panic("x")$x$ ]//*\\"""
CHOICES = {"kind", "png", "href", "language", "tone", "shape", "width", "align", "level", "id"}


def attacked(blocks: Blocks) -> Blocks:
    return Blocks.from_json({"version": 1, "blocks": _attacked(blocks.to_json()["blocks"])})


def texts_in(said: Any) -> int:
    """How many texts there are that a reader meets."""
    if isinstance(said, dict):
        return sum(texts_in(value) for key, value in said.items() if key not in CHOICES)
    if isinstance(said, list):
        return sum(texts_in(value) for value in said)
    return int(isinstance(said, str) and bool(said))


def _attacked(said: Any) -> Any:
    if isinstance(said, dict):
        return {key: value if key in CHOICES else _attacked(value) for key, value in said.items()}
    if isinstance(said, list):
        return [_attacked(value) for value in said]
    return ATTACK if isinstance(said, str) and said else said
