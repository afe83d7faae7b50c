"""The made-up municipality keeps the shape of a real one's deliveries, and is the same every time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.errors import ContractError, SettingsError
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.local import LOCAL_SOURCES
from kvalitet_lib.sources.published_table import PUBLISHED_SOURCES
from kvalitet_lib.sources.source import Circumstances, Delivery
from kvalitet_lib.sources.synthetic import Truths, make_deliveries, read_truths
from kvalitet_lib.sources.synthetic.reference_levels import LEVELS

PUPIL = {"se": "elevid", "no": "elevnummer"}
SCHOOL = {"se": "skolenhetskod", "no": "organisasjonsnummer"}
NAME = {"se": "skola", "no": "skolenavn"}
YEAR = {"se": "läsår", "no": "skoleår"}
GROUP = {"se": "årskurs", "no": "trinn"}
TABLES = {"pupils", "grades", "tests", "survey_answers", "absence", "staffing", "schools", "published_values"}
YEARS = ("2020-21", "2021-22", "2022-23", "2023-24", "2024-25")


@pytest.fixture(scope="module", params=["se", "no"])
def country(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def deliveries(country: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(f"whole_{country}")
    make_deliveries(folder, country)
    return folder


@pytest.fixture(scope="module")
def small(country: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(f"small_{country}")
    make_deliveries(folder, country, small=True)
    return folder


def cells(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)


def everything(folder: Path, kind: str) -> pd.DataFrame:
    return pd.concat([cells(path) for path in sorted(folder.glob(f"{kind}_20*.csv"))], ignore_index=True).fillna("")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("form", ["small", "whole"])
def test_the_same_seed_gives_the_same_bytes(country: str, form: str, deliveries: Path, small: Path, tmp_path: Path) -> None:
    make_deliveries(tmp_path, country, small=form == "small")
    assert contents(tmp_path) == contents(small if form == "small" else deliveries)


def test_another_seed_gives_other_pupils(country: str, small: Path, tmp_path: Path) -> None:
    make_deliveries(tmp_path, country, seed=7, small=True)
    assert contents(tmp_path)["elever_2024-25.csv"] != contents(small)["elever_2024-25.csv"]


def test_thirty_schools_of_forty_to_nine_hundred_pupils_every_year(country: str, deliveries: Path) -> None:
    pupils = everything(deliveries, "elever")
    sizes = pupils.groupby([YEAR[country], SCHOOL[country]])[PUPIL[country]].nunique()
    assert sizes.groupby(level=0).size().tolist() == [30] * 5
    assert sizes.min() >= 40 and sizes.max() <= 900
    assert pupils.groupby(YEAR[country])[PUPIL[country]].nunique().between(10_500, 11_500).all()


def test_the_small_form_has_six_schools_and_three_years(country: str, small: Path) -> None:
    sizes = everything(small, "elever").groupby([YEAR[country], SCHOOL[country]]).size()
    assert sizes.groupby(level=0).size().tolist() == [6, 6, 6]
    assert sizes.between(40, 120).all()


def test_no_folder_is_larger_than_sixty_megabytes(deliveries: Path) -> None:
    assert sum(path.stat().st_size for path in deliveries.iterdir()) < 60e6


def test_a_pupil_moves_up_one_year_group_a_year(country: str, deliveries: Path) -> None:
    pupils = everything(deliveries, "elever").drop_duplicates([PUPIL[country], YEAR[country]])
    steps = pupils[GROUP[country]].replace({"Gy1": "10", "Gy2": "11", "Gy3": "12"}).astype(int)
    begun = pupils[YEAR[country]].str[:4].astype(int)
    assert (begun - steps).groupby(pupils[PUPIL[country]]).nunique().eq(1).all()
    stays = pupils.groupby(PUPIL[country]).size()
    assert (stays >= 4).mean() > 0.4


def test_some_pupils_change_school_and_some_do_so_mid_year(country: str, deliveries: Path) -> None:
    pupils = everything(deliveries, "elever")
    at_two = pupils.groupby([PUPIL[country], YEAR[country]])[SCHOOL[country]].nunique().eq(2).mean()
    assert 0.002 < at_two < 0.03


@pytest.mark.parametrize(
    ("kinds", "key"),
    [
        (("elever",), ("pupil", "school", "year")),
        (("betyg_ak6", "betyg_ak9", "karakterer"), ("pupil", "year", "group", "ämne", "fagkode", "betygstyp", "vurderingstype")),
        (("nationella_prov", "nasjonale_prover"), ("pupil", "year", "group", "ämne", "delprov", "prøve")),
        (("enkat", "elevundersokelsen"), ("svarsid", "svarnummer", "year")),
        (("franvaro", "fravaer"), ("pupil", "school", "year", "månad")),
        (("gymnasiet",), ("pupil", "year")),
    ],
)  # fmt: skip
def test_no_two_rows_share_a_key(country: str, deliveries: Path, kinds: tuple[str, ...], key: tuple[str, ...]) -> None:
    named = {"pupil": PUPIL[country], "school": SCHOOL[country], "year": YEAR[country], "group": GROUP[country]}
    for kind in kinds:
        if list(deliveries.glob(f"{kind}_20*.csv")):
            rows = everything(deliveries, kind)
            assert not rows.duplicated([named.get(one, one) for one in key if named.get(one, one) in rows]).any(), kind


def test_every_unit_in_a_delivery_is_in_the_register_that_year(country: str, deliveries: Path) -> None:
    register = cells(deliveries / ("skolor.csv" if country == "se" else "skoler.csv"))
    first, last = ("giltig_från", "giltig_till") if country == "se" else ("gyldig_fra", "gyldig_til")
    known = {
        (row[SCHOOL[country]], year)
        for row in register.to_dict("records")
        for year in YEARS
        if (row[first] or "1900")[:4] <= year[:4] <= (row[last] or "2100")[:4]
    }
    for path in deliveries.glob("*_20*.csv"):
        rows = cells(path)
        met = set(zip(rows[SCHOOL[country]], rows[YEAR[country]].str.replace("/", "-"), strict=True))
        assert met <= known, path.name


def test_one_school_is_renamed_one_merged_and_one_new_in_2023(country: str, deliveries: Path) -> None:
    truths = read_truths(deliveries)
    pupils = everything(deliveries, "elever")
    schools = {
        year: set(rows[SCHOOL[country]]) for year, rows in pupils.assign(begun=pupils[YEAR[country]].str[:4]).groupby("begun")
    }
    (gone,), (new,), (renamed,) = (truths[f"{what}_school"].schools for what in ("merged", "opened", "renamed"))
    assert gone in schools["2022"] and gone not in schools["2023"]
    assert new not in schools["2022"] and new in schools["2023"]
    names = pupils[pupils[SCHOOL[country]] == renamed].groupby(YEAR[country])[NAME[country]].unique()
    assert [len(one) for one in names] == [1] * 5
    assert names.iloc[2][0] != names.iloc[3][0] and names.iloc[3][0] == names.iloc[4][0]


@pytest.mark.parametrize("form", ["small", "whole"])
def test_every_file_is_recognised_by_one_source_and_accepted(country: str, form: str, deliveries: Path, small: Path) -> None:
    folder = small if form == "small" else deliveries
    truths = read_truths(folder)
    code, name = truths.municipality, truths.municipality_name
    municipality = Municipality(country=truths.country, code=code, name=name, languages=("en",), audiences={}, trust=("local",))
    here = Circumstances(municipality, pseudonym=lambda text: f"p{text}")
    last_year_or_all = [path for path in sorted(folder.glob("*.csv")) if "_2024-25" in path.name or "_20" not in path.name]
    tables = set()
    for path in last_year_or_all if form == "whole" else sorted(folder.glob("*.csv")):
        delivery = Delivery(path)
        sources = [source for source in (*LOCAL_SOURCES, *PUBLISHED_SOURCES) if source.recognises(delivery)]
        assert len(sources) == 1, path.name
        filled = sources[0].read(delivery, here)
        assert all(len(part.rows) for part in filled), path.name
        assert not any(part.notes for part in filled), path.name
        tables |= {part.table for part in filled}
    assert tables == TABLES | ({"upper_secondary"} if country == "se" else set())


def test_published_figures_cover_every_indicator_year_and_municipality(country: str, deliveries: Path) -> None:
    published = cells(deliveries / ("publicerade_varden.csv" if country == "se" else "publiserte_verdier.csv"))
    units = published[published["enhet"].str.fullmatch("SE|NO") | published["enhet"].str.fullmatch(r"9\d0[2-8]")]
    years = units[YEAR[country]].str.replace("/", "-")
    assert set(units.indikator) == set(LEVELS[country])
    counted = units[years.isin(YEARS)].groupby(["enhet", "indikator"])[YEAR[country]].nunique()
    assert counted.eq(5).all() and len(counted) == 8 * len(LEVELS[country])
    assert (years.min(), years.max()) == ("2014-15", "2024-25")


def test_the_folder_says_that_all_of_it_is_made_up(country: str, deliveries: Path) -> None:
    said = (deliveries / "README.txt").read_text(encoding="utf-8").casefold()
    assert {"se": "påhittat", "no": "oppdiktet"}[country] in said
    assert read_truths(deliveries).made_up is True


def test_truths_are_read_back_as_they_were_made(country: str, tmp_path: Path) -> None:
    made = make_deliveries(tmp_path, country, small=True)
    assert isinstance(made, Truths)
    assert read_truths(tmp_path) == made


def test_a_truth_that_is_not_there_is_asked_for_in_vain(small: Path) -> None:
    with pytest.raises(ContractError, match="there are: girls_ahead"):
        read_truths(small)["moon_phase"]


def test_a_folder_without_truths_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="kvalitet demo"):
        read_truths(tmp_path)
    (tmp_path / "planterade_sanningar.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SettingsError, match="kvalitet demo"):
        read_truths(tmp_path)


def test_only_sweden_and_norway_have_a_made_up_municipality(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="se, no"):
        make_deliveries(tmp_path, "dk")
