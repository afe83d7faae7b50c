"""Pupil ids become keyed pseudonyms at the door; the key lives outside the store."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kvalitet_lib.errors import SettingsError
from kvalitet_lib.safe_files import in_plain_words, settle

KEY_BYTES = 32
SHOWN_HEX = 32  # 128 bits
PSEUDONYM = re.compile(rf"p_[0-9a-f]{{{SHOWN_HEX}}}")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Pseudonyms:
    """Turns an id into the same pseudonym every time, for whoever holds the key.

    HMAC-SHA256 (RFC 2104) truncated to 128 bits. Without the key a pseudonym cannot be recomputed from a list
    of all ids, as a plain hash can. Ids that differ only in case or in spaces around them are one pupil;
    leading zeros count. A pseudonym is its own pseudonym: what we have written ourselves may come back.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < KEY_BYTES:
            raise SettingsError(f"The key for pseudonyms is shorter than {KEY_BYTES} bytes. Restore it from your backup.")

    def __call__(self, text: str) -> str:
        same = unicodedata.normalize("NFKC", text).strip().casefold()
        if PSEUDONYM.fullmatch(same):
            return same
        return "p_" + hmac.new(self.key, same.encode(), hashlib.sha256).hexdigest()[:SHOWN_HEX]

    @classmethod
    def open(cls, key_file: Path) -> Pseudonyms:
        """The pseudonyms of a key file; the first time, the file is made, readable by its owner alone.

        Raises
        ------
        SettingsError
            The file can be read by others, or holds no key.
        """
        _create_once(key_file)
        if os.name == "posix" and key_file.stat().st_mode & OTHERS:
            raise SettingsError(f"Others can read {key_file}, the key to every pseudonym. Close it:  chmod 600 {key_file}")
        try:
            key = bytes.fromhex(key_file.read_text(encoding="ascii"))
        except ValueError:
            key = b""
        if len(key) < KEY_BYTES:
            raise SettingsError(
                f"{key_file} holds no key. Restore it from your backup: with a new key, pupils cannot be followed "
                "from earlier deliveries to later ones."
            )
        return cls(key)


def _create_once(key_file: Path) -> None:
    """Write a new key whole or not at all: a name that appears only when its content is on disk."""
    if not key_file.exists():
        with in_plain_words(key_file.parent, "making the key of the pseudonyms"):
            _create(key_file)
    for worthless in key_file.parent.glob(f".{key_file.name}.*"):  # the key is there: no draft will ever be one
        worthless.unlink(missing_ok=True)


def _create(key_file: Path) -> None:
    key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = key_file.with_name(f".{key_file.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
            opened.write(secrets.token_hex(KEY_BYTES))
        settle(draft)
        # A link fails where a rename would overwrite a key that another run made in the meantime, and swept our draft.
        with suppress(FileExistsError, FileNotFoundError):
            os.link(draft, key_file)
        settle(key_file.parent)
    finally:
        draft.unlink(missing_ok=True)
