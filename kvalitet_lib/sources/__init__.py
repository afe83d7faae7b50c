"""Deliveries: one file per kind, each recognised by its content, never by its name."""

from __future__ import annotations

import importlib
from pathlib import Path

from kvalitet_lib.errors import DeliveryError, Fault
from kvalitet_lib.sources.local import mapped_sources
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled, Source

SOURCES = (
    "local",
    "published_table",
    "skolverket_export",
    "skolverket_series",
    "skolverket_api",
    "skolenkaten",
    "skolenhetsregistret",
    "skoleporten",
    "udir",
    "kolada",
    "jsonstat",
)
IGNORED = {".md", ".png", ".pdf", ".html", ".lock"}


def all_sources() -> tuple[Source, ...]:
    """Every source, in the order they are asked whether a delivery is theirs."""
    return tuple(source for name in SOURCES for source in importlib.import_module(f"kvalitet_lib.sources.{name}").SOURCES)


def files_in(paths: list[Path]) -> list[Path]:
    """The files named, and all files below the folders named, in order of path; hidden files and pages are passed over.

    Raises
    ------
    DeliveryError
        A path does not exist, or there is no file at all.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise DeliveryError(
                path.name, "", [Fault("", "there is no such file or folder", "NO_FILE", advice="Check the path.")]
            )
        below = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [one for one in below if one.is_file() and not one.name.startswith(".") and one.suffix.lower() not in IGNORED]
    if not found:
        raise DeliveryError(paths[0].name, "", [Fault("", "the folder holds no deliveries", "NO_FILE", advice="Check the path.")])
    return found


def read_delivery(delivery: Delivery, circumstances: Circumstances) -> tuple[Source, list[Filled]]:
    """Recognise a delivery and read it whole.

    Raises
    ------
    DeliveryError
        No source recognises it, or it breaks its contract; every fault is named.
    """
    for source in (*mapped_sources(circumstances.mappings), *all_sources()):
        if source.recognises(delivery):
            return source, source.read(delivery, circumstances)
    unknown = Fault(
        "",
        "is not a kind of delivery we know",
        "UNKNOWN_KIND",
        advice="See which kinds there are:  kvalitet explain deliveries. "
        "If your system names its columns otherwise, describe them in params/mappings/.",
    )
    raise DeliveryError(delivery.file_name, "", [unknown])


__all__ = ["SOURCES", "Circumstances", "Delivery", "Filled", "Source", "all_sources", "files_in", "read_delivery"]
