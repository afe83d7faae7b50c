"""The older wrapper of Office files, a small file system in one file: which streams it holds, and their bytes.

Reference: Microsoft, [MS-CFB] Compound File Binary File Format, sections 2.2 to 2.6.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass

from kvalitet_lib.sources.refusal import UnfitError
from kvalitet_lib.sources.workbook.package import COPY_AGAIN, cut_off

HEADER = struct.Struct("<30xH12xII4xII4xI")
IN_HEADER = struct.Struct("<109I")
ENTRY = struct.Struct("<64sHB1xIII36xIQ")
LAST = 0xFFFF_FFFA  # numbers from here on are marks, not sectors
STREAM, ROOT = 2, 5
MOST_ENTRIES = 10_000


@dataclass(frozen=True)
class Entry:
    """One stream or folder: where it begins and how long it is."""

    name: str
    kind: int
    neighbours: tuple[int, int]
    child: int
    start: int
    size: int


class Compound:
    """A compound file, its table of sectors read.

    ``entries`` holds what lies in its outermost folder, by name.

    Raises
    ------
    UnfitError
        ``TRUNCATED``: the file ends before what it refers to, or goes round in circles.
    """

    def __init__(self, content: bytes) -> None:
        if len(content) < 512:
            raise cut_off()
        self._content = content
        shift, tables, first_entry, small_below, first_small, first_more = HEADER.unpack_from(content)
        if shift not in (9, 12):
            raise UnfitError("the workbook is damaged", "DAMAGED", COPY_AGAIN)
        self._size = 1 << shift
        self._small_below = small_below
        self._next = self._table(tables, first_more)
        entries = self._entries(self._chain(first_entry, self._next))
        if not entries or entries[0].kind != ROOT:
            raise cut_off()
        self.entries = {one.name: one for one in _in_root(entries)}
        self._small_next = _numbers(self._joined(self._chain(first_small, self._next)))
        self._small = self._joined(self._chain(entries[0].start, self._next))[: entries[0].size]

    def stream(self, name: str) -> bytes:
        """The bytes of a stream in the outermost folder."""
        entry = self.entries[name]
        if entry.size < self._small_below:
            chain = self._chain(entry.start, self._small_next)
            found = b"".join(self._small[one << 6 : (one + 1) << 6] for one in chain)
        else:
            found = self._joined(self._chain(entry.start, self._next))
        if len(found) < entry.size:
            raise cut_off()
        return found[: entry.size]

    def _sector(self, number: int) -> bytes:
        begins = (number + 1) * self._size
        if begins >= len(self._content):
            raise cut_off()
        return self._content[begins : begins + self._size]

    def _joined(self, chain: list[int]) -> bytes:
        return b"".join(map(self._sector, chain))

    def _table(self, tables: int, first_more: int) -> array[int]:
        """Which sector follows each sector."""
        places = [one for one in IN_HEADER.unpack_from(self._content, 76) if one < LAST]
        more, seen = first_more, 0
        while more < LAST:
            *listed, more = _numbers(self._sector(more))
            places += [one for one in listed if one < LAST]
            seen += 1
            if seen * self._size > len(self._content):
                raise cut_off()
        return _numbers(self._joined(places[:tables]))

    def _chain(self, start: int, follows: array[int]) -> list[int]:
        chain: list[int] = []
        while start < LAST:
            if start >= len(follows) or len(chain) > len(follows):
                raise cut_off()
            chain.append(start)
            start = follows[start]
        return chain

    def _entries(self, chain: list[int]) -> list[Entry]:
        listed = self._joined(chain)
        if len(listed) > MOST_ENTRIES * ENTRY.size:
            raise UnfitError("the workbook holds other documents", "EMBEDDED_OBJECTS", "Deliver the table alone.")
        # Sizes have 64 bits, of which only files with large sectors use the upper half.
        used = 0xFFFF_FFFF if self._size == 512 else 0xFFFF_FFFF_FFFF_FFFF
        return [
            Entry(name[: max(length - 2, 0)].decode("utf-16-le", "replace"), kind, (left, right), child, start, size & used)
            for name, length, kind, left, right, child, start, size in ENTRY.iter_unpack(listed[: len(listed) // 128 * 128])
        ]


def _in_root(entries: list[Entry]) -> list[Entry]:
    waiting, found = [entries[0].child], {}
    while waiting:
        number = waiting.pop()
        if number < len(entries) and number not in found:
            found[number] = entries[number]
            waiting += entries[number].neighbours
    return list(found.values())


def _numbers(content: bytes) -> array[int]:
    numbers = array("I", content[: len(content) // 4 * 4])
    if struct.pack("=I", 1) != struct.pack("<I", 1):
        numbers.byteswap()
    return numbers
