"""Files that are not what they say, or not whole: one case each."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct

from tests.sources.books import compound, record, zipped
from tests.sources.refusal_parts import (
    GRADES,
    NOISE,
    SHEET,
    WEB_PAGE,
    XML_2003,
    Case,
    flipped,
    grades,
    in_member,
    in_tar,
    old_grades,
    whole,
)

FILES = [
    Case("nothing at all named xlsx", "b.xlsx", lambda: b"", whole("EMPTY_FILE")),
    Case("nothing but zeros named xls", "b.xls", lambda: b"\0" * 5_000, whole("EMPTY_FILE")),
    Case("a mark and line ends named csv", "b.csv", lambda: b"\xff\xfe\r\0\n\0", whole("EMPTY_FILE")),
    Case("noise named csv", "b.csv", lambda: NOISE, whole("NOT_WHAT_IT_SAYS")),
    Case("noise without zeros named txt", "b.txt", lambda: NOISE.replace(b"\0", b""), whole("NOT_WHAT_IT_SAYS")),
    Case("noise named xlsx", "b.xlsx", lambda: NOISE, whole("NOT_WHAT_IT_SAYS")),
    Case("a picture named csv", "b.csv", lambda: b"\x89PNG\r\n\x1a\n" + NOISE, whole("NOT_WHAT_IT_SAYS")),
    Case("a PDF named txt", "b.txt", lambda: b"%PDF-1.7\n1 0 obj\n", whole("NOT_WHAT_IT_SAYS")),
    Case("a database named csv", "b.csv", lambda: b"SQLite format 3\0" + NOISE, whole("NOT_WHAT_IT_SAYS")),
    Case("Parquet named csv", "b.csv", lambda: b"PAR1\x15\x04" + NOISE, whole("NOT_WHAT_IT_SAYS")),
    Case("a text document named csv", "b.csv", lambda: b"{\\rtf1 " + GRADES.encode(), whole("NOT_WHAT_IT_SAYS")),
    Case("an XLSX named csv", "b.csv", grades, whole("NOT_WHAT_IT_SAYS")),
    Case("an XLSX named txt", "b.txt", grades, whole("NOT_WHAT_IT_SAYS")),
    Case("an XLSX named xls", "b.xls", grades, whole("NOT_WHAT_IT_SAYS")),
    Case("an XLS named csv", "b.csv", old_grades, whole("NOT_WHAT_IT_SAYS")),
    Case("an XLS named xlsx", "b.xlsx", old_grades, whole("NOT_WHAT_IT_SAYS")),
    Case("a CSV named xlsx", "b.xlsx", GRADES.encode, whole("NOT_WHAT_IT_SAYS")),
    Case("a CSV named XLS, in capitals", "B.XLS", GRADES.encode, whole("NOT_WHAT_IT_SAYS")),
    Case("a web page named xls", "b.xls", WEB_PAGE.encode, whole("NOT_WHAT_IT_SAYS")),
    Case("a web page in UTF-16 named xls", "b.xls", lambda: WEB_PAGE.encode("utf-16"), whole("NOT_WHAT_IT_SAYS")),
    Case("a web page named csv", "b.csv", lambda: b"\xef\xbb\xbf\n <meta>" + WEB_PAGE.encode(), whole("NOT_WHAT_IT_SAYS")),
    Case("an XML workbook of 2003 named xls", "b.xls", XML_2003.encode, whole("NOT_WHAT_IT_SAYS")),
    Case(
        "a web archive named xls",
        "b.xls",
        lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n" + WEB_PAGE.encode(),
        whole("NOT_WHAT_IT_SAYS"),
    ),
    Case("gzip named csv", "b.csv", lambda: gzip.compress(GRADES.encode()), whole("NOT_WHAT_IT_SAYS")),
    Case("gzip named csv.gz", "b.csv.gz", lambda: gzip.compress(GRADES.encode()), whole("NOT_WHAT_IT_SAYS")),
    Case("half a gzip", "b.csv.gz", lambda: gzip.compress(GRADES.encode())[:60], whole("NOT_WHAT_IT_SAYS")),
    Case("gzip named xlsx", "b.xlsx", lambda: gzip.compress(grades()), whole("NOT_WHAT_IT_SAYS")),
    Case("bzip2 named csv", "b.csv", lambda: bz2.compress(GRADES.encode()), whole("NOT_WHAT_IT_SAYS")),
    Case("xz named txt", "b.txt", lambda: lzma.compress(GRADES.encode()), whole("NOT_WHAT_IT_SAYS")),
    Case("7-Zip named csv", "b.csv", lambda: b"7z\xbc\xaf\x27\x1c\0\4" + NOISE, whole("NOT_WHAT_IT_SAYS")),
    Case("a tar archive named csv", "b.csv", in_tar, whole("NOT_WHAT_IT_SAYS")),
    Case("a packed CSV named csv", "b.csv", lambda: zipped({"b.csv": GRADES}), whole("NOT_WHAT_IT_SAYS")),
    Case("a packed CSV named xlsx", "b.xlsx", lambda: zipped({"b.csv": GRADES}), whole("NOT_WHAT_IT_SAYS")),
    Case("a packed workbook named xlsx", "b.xlsx", lambda: zipped({"b.xlsx": grades()}), whole("NOT_WHAT_IT_SAYS")),
    Case("an empty packed folder named xlsx", "b.xlsx", lambda: zipped({}), whole("NOT_WHAT_IT_SAYS")),
    Case("an XLSB workbook", "b.xlsb", lambda: zipped({"xl/workbook.bin": NOISE}), whole("NOT_WHAT_IT_SAYS")),
    Case("an OpenDocument file", "b.ods", lambda: zipped({"content.xml": "<a/>"}), whole("NOT_WHAT_IT_SAYS")),
    Case("a Word document named xlsx", "b.xlsx", lambda: zipped({"word/document.xml": "<a/>"}), whole("NOT_WHAT_IT_SAYS")),
    Case("an old Word document named xls", "b.xls", lambda: compound({"WordDocument": NOISE}), whole("NOT_WHAT_IT_SAYS")),
    Case("a workbook of Excel 95", "b.xls", lambda: compound({"Book": NOISE}), whole("NOT_WHAT_IT_SAYS")),
    Case("half an XLSX", "b.xlsx", lambda: grades()[: len(grades()) // 2], whole("TRUNCATED")),
    Case("an XLSX without its last bytes", "b.xlsx", lambda: grades()[:-12], whole("TRUNCATED")),
    Case("an XLSX with a byte wrong", "b.xlsx", lambda: flipped(grades(), SHEET.encode()), whole("TRUNCATED")),
    Case("an XLSX with half a sheet", "b.xlsx", lambda: in_member(SHEET, lambda xml: xml[:500]), whole("TRUNCATED")),
    Case("half an XLS", "b.xls", lambda: old_grades()[:3_000], whole("TRUNCATED")),
    Case(
        "an XLS whose records end too early",
        "b.xls",
        lambda: compound({"Workbook": record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0x600))}),
        whole("TRUNCATED"),
    ),
]
