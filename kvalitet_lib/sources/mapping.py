"""Mapping files: which header a system uses for each of our columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field as Setting

from kvalitet_lib.errors import SettingsError
from kvalitet_lib.municipality import Strict, read_settings
from kvalitet_lib.sources.local_columns import LocalKind, plain


class Mapping(Strict):
    """A file in params/mappings/. Its name is the system's."""

    kind: str = Setting(description="which of our kinds the delivery is, e.g. se_grades")
    decimal: Literal[",", "."] = Setting(",", description="the decimal sign the system writes")
    columns: dict[str, str] = Setting(min_length=1, description="our header: the header the system uses")


def mapped_kind(path: Path, kinds: Iterable[LocalKind]) -> tuple[LocalKind, frozenset[str]]:
    """A kind with the headers of one system, and our names of the columns the file maps.

    A column the file does not mention keeps the headers we understand anyway.

    Raises
    ------
    SettingsError
        The file cannot be read, or names a kind or a column we do not have, or a header for two columns.
    """
    mapping = read_settings(path, Mapping)
    by_name = {kind.name: kind for kind in kinds}
    if mapping.kind not in by_name:
        raise SettingsError(f"{path} names the kind {mapping.kind!r}. There are: {', '.join(by_name)}.")
    kind = by_name[mapping.kind]
    _known_columns(path, kind, mapping)
    theirs = {kind.field_of(ours): header for ours, header in mapping.columns.items()}
    fields = tuple(replace(one, headers=(theirs[one],)) if one in theirs else one for one in kind.fields)
    return replace(kind, fields=fields, decimal=mapping.decimal), frozenset(one.column for one in theirs if one)


def _known_columns(path: Path, kind: LocalKind, mapping: Mapping) -> None:
    unknown = [ours for ours in mapping.columns if not kind.field_of(ours)]
    if unknown:
        ours = ", ".join(one.headers[0] for one in kind.fields)
        raise SettingsError(f"{path} maps columns that {kind.name} does not have: {', '.join(unknown)}.\nIt has: {ours}.")
    twice = {
        *_more_than_once([kind.field_of(ours).column for ours in mapping.columns]),  # type: ignore[union-attr]
        *_more_than_once([plain(header) for header in mapping.columns.values()]),
    }
    if twice:
        raise SettingsError(f"{path} names the same column more than once: {', '.join(sorted(twice))}. Keep one line of each.")


def _more_than_once(names: list[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]
