"""What a delivery is, told by its first bytes; what is no table, or is named as something else, is refused unread.

Packed files (gzip and its like) are refused under every name, ``.csv.gz`` too: who packed the file can unpack it, and
what is never unpacked here cannot grow here. Of workbooks, XLSX and XLS of Excel 97 and later are read; XLSB,
OpenDocument and older ones are named for what they are.
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.refusal import SAVE_AS_CSV

LOOKED_AT = 100_000
UNPACK = "Unpack it and deliver the file inside."
EXPORT = "Export the table itself, as CSV or XLSX, from the system it comes from."
NAMED = {".csv": "text", ".txt": "text", ".tsv": "text", ".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xls"}
IN_WORDS = {"text": "text", "xlsx": "an XLSX workbook", "xls": "an XLS workbook"}

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\x1f\x8b", "packed with gzip", UNPACK),
    (0, b"BZh", "packed with bzip2", UNPACK),
    (0, b"\xfd7zXZ\x00", "packed with xz", UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "packed with 7-Zip", UNPACK),
    (0, b"Rar!\x1a\x07", "packed with RAR", UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "packed with Zstandard", UNPACK),
    (0, b"\x1f\x9d", "packed with compress", UNPACK),
    (0, b"MSCF\x00", "a Windows cabinet", UNPACK),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"%PDF", "a PDF", EXPORT),
    (0, b"{\\rtf", "a text document (RTF)", EXPORT),
    (0, b"%!PS", "a page for a printer", EXPORT),
    (0, b"\x89PNG", "a picture", EXPORT),
    (0, b"\xff\xd8\xff", "a picture", EXPORT),
    (0, b"GIF87a", "a picture", EXPORT),
    (0, b"GIF89a", "a picture", EXPORT),
    (0, b"II*\x00", "a picture", EXPORT),
    (0, b"MM\x00*", "a picture", EXPORT),
    (8, b"WEBP", "a picture", EXPORT),
    (0, b"SQLite format 3\x00", "a database", EXPORT),
    (8, b"DUCK\x40\x00", "a database", EXPORT),
    (4, b"Standard Jet DB\x00", "a database", EXPORT),
    (4, b"Standard ACE DB\x00", "a database", EXPORT),
    (0, b"PAR1\x15", "a Parquet file", EXPORT),
    (0, b"ARROW1\x00", "an Arrow file", EXPORT),
    (0, b"FEA1\x00", "a Feather file", EXPORT),
    (0, b"\x89HDF", "an HDF5 file", EXPORT),
    (0, b"$FL2@(#)", "an SPSS file", EXPORT),
    (0, b"<stata_dta>", "a Stata file", EXPORT),
    (0, b"\x09\x00\x04\x00", "a workbook from before Excel 97", SAVE_AS_CSV),
    (0, b"\x09\x02\x06\x00", "a workbook from before Excel 97", SAVE_AS_CSV),
    (0, b"\x09\x04\x06\x00", "a workbook from before Excel 97", SAVE_AS_CSV),
    (0, b"\x09\x08", "a workbook without its wrapper", SAVE_AS_CSV),
    (0, b"\x7fELF", "a program", EXPORT),
)
OLD_XML_WORKBOOK = "urn:schemas-microsoft-com:office:spreadsheet"
MARKUP = re.compile(r"\s*<[!?a-z]", re.IGNORECASE)
MAIL = re.compile(r"\s*(mime-version|content-type|received|return-path|x-sender):", re.IGNORECASE)
NOT_IN_TEXT = bytes({*range(1, 9), *range(14, 32)})
MOST_NOT_IN_TEXT = 0.02
BLANKS = b" \t\r\n\0" + codecs.BOM_UTF8 + codecs.BOM_UTF16_LE


def kind_of(content: bytes) -> str:
    """``xlsx``, ``xls`` or ``text``, by the first bytes."""
    if content.startswith(ZIP):
        return "xlsx"
    return "xls" if content.startswith(COMPOUND) else "text"


def empty(content: bytes) -> Fault | None:
    """No bytes, or nothing but a mark of the encoding, blanks and zeros."""
    if content.strip(BLANKS):
        return None
    return Fault("", "the file is empty", "EMPTY_FILE", advice="Export it again from the system it comes from.")


def foreign(content: bytes) -> Fault | None:
    """Something packed, a picture, a database, a web page, a mail: not a table as text, nor a workbook."""
    for place, signature, what, advice in SIGNATURES:
        if content.startswith(signature, place):
            return _not_a_table(what, advice)
    if kind_of(content) != "text":
        return None
    start = _beginning(content)
    if MARKUP.match(start):
        return _not_a_table("an XML workbook of 2003" if OLD_XML_WORKBOOK in start else "a web page or XML", SAVE_AS_CSV)
    if MAIL.match(start):
        return _not_a_table("a web archive or a mail", SAVE_AS_CSV)
    looked_at = content[:LOOKED_AT]
    strange = len(looked_at) - len(looked_at.translate(None, NOT_IN_TEXT))
    if strange > len(looked_at) * MOST_NOT_IN_TEXT and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _not_a_table("neither text nor a workbook", EXPORT)
    return None


def named_otherwise(file_name: str, kind: str) -> Fault | None:
    """The name promises another kind: the sender should see what they sent."""
    ending = PurePath(file_name).suffix.lower()
    if NAMED.get(ending, kind) == kind:
        return None
    advice = f"Give it the ending .{'csv' if kind == 'text' else kind}, or export it again."
    return Fault("", f"named {ending}, but the content is {IN_WORDS[kind]}", "NOT_WHAT_IT_SAYS", advice=advice)


def _beginning(content: bytes) -> str:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if content.startswith(mark):
            return content[2:4_000].decode(encoding, errors="replace")
    return content[:4_000].removeprefix(codecs.BOM_UTF8).decode("latin-1")


def _not_a_table(what: str, advice: str) -> Fault:
    return Fault("", f"{what}, not a table", "NOT_WHAT_IT_SAYS", advice=advice)
