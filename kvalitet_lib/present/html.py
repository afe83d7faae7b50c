"""Blocks as HTML: a page that stands alone and asks nothing of anyone, or a fragment inside a notebook."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kvalitet_lib.present.blocks import Blocks
from kvalitet_lib.present.page import Page
from kvalitet_lib.present.theme import FONTS, THEME

TEMPLATES = Path(__file__).parent / "templates"


def page(blocks: Blocks) -> str:
    """One self-contained page: no script, nothing fetched, every text escaped.

    Raises
    ------
    ReportError
        The blocks do not make one page.
    """
    return _environment().get_template("kvalitet/page.html.j2").render(page=Page.of(blocks))


def fragment(blocks: Blocks) -> str:
    """The same blocks for a notebook's output: style included, typeface left to the host page."""
    return _environment().get_template("kvalitet/fragment.html.j2").render(blocks=blocks)


def equip(environment: Environment) -> Environment:
    """Give an environment what our templates need, first of all that it escapes every text."""
    environment.autoescape = True
    environment.undefined = StrictUndefined
    environment.filters["data_address"] = data_address
    environment.globals.update(content_policy=content_policy, css=css)
    return environment


def content_policy(style: str) -> str:
    """What a page may do: show what it holds. No script, no address, and of styles only the one sheet that is ours.

    A page cannot itself forbid others to frame it (``frame-ancestors`` counts in a header alone); a web server that hands
    pages out should.

    Parameters
    ----------
    style : str
        The style sheet, character for character as it stands in the page.
    """
    return (
        f"default-src 'none'; img-src data:; style-src {fingerprint(style)}; font-src data:; base-uri 'none'; form-action 'none'"
    )


def fingerprint(text: str) -> str:
    """A script or style sheet as a content policy names it (CSP Level 3, section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def data_address(png: bytes) -> str:
    """A picture as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


@cache
def css(*names: str) -> Markup:
    """Our own style sheets with the theme's colours; ``typeface`` stands for the embedded font files."""
    sheets = [
        _typeface() if name == "typeface" else (TEMPLATES / "kvalitet" / f"{name}.css").read_text(encoding="utf-8")
        for name in names
    ]
    return Markup("".join(sheets).replace("/* theme */", THEME.css_variables()))


@cache
def _environment() -> Environment:
    return equip(Environment(loader=FileSystemLoader(TEMPLATES)))


@cache
def _typeface() -> str:
    faces = []
    for weight, name in ((400, "Regular"), (600, "SemiBold")):
        woff2 = base64.b64encode((FONTS / f"{THEME.font}-{name}.woff2").read_bytes()).decode()
        faces.append(
            f'@font-face {{ font-family: "{THEME.font}"; font-weight: {weight}; font-display: block; '
            f'src: url("data:font/woff2;base64,{woff2}") format("woff2"); }}\n'
        )
    return "".join(faces)
