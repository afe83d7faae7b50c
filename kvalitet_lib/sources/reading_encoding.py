"""Which encoding a text is written in: certain, or the file is refused."""

from __future__ import annotations

import codecs
import re

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.characters import SAVE_AS_UTF8, TWICE_ENCODED, found_in
from kvalitet_lib.sources.refusal import SAVE_AS_CSV, refuse

MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MARKS_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
# A Nordic letter inside a word. What one code page writes as ö another reads as a sign, and signs stand alone.
NORDIC = re.compile("(?<=[^\\W\\d_])[åäöæøÅÄÖÆØ]|[åäöæøÅÄÖÆØ](?=[^\\W\\d_])")
OTHER_CODE_PAGES = ("mac-roman", "cp850", "cp865")
# What DOS and Mac code pages turn into when read as cp1252: a mark or a capital in the middle of a word.
NOT_CP1252 = re.compile("[†‡ƒˆ‰˜™¤¦¨¬¯¸¹¶]|(?<=[a-zåäöæø])[ŒŠŽŸ]|(?<=[^\\W\\d_])[„“”](?=[^\\W\\d_])")
LAST_BYTES = 4


def decode(file_name: str, content: bytes) -> str:
    """UTF-8, UTF-16 with a mark, or else cp1252 where that reads like Nordic text and no other code page does as well.

    Raises
    ------
    DeliveryError
        The encoding is not certain, or the file ends in the middle of a letter.
    """
    if content.startswith(MARKS_32):
        refuse(file_name, _unknown("UTF-32, which no spreadsheet reads"))
    wide = content.startswith(MARKS_16)
    if not wide and b"\x00" in content:
        refuse(file_name, _not_text(content))
    text = _decoded(content, "utf-16" if wide else "utf-8-sig")
    if text is None:
        refuse(file_name, _cut_in_a_letter(content, "utf-16" if wide else "utf-8"), _marked_otherwise(content))
        text = None if wide else _decoded(content, "cp1252")
        refuse(file_name, _mixed(content, text or "") or not_cp1252(text or "") or _rivalled(content, text or ""))
    if text is None:
        refuse(file_name, _unknown("the encoding of the text cannot be told"))
    return text or ""


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _cut_in_a_letter(content: bytes, encoding: str) -> Fault | None:
    """Everything but the last bytes is sound, and those begin a letter."""
    for missing in range(1, LAST_BYTES):
        before = _decoded(content[:-missing], encoding)
        # After nothing but plain letters, the byte may as well be a whole letter of Latin-1; only Ã ends no word.
        certain = before is not None and (encoding == "utf-16" or not before.isascii() or content.endswith(b"\xc3"))
        if certain and _begins_a_letter(content[-missing:], encoding):
            rule, advice = "the file ends in the middle of a letter", "Export or copy it again."
            return Fault("", rule, "TRUNCATED", (before.count("\n") + 1,), advice)  # type: ignore[union-attr]
    return None


def _begins_a_letter(rest: bytes, encoding: str) -> bool:
    try:
        rest.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start == 0 and error.reason in ("unexpected end of data", "truncated data")
    return False


def _marked_otherwise(content: bytes) -> Fault | None:
    """Text with the mark of UTF-8 that is not UTF-8 on some lines."""
    if not content.startswith(codecs.BOM_UTF8):
        return None
    return Fault("", "marked as UTF-8, but not all of it is", "MIXED_ENCODING", _not_utf_8(content), SAVE_AS_UTF8)


def _mixed(content: bytes, text: str) -> Fault | None:
    """Text that was not valid UTF-8, read as cp1252, and still shows letters in UTF-8."""
    if not TWICE_ENCODED.search(text):
        return None
    return Fault("", "partly UTF-8, partly Latin-1", "MIXED_ENCODING", _not_utf_8(content), SAVE_AS_UTF8)


def _not_utf_8(content: bytes) -> tuple[int, ...]:
    return tuple(number for number, line in enumerate(content.split(b"\n"), start=1) if _decoded(line, "utf-8") is None)


def not_cp1252(text: str) -> Fault | None:
    return found_in(text, NOT_CP1252, "neither UTF-8 nor Latin-1", "UNKNOWN_ENCODING")


def _rivalled(content: bytes, text: str) -> Fault | None:
    """Another code page gives as many Nordic letters: which one the sender meant cannot be told."""
    ours = len(NORDIC.findall(text))
    theirs = max(len(NORDIC.findall(content.decode(one, errors="replace"))) for one in OTHER_CODE_PAGES)
    return _unknown("an encoding that is neither UTF-8 nor Latin-1") if theirs and theirs >= ours else None


def _unknown(rule: str) -> Fault:
    return Fault("", rule, "UNKNOWN_ENCODING", advice=SAVE_AS_UTF8)


def _not_text(content: bytes) -> Fault:
    """Zero bytes: every other one in UTF-16 without a mark, a few in a damaged table, many in a program's own format."""
    looked_at = content[:100_000]
    even, odd = looked_at[::2].count(0), looked_at[1::2].count(0)
    if max(even, odd) > len(looked_at) * 0.3 and min(even, odd) < len(looked_at) * 0.02:
        return _unknown("UTF-16 without the mark that says so")
    if sum(byte < 9 or 13 < byte < 32 for byte in looked_at) > len(looked_at) * 0.02:
        return Fault("", "neither text nor a workbook", "NOT_WHAT_IT_SAYS", advice=SAVE_AS_CSV)
    lines = tuple(number for number, line in enumerate(content.split(b"\n"), start=1) if b"\x00" in line)
    return Fault("", "zero bytes in the text", "CONTROL_CHARACTERS", lines, "Export the file again; it was damaged on the way.")
