"""The sources of local deliveries, one for each kind and one for each mapping file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kvalitet_lib.sources.local_kinds_comments import COMMENT_KINDS
from kvalitet_lib.sources.local_kinds_no import NORWEGIAN_KINDS
from kvalitet_lib.sources.local_kinds_se import SWEDISH_KINDS
from kvalitet_lib.sources.local_source import LocalSource
from kvalitet_lib.sources.mapping import mapped_kind
from kvalitet_lib.sources.naming import is_name_mapping
from kvalitet_lib.sources.published_table import RIVALS as ALL_KINDS
from kvalitet_lib.sources.source import Source

LOCAL_KINDS = (*SWEDISH_KINDS, *NORWEGIAN_KINDS, *COMMENT_KINDS)

LOCAL_SOURCES: tuple[Source, ...] = tuple(LocalSource(kind, ALL_KINDS, kind.name) for kind in LOCAL_KINDS)
SOURCES = LOCAL_SOURCES


def mapped_sources(mappings: Iterable[Path]) -> tuple[Source, ...]:
    """One source for each mapping file, for systems whose columns have other names; ask these before all others.

    Files that give codes for names of schools and municipalities are passed over.

    Raises
    ------
    SettingsError
        A mapping file names a kind or a column we do not have.
    """
    read = [(path, *mapped_kind(path, ALL_KINDS)) for path in mappings if not is_name_mapping(path)]
    return tuple(LocalSource(kind, (), f"{kind.name}_{path.stem}", marks) for path, kind, marks in read)
