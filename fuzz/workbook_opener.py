"""Any bytes behind a name give tables or a refusal: workbooks, archives, what claims to be one, and text.

Run it for a minute:  python fuzz/workbook_opener.py -max_total_time=60
"""

from __future__ import annotations

import io
import sys
import zipfile

import atheris

with atheris.instrument_imports(include=["kvalitet_lib.sources", "kvalitet_lib.errors"]):
    from kvalitet_lib.errors import DeliveryError
    from kvalitet_lib.sources.reading import read_sheets

NAMES = ["d.xlsx", "d.xls", "d.xlsm", "d.csv", "download"]
START = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b", b"<?xml"]
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name libFuzzer asks for
    provider = atheris.FuzzedDataProvider(data)
    name, start, packed = provider.PickValueInList(NAMES), provider.PickValueInList(START), provider.ConsumeBool()
    body = provider.ConsumeBytes(4_000)
    try:
        sheets = read_sheets(name, _workbook(body) if packed else start + body)
    except DeliveryError as refused:
        assert refused.faults
        return
    assert all(len(sheet.rows) == len(sheet.lines) for sheet in sheets)


def _workbook(rows: bytes) -> bytes:
    """An XLSX whose one sheet holds these bytes where its rows should be."""
    relation = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
    one = b'<Relationship Id="rId1" Type="' + relation + b'/%s" Target="%s"/>'
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        sheets = b'<sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets>'
        archive.writestr("xl/workbook.xml", b"<workbook " + MAIN + b' xmlns:r="' + relation + b'">' + sheets + b"</workbook>")
        archive.writestr("_rels/.rels", packages % (one % (b"officeDocument", b"xl/workbook.xml")))
        archive.writestr("xl/_rels/workbook.xml.rels", packages % (one % (b"worksheet", b"worksheets/sheet1.xml")))
        archive.writestr("xl/worksheets/sheet1.xml", b"<worksheet " + MAIN + b"><sheetData>" + rows + b"</sheetData></worksheet>")
    return written.getvalue()


if __name__ == "__main__":
    atheris.Setup(sys.argv, TestOneInput)
    atheris.Fuzz()
