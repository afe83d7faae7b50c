"""A pupil has one pseudonym for whoever holds the key, and none that can be computed without it."""

from __future__ import annotations

import stat

import pytest

from kvalitet_lib.errors import SettingsError
from kvalitet_lib.sources.pseudonyms import Pseudonyms

KEY = bytes(range(32))


def test_the_pseudonym_is_hmac_sha256_cut_to_128_bits():
    # printf 004711 | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f
    assert Pseudonyms(KEY)("004711") == "p_333f5785bdca374c98dfb3e8ee184a84"


def test_the_same_pupil_has_the_same_pseudonym_in_every_delivery():
    pseudonym = Pseudonyms(KEY)
    assert pseudonym("ab12") == pseudonym(" AB12 ") == Pseudonyms(KEY)("Ab12")


def test_leading_zeros_count_and_keys_differ():
    assert Pseudonyms(KEY)("004711") != Pseudonyms(KEY)("4711")
    assert Pseudonyms(KEY)("004711") != Pseudonyms(bytes(32))("004711")


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path):
    key_file = tmp_path / "private" / "pseudonyms.key"
    first = Pseudonyms.open(key_file)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert Pseudonyms.open(key_file) == first
    assert [path.name for path in key_file.parent.iterdir()] == ["pseudonyms.key"]


def test_a_key_file_that_others_can_read_is_refused(tmp_path):
    key_file = tmp_path / "pseudonyms.key"
    Pseudonyms.open(key_file)
    key_file.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        Pseudonyms.open(key_file)


@pytest.mark.parametrize("content", ["", "not a key", "00ff"])
def test_a_file_that_holds_no_key_is_refused_and_not_replaced(tmp_path, content):
    key_file = tmp_path / "pseudonyms.key"
    key_file.write_text(content)
    key_file.chmod(0o600)
    with pytest.raises(SettingsError, match="backup"):
        Pseudonyms.open(key_file)
    assert key_file.read_text() == content


def test_the_key_is_never_shown():
    assert KEY.hex() not in repr(Pseudonyms(KEY)) and repr(KEY) not in repr(Pseudonyms(KEY))


def test_a_pseudonym_is_its_own_pseudonym(tmp_path):
    pseudonym = Pseudonyms.open(tmp_path / "key")
    assert pseudonym(pseudonym("004711")) == pseudonym("004711")
    assert pseudonym("p_004711") != "p_004711"
