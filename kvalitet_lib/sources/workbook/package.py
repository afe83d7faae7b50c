"""The packed folder an XLSX is: its table of contents is checked, and every byte counted while it is unpacked.

What the packing says of itself is never trusted. A member that unpacks to more than it says is refused at that byte, and
members that overlap or contradict the table of contents are refused before any of them is unpacked.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from zipfile import ZipInfo

from kvalitet_lib.sources.refusal import SAVE_AS_CSV, UnfitError

MOST_MEMBERS = 2_000
MOST_UNPACKED = 200_000_000
MOST_RATIO = 200
SMALL_MEMBER = 5_000_000
STEP = 1 << 18

COPY_AGAIN = "Export or copy it again."
UNPACK_IT = "Unpack it and deliver the file inside."
NO_MACROS = "Save it as .xlsx without macros, or as 'CSV UTF-8'."
LOCAL_HEADER = struct.Struct("<4s2xHH16xHH")
LOCKED, NAMED_IN_UTF8 = 0x1, 0x800
OTHER_KINDS = {
    "xl/workbook.bin": "an XLSB workbook",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
    "content.xml": "an OpenDocument file",
    "index/document.iwa": "a Numbers document",
}
NEVER_IN_A_TABLE = (
    ("vbaproject", "the workbook holds macros", "MACROS", NO_MACROS),
    ("macrosheets/", "the workbook holds macros", "MACROS", NO_MACROS),
    ("/activex/", "the workbook holds controls that run programs", "MACROS", NO_MACROS),
    ("/controls/", "the workbook holds controls that run programs", "MACROS", NO_MACROS),
    ("/embeddings/", "the workbook holds other documents", "EMBEDDED_OBJECTS", "Deliver the table alone."),
    ("/oleobjects/", "the workbook holds other documents", "EMBEDDED_OBJECTS", "Deliver the table alone."),
    ("/packages/", "the workbook holds other documents", "EMBEDDED_OBJECTS", "Deliver the table alone."),
    (
        "/externallinks/",
        "the workbook fetches values from other files",
        "EXTERNAL_LINKS",
        "Break the links (Data, Edit Links) so that the values stand in the workbook itself.",
    ),
)


@dataclass(frozen=True)
class Package:
    """A packed folder whose table of contents is in order; ``members`` by their path in lower case.

    Raises
    ------
    UnfitError
        By :meth:`opened`: the folder is cut off, locked, contradicts itself, reaches outside itself, is no XLSX
        workbook, holds what no table needs, or is larger unpacked than a table ever is.
    """

    content: bytes
    members: dict[str, ZipInfo]
    starts: list[int]

    @classmethod
    def opened(cls, content: bytes) -> Package:
        listed = _listed(content)
        if len(listed) > MOST_MEMBERS or sum(one.file_size for one in listed) > MOST_UNPACKED or any(map(_swollen, listed)):
            raise too_large_unpacked()
        members = {_path(one): one for one in listed}
        _known_kind(members)
        if len(members) < len(listed) or len({one.header_offset for one in listed}) < len(listed):
            raise UnfitError("two parts of the workbook have the same name or place", "DAMAGED")
        if any(one.flag_bits & LOCKED for one in listed):
            raise locked()
        for path in members:
            never_in_a_table(path)
        return cls(content, members, sorted(one.header_offset for one in listed))

    def unpacked(self, path: str) -> Iterator[bytes]:
        """The bytes of one member, a step at a time, never more than it says it has.

        Raises
        ------
        UnfitError
            The member overlaps the next, contradicts the table of contents, is damaged, or unpacks to more than it says.
        """
        member = self.members[path]
        size = check = 0
        for piece in _pieces(self._packed(member), member.compress_type):
            size, check = size + len(piece), zlib.crc32(piece, check)
            if size > member.file_size:
                raise too_large_unpacked()
            yield piece
        if size != member.file_size or check != member.CRC:
            raise cut_off()

    def _packed(self, member: ZipInfo) -> memoryview:
        """A member's bytes as they are packed; they end before the next member begins."""
        start = member.header_offset
        if not 0 <= start <= len(self.content) - LOCAL_HEADER.size:
            raise cut_off()
        mark, flags, method, name_length, extra_length = LOCAL_HEADER.unpack_from(self.content, start)
        name_ends = start + LOCAL_HEADER.size + name_length
        name = self.content[start + LOCAL_HEADER.size : name_ends].decode(
            "utf-8" if flags & NAMED_IN_UTF8 else "cp437", errors="replace"
        )
        begins = name_ends + extra_length
        ends = begins + member.compress_size
        following = bisect_right(self.starts, start)
        limit = self.starts[following] if following < len(self.starts) else len(self.content)
        if (mark, name, method, flags & LOCKED) != (b"PK\x03\x04", member.orig_filename, member.compress_type, 0) or ends > limit:
            raise UnfitError("the workbook is damaged: its table of contents is not true", "DAMAGED", COPY_AGAIN)
        return memoryview(self.content)[begins:ends]


def never_in_a_table(path: str) -> None:
    """Refuse the path of a part, or the type of a relation, that leads to a program, another file or another document."""
    for part, rule, code, advice in NEVER_IN_A_TABLE:
        if part in f"/{path.casefold()}/":
            raise UnfitError(rule, code, advice)


def too_large_unpacked() -> UnfitError:
    return UnfitError("unreasonably large when unpacked", "TOO_LARGE_UNPACKED")


def cut_off() -> UnfitError:
    return UnfitError("the workbook is cut off or damaged", "TRUNCATED", COPY_AGAIN)


def locked() -> UnfitError:
    return UnfitError("locked with a password", "ENCRYPTED", "Remove the password before you deliver it.")


def _listed(content: bytes) -> list[ZipInfo]:
    try:
        return zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError):
        raise cut_off() from None


def _swollen(member: ZipInfo) -> bool:
    return member.file_size > SMALL_MEMBER and member.file_size > MOST_RATIO * max(member.compress_size, 1)


def _path(member: ZipInfo) -> str:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in member.filename:
        raise UnfitError("parts of the workbook reach outside it", "DAMAGED")
    return str(path).casefold()


def _known_kind(members: dict[str, ZipInfo]) -> None:
    if "xl/workbook.xml" in members:
        return
    what = next((what for path, what in OTHER_KINDS.items() if path in members), "")
    raise UnfitError(f"{what or 'a packed folder'}, not an XLSX workbook", "NOT_WHAT_IT_SAYS", SAVE_AS_CSV if what else UNPACK_IT)


def _pieces(packed: memoryview, method: int) -> Iterator[bytes]:
    steps = (bytes(packed[begins : begins + STEP]) for begins in range(0, len(packed), STEP))
    if method == zipfile.ZIP_STORED:
        yield from steps
    elif method == zipfile.ZIP_DEFLATED:
        yield from _inflated(steps)
    else:
        raise UnfitError("the workbook is packed in a way no spreadsheet packs", "DAMAGED")


def _inflated(steps: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for step in steps:
            waiting = step
            while waiting:
                yield inflater.decompress(waiting, STEP)
                waiting = inflater.unconsumed_tail
        while rest := inflater.decompress(b"", STEP):
            yield rest
    except zlib.error:
        raise cut_off() from None
    if not inflater.eof:
        raise cut_off()
