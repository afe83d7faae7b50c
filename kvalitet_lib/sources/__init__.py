"""Deliveries: one file per kind, each recognised by its content, never by its name."""

from __future__ import annotations

import importlib

from kvalitet_lib.errors import DeliveryError, Fault
from kvalitet_lib.sources.files import cannot_be_read, files_in
from kvalitet_lib.sources.local import mapped_sources
from kvalitet_lib.sources.published_table import RIVALS
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled, Source
from kvalitet_lib.sources.unknown_kind import KINDS, unrecognised

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
# What comes of a JSON document in which a part is missing, or is a list where we know a number.
NOT_AS_BUILT = (AttributeError, IndexError, KeyError, OverflowError, RecursionError, TypeError, ValueError)


def all_sources() -> tuple[Source, ...]:
    """Every source, in the order they are asked whether a delivery is theirs."""
    return tuple(source for name in SOURCES for source in importlib.import_module(f"kvalitet_lib.sources.{name}").SOURCES)


def read_delivery(delivery: Delivery, circumstances: Circumstances) -> tuple[Source, list[Filled]]:
    """Recognise a delivery and read it whole.

    Raises
    ------
    DeliveryError
        No source recognises it, or it breaks its contract; every fault is named.
    """
    try:
        for source in (*mapped_sources(circumstances.mappings), *all_sources()):
            if source.recognises(delivery):
                return source, source.read(delivery, circumstances)
    except NOT_AS_BUILT:
        if not delivery.documents:
            raise
    raise DeliveryError(delivery.file_name, "", [unheard_of(delivery)])


def unheard_of(delivery: Delivery) -> Fault:
    """Why no source recognises a delivery."""
    if delivery.documents:
        advice = f"Ask the agency again, and deliver its answer unchanged. {KINDS}"
        return Fault("", "is not an answer of an agency built as we know them", "UNKNOWN_KIND", advice=advice)
    return unrecognised(delivery.sheets, RIVALS)


__all__ = [
    "SOURCES",
    "Circumstances",
    "Delivery",
    "Filled",
    "Source",
    "all_sources",
    "cannot_be_read",
    "files_in",
    "read_delivery",
]
