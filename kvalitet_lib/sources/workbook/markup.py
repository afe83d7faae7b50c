"""The XML of a workbook's parts, read in one direction with a bound on everything that could grow.

Entities are never declared in an honest workbook, so the declaration that would hold them is refused as soon as it
opens. Depth, names, the length of a single mark and their number are bounded; time is that of one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar
from xml.parsers import expat

from kvalitet_lib.sources.refusal import UnfitError
from kvalitet_lib.sources.workbook.package import cut_off, too_large_unpacked

MOST_MARKS = 20_000_000
MOST_ELEMENTS = 8_000_000
MOST_NAMES = 10_000
LONGEST_MARK = 1_000_000
DEEPEST = 1_000
OTHER_THAN_UTF8 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")

Read = Callable[["Scan", dict[str, str]], None]


class Scan:
    """What takes the elements of one part in turn; this one takes none, so that only the form of a part is looked at.

    ``reads`` says which method takes which element, by its name without prefix: strict and transitional workbooks, and
    prefixed ones, are read alike. ``most_elements`` is how many elements such a part may have.
    """

    reads: ClassVar[Mapping[str, Any]] = {}
    most_elements = MOST_ELEMENTS

    def __init__(self) -> None:
        self.started = 0
        self.parser: Any = None
        self._by_name: dict[str, Read | None] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.started += 1
        try:
            read = self._by_name[name]
        except KeyError:
            read = self._by_name[name] = self.reads.get(name.rpartition(":")[2])
        if read:
            read(self, attributes)

    def finish(self) -> None:
        """The part has been read to its end."""


class Markup:
    """One pass over one part; ``root`` is the name of its outermost element once that is known.

    Parameters
    ----------
    scans : mapping
        Which scan takes a part, by the name of its outermost element. Of any other part only the beginning is read.
    marks : int
        How many marks the parts before this one had.
    """

    def __init__(self, scans: Mapping[str, Scan], marks: int = 0) -> None:
        self.root = ""
        self.marks = marks
        self._scans = scans
        self._scan = Scan()
        self._fed = self._closed = 0
        self._ended: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _forbidden
        self._parser.XmlDeclHandler = _in_utf8
        self._parser.StartElementHandler = self._outermost

    def read(self, pieces: Iterable[bytes]) -> None:
        """Read a part to its end; every piece is taken, also those that need no reading.

        Raises
        ------
        UnfitError
            ``FORBIDDEN_XML``, ``UNKNOWN_ENCODING``, ``TOO_LARGE_UNPACKED``, or ``TRUNCATED`` when the XML is broken.
        """
        reading = first = True
        for piece in pieces:
            if first and piece.startswith(OTHER_THAN_UTF8):
                raise not_utf8()
            reading = reading and (not first or is_markup(piece)) and self._taken(piece)
            first = False
        if reading and not first:
            self._taken(b"", last=True)
            self._scan.finish()

    def _taken(self, piece: bytes, last: bool = False) -> bool:
        """Whether there is reason to go on after this piece."""
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, ValueError):
            if self.root and self.root not in self._scans:
                return False
            raise cut_off() from None
        self._fed += len(piece)
        self.marks += piece.count(b"<") + piece.count(b"=")
        self._closed += len(self._ended)
        self._ended.clear()
        bounds = (
            (self.marks, MOST_MARKS),
            (self._scan.started, self._scan.most_elements),
            (self._scan.started - self._closed, DEEPEST),
            (self._fed - self._parser.CurrentByteIndex, LONGEST_MARK),
            (len(self._parser.intern), MOST_NAMES),
        )
        if any(found > most for found, most in bounds):
            raise too_large_unpacked()
        return not self.root or self.root in self._scans

    def _outermost(self, name: str, attributes: dict[str, str]) -> None:
        self.root = name.rpartition(":")[2]
        self._parser.StartElementHandler = None
        if self.root in self._scans:
            self._scan = self._scans[self.root]
            self._scan.parser = self._parser
            self._parser.StartElementHandler = self._scan.start
            # Ends are only counted, without leaving the parser: most elements of a sheet are ended by the next one.
            self._parser.EndElementHandler = self._ended.append


def is_markup(piece: bytes) -> bool:
    """Whether a part is XML at all: a picture is not."""
    return piece[:100].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def not_utf8() -> UnfitError:
    return UnfitError("the workbook's XML is not written in UTF-8", "UNKNOWN_ENCODING")


def _forbidden(*_: Any) -> None:
    raise UnfitError("XML with its own entities", "FORBIDDEN_XML")


def _in_utf8(_version: str, encoding: str | None, _standalone: int) -> None:
    if (encoding or "utf-8").casefold() not in ("utf-8", "utf8", "us-ascii"):
        raise not_utf8()
