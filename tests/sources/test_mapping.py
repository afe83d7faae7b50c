"""A mapping file lets a system with headers of its own be read; what it gets wrong is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvalitet_lib.errors import SettingsError
from kvalitet_lib.sources.local import LOCAL_SOURCES, mapped_sources
from tests.sources.door import PROJECT, SE_GRADES, deliver, refusal

EXAMPLE = PROJECT / "params" / "mappings" / "exempelsystem.yml"
THEIRS = {
    "elevid": "Elevens löpnr", "skolenhetskod": "Enhet (kod)", "läsår": "Period", "årskurs": "Åk nu", "ämne": "Ämneskod",
    "betyg": "Satt betyg",
}  # fmt: skip


def with_their_headers() -> str:
    header, body = SE_GRADES.split("\n", 1)
    return ";".join(THEIRS.get(ours, ours) for ours in header.split(";")) + "\n" + body


def written(folder: Path, text: str) -> Path:
    path = folder / "system.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_mapping_reads_a_delivery_with_other_headers():
    (source,) = mapped_sources([EXAMPLE])
    assert source.name == "se_grades_exempelsystem"
    assert deliver(with_their_headers(), sources=(source,)).rows.equals(deliver(SE_GRADES).rows)


def test_a_mapped_source_leaves_deliveries_with_our_headers_to_our_own():
    with pytest.raises(AssertionError):
        deliver(SE_GRADES, sources=mapped_sources([EXAMPLE]))
    with pytest.raises(AssertionError):
        deliver(with_their_headers(), sources=LOCAL_SOURCES)


def test_faults_name_the_systems_own_headers():
    (source,) = mapped_sources([EXAMPLE])
    with pytest.raises(Exception, match="Satt betyg") as refused:
        deliver(with_their_headers().replace(";E;", ";Q;"), sources=(source,))
    assert type(refused.value) is type(refusal(SE_GRADES.replace(";E;", ";Q;")))


def test_a_mapping_may_declare_a_decimal_point(tmp_path):
    sources = mapped_sources([written(tmp_path, 'kind: se_grades\ndecimal: "."\ncolumns: {betyg: Mark}\n')])
    pointed = SE_GRADES.replace("betyg", "Mark").replace(",5\n", ".5\n")
    assert deliver(pointed, sources=sources).rows.stated_points.tolist()[0] == 172.5


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("kind: se_marks\ncolumns: {betyg: B}\n", "se_grades"),
        ("kind: se_grades\ncolumns: {frukost: B}\n", "frukost"),
        ("kind: se_grades\ncolumns: {betyg: B, ämne: b}\n", "more than once"),
        ("kind: se_grades\ncolumns: {betyg: B, grade: C}\n", "more than once"),
        ("kind: se_grades\ncolumns: {}\n", "columns"),
        ("kind: se_grades\nseparator: x\ncolumns: {betyg: B}\n", "separator"),
        ("columns: [betyg]\n", "kind"),
        ("kind: [\n", "YAML"),
    ],
)
def test_a_mapping_file_that_is_wrong_says_what_is_wrong(tmp_path, wrong, says):
    with pytest.raises(SettingsError, match=says):
        mapped_sources([written(tmp_path, wrong)])


def test_files_about_names_of_units_are_no_business_of_this_door(tmp_path):
    assert mapped_sources([written(tmp_path, "kind: school_names\ncodes: {Norrskolan: '90012345'}\n")]) == ()
