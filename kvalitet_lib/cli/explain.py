"""``kvalitet explain``: print what something means, in the reader's language."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer

from kvalitet_lib.analyses import ANALYSES
from kvalitet_lib.contracts import CONTRACTS
from kvalitet_lib.errors import ContractError
from kvalitet_lib.indicators import Indicator, all_indicators
from kvalitet_lib.sources import Source, all_sources
from kvalitet_lib.sources.local_source import LocalSource
from kvalitet_lib.texts import LANGUAGES, Texts

WIDTH = 100
WHAT = "An indicator, an analysis, a table, a kind of delivery, or: indicators, analyses, tables, deliveries."


def explain(
    name: Annotated[str, typer.Argument(help=WHAT)],
    language: Annotated[str, typer.Option("--language", "-l", help=", ".join(LANGUAGES))] = "",
) -> None:
    """Print the card of an indicator or analysis, the contract of a table, the columns of a delivery, or a list of these."""
    indicators = all_indicators()
    if name == "indicators":
        for one in indicators.values():
            print(f"{one.country}  {one.id:<40} {Texts(language or _own_language(one)).say(f'indicators.{one.id}.name')}")
    elif name == "tables":
        for table, contract in CONTRACTS.items():
            print(f"{table:<18} {_first_line(contract.__doc__)}")
    elif name == "analyses":
        for question in ANALYSES:
            print(f"{question:<20} {Texts(language or 'en').say(f'analyses.{question}.question')}")
    elif name == "deliveries":
        for source in all_sources():
            print(f"{source.name:<22} {_what(source)}")
    elif name in indicators:
        print(card(indicators[name], Texts(language or _own_language(indicators[name]))))
    elif name in ANALYSES:
        print(analysis_card(name, Texts(language or "en")))
    elif name in CONTRACTS:
        print(contract_card(name))
    elif name in (sources := {source.name: source for source in all_sources()}):
        print(source_card(sources[name]))
    else:
        near = [one for one in [*indicators, *ANALYSES, *CONTRACTS, *sources] if name.lower() in one]
        hint = f" Did you mean: {', '.join(near[:5])}?" if near else " See:  kvalitet explain indicators"
        raise ContractError(f"There is nothing called {name!r}.{hint}")


def card(indicator: Indicator, texts: Texts) -> str:
    """Everything a reader must know of an indicator, as plain text."""
    said = {part: texts.say(f"indicators.{indicator.id}.{part}") for part in ("name", "means", "why", "says_nothing_about")}
    breaks = " ".join(f"{texts.school_year(year)}: {texts.say(f'breaks.{reason}')}" for year, reason in indicator.breaks.items())
    facts = {
        "means": said["means"],
        "why": said["why"],
        "nothing": said["says_nothing_about"],
        "unit": texts.say(f"units.{indicator.unit}.name"),
        "direction": texts.say(f"card.direction_{indicator.better.value}"),
        "breaks": breaks or texts.say("cell.none"),
        "rule": indicator.rule,
        "source": indicator.source,
    }
    return _card(f"{said['name']}  ({indicator.id})", {texts.say(f"card.{part}"): text for part, text in facts.items()})


def analysis_card(name: str, texts: Texts) -> str:
    """What an analysis asks, how it answers, and what it says nothing about."""
    labels = {"question": "question", "means": "answer", "says_nothing_about": "nothing"}
    facts = {texts.say(f"card.{label}"): texts.say(f"analyses.{name}.{part}") for part, label in labels.items()}
    return _card(f"{texts.say(f'analyses.{name}.name')}  ({name})", facts)


def _card(title: str, facts: dict[str, str]) -> str:
    wide = max(len(label) for label in facts)
    lines = [title, ""]
    for label, text in facts.items():
        lines += textwrap.wrap(f"{label:<{wide}}  {text}", WIDTH, subsequent_indent=" " * (wide + 2))
    return "\n".join(lines)


def contract_card(name: str) -> str:
    """What one row of a table is, and its columns."""
    contract = CONTRACTS[name]
    columns = contract.to_schema().columns
    wide = max(len(column) for column in columns)
    lines = [f"{name}: {_first_line(contract.__doc__)}", ""]
    for column, about in columns.items():
        needed = "may be empty" if about.nullable else "required"
        lines += textwrap.wrap(f"{column:<{wide}}  {about.description} ({needed})", WIDTH, subsequent_indent=" " * (wide + 2))
    lines += [
        "",
        f"No two rows may share: {', '.join(contract.key())}",
        f"A newer delivery replaces the same: {', '.join(contract.scope())}",
    ]
    return "\n".join(lines)


def source_card(source: Source) -> str:
    """What a delivery of this kind holds: for a local kind, its columns and what is asked of them."""
    if not isinstance(source, LocalSource):
        lines = [f"{source.name}: {_what(source)}"]
    else:
        lines = [f"{source.name}: fills {source.kind.table}"]
        contract = CONTRACTS[source.kind.table].to_schema().columns
        wide = max(len(one.headers[0]) for one in source.kind.fields)
        lines.append("")
        for one in source.kind.fields:
            means = contract[one.column].description if one.column in contract else one.rule
            needed = "required" if one.required else "optional"
            also = f"; also {', '.join(one.headers[1:4])}" if len(one.headers) > 1 else ""
            text = f"{one.headers[0]:<{wide}}  {needed}{f': {means}' if means else ''}{also}"
            lines += textwrap.wrap(text, WIDTH, subsequent_indent=" " * (wide + 2))
    return "\n".join(lines)


def _what(source: Source) -> str:
    if isinstance(source, LocalSource):
        return f"fills {source.kind.table}; columns:  kvalitet explain {source.name}"
    return _first_line(type(source).__doc__)


def _own_language(indicator: Indicator) -> str:
    return {"se": "sv", "no": "nb"}[indicator.country]


def _first_line(doc: str | None) -> str:
    return (doc or "").strip().splitlines()[0] if doc else ""
