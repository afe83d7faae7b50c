"""Files are taken into the store one by one, each whole or not at all, and what became of each is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from dataclasses import replace as replace_in
from pathlib import Path
from typing import Any

from kvalitet_lib.cli.our_fault import where_it_failed
from kvalitet_lib.errors import DeliveryError, Fault, KvalitetError
from kvalitet_lib.sources import Circumstances, Delivery, Filled, Source, cannot_be_read, read_delivery
from kvalitet_lib.sources.files import unreadable
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.source import presentable
from kvalitet_lib.store import Writer


@dataclass(frozen=True)
class Outcome:
    """What became of one file. Holds no cell value.

    Attributes
    ----------
    file : str
        The path as it was named, or below the folder that was named.
    outcome : str
        ``stored``, ``unchanged``, ``outdated``, ``recognised`` (nothing in it is stored), ``refused`` or ``failed``.
    table : str
        The table it fills, or was taken to fill; several with commas between.
    tables : dict
        Rows stored in each table; ``rows`` is their sum.
    notes : tuple of str
        What the person who loads it should know: what was left out, what looks odd.
    faults : tuple of dict
        ``column``, ``rule``, ``code``, ``lines``, ``advice`` and ``rows`` of each; what makes a file ``refused``.
    message : str
        The same in words.
    """

    file: str
    outcome: str
    source: str = ""
    table: str = ""
    rows: int = 0
    fingerprint: str = ""
    tables: dict[str, int] = field(default_factory=dict)
    replaced_rows: int = 0
    notes: tuple[str, ...] = ()
    faults: tuple[dict[str, Any], ...] = ()
    message: str = ""


def take_all(
    files: list[Path], writer: Writer, circumstances: Circumstances, replace: bool = False, named: Sequence[Path] = ()
) -> Iterator[Outcome]:
    """Take each file in turn; one that is refused, or that we fail to read, leaves the others alone.

    Parameters
    ----------
    named : sequence of Path
        The files and folders a person named: below a folder, a file is told of by its path from there.
    """
    for path in files:
        shown = presentable(_below(path, named))
        delivery = Delivery(path)
        try:
            yield replace_in(_take(delivery, writer, circumstances, replace), file=shown)
        except DeliveryError as refused:
            yield _refused(shown, refused, delivery)
        except UnforeseenError as fault:
            yield Outcome(shown, "failed", fingerprint=delivery.fingerprint, message=f"{shown}: {fault} It was not stored.")


class UnforeseenError(Exception):
    """A source failed on a file in a way nobody foresaw."""


def _take(delivery: Delivery, writer: Writer, circumstances: Circumstances, replace: bool) -> Outcome:
    refuse(delivery.file_name, cannot_be_read(delivery.path) or _unreadable(delivery))
    before = writer.outcome_before(delivery.fingerprint)
    if before:
        return Outcome(delivery.file_name, before, fingerprint=delivery.fingerprint)
    source, filled = _read(delivery, circumstances)
    notes = tuple(dict.fromkeys(note for part in filled for note in part.notes))
    if not filled:
        return Outcome(delivery.file_name, "recognised", source.name, fingerprint=delivery.fingerprint)
    tables = [(part.table, part.rows) for part in filled]
    kept = writer.put(delivery.fingerprint, delivery.file_name, source.name, tables, "; ".join(notes), replace)
    counts = {name: sum(len(rows) for table, rows in tables if table == name) for name, _ in tables}
    return Outcome(
        delivery.file_name,
        kept.outcome,
        source.name,
        ", ".join(counts),
        sum(counts.values()),
        delivery.fingerprint,
        counts,
        kept.replaced_rows,
        (*notes, *_forgotten(kept.forgotten_rows)),
    )


def _forgotten(rows: int) -> list[str]:
    return [f"{rows} rows of pupils who are forgotten were left out"] if rows else []


def _read(delivery: Delivery, circumstances: Circumstances) -> tuple[Source, list[Filled]]:
    try:
        return read_delivery(delivery, circumstances)
    except KvalitetError:
        raise
    except Exception as fault:
        raise UnforeseenError(where_it_failed(fault)) from None


def _unreadable(delivery: Delivery) -> Fault | None:
    try:
        _ = delivery.content
    except OSError:
        return unreadable()
    return None


def _refused(shown: str, refused: DeliveryError, delivery: Delivery) -> Outcome:
    told = DeliveryError(shown, refused.table, list(refused.faults))
    faults = tuple({**asdict(fault), "rows": fault.rows} for fault in refused.faults)
    known = "content" in vars(delivery)
    fingerprint = delivery.fingerprint if known else ""
    return Outcome(shown, "refused", table=refused.table, fingerprint=fingerprint, faults=faults, message=str(told))


def _below(path: Path, named: Sequence[Path]) -> Path:
    """The path from the folder that was named; the folder itself and files by their own names."""
    folder = next((one for one in named if one != path and path.is_relative_to(one)), path.parent)
    return path.relative_to(folder)
