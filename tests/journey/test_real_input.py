"""With real agency files: every figure on a school's page is the one in its file, cell by cell."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from kvalitet_lib.cli.home import Home
from kvalitet_lib.cli.release import release as make_release
from kvalitet_lib.cli.taking import take_all
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.execution.parameters import ReportSettings
from kvalitet_lib.execution.plan import Wish
from kvalitet_lib.execution.run import Run, run
from kvalitet_lib.sources import Circumstances
from kvalitet_lib.sources.pseudonyms import Pseudonyms
from kvalitet_lib.store import Store
from kvalitet_lib.texts import Texts
from tests.conftest import ROOT
from tests.journey.real_homes import (
    IN_ANSWERS,
    MUNICIPALITIES,
    SCHOOLS,
    SERIES,
    YEAR,
    Cells,
    Tables,
    another,
    grades_file,
    loaded,
    municipal_figures,
    rows_of,
    similar_group,
    stated_by_each_source,
    unweighted,
    weighted,
)

SWEDISH = Texts("sv")
SHARES = {name for name in IN_ANSWERS.values() if name.startswith(("alla", "behorighet", "lararbehorighet"))}
SALSA = {"salsa_avvikelse_meritvarde": "salsaDev", "salsa_avvikelse_alla_amnen": "salsaReqDev"}
PERCENT = "\u00a0%"
NATIONAL_PAGES = 12


def names(indicators) -> dict[str, str]:
    return {SWEDISH.say(f"indicators.{one}.name"): one for one in indicators}


@pytest.fixture(scope="session")
def agency(shared: Path) -> Path:
    return shared / "data" / "agency"


@pytest.fixture(scope="session")
def one_store(agency: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The agency's files loaded once; each municipality has its own copy of the store."""
    return loaded(tmp_path_factory.mktemp("real"), agency)


@pytest.fixture(scope="session")
def stated(agency: Path) -> dict[str, Cells]:
    return stated_by_each_source(agency)


def released(home: Home) -> Release:
    make_release(audience=[], home=home.folder, year="")
    return Release.open(home.released / "public")


def pages(release: Release, folder: Path, units=(), formats=("html",)) -> Run:
    settings = ReportSettings.read(ROOT / "params", "school")
    return run(settings, ROOT / "notebooks", release, Wish(units, ["sv"], formats), folder)


@pytest.fixture(scope="session", params=list(MUNICIPALITIES), ids=list(MUNICIPALITIES.values()))
def town(request, one_store, agency, tmp_path_factory) -> tuple[str, dict[str, Tables]]:
    """A municipality's code, and the page of each of its schools."""
    folder = tmp_path_factory.mktemp(request.param)
    release = released(another(one_store, folder / "home", agency, request.param))
    done = pages(release, folder / "pages")
    assert done.failed == []
    return request.param, {one.job.unit: Tables.of(one.job.files[0]) for one in done.pages}


def glance(tables: Tables) -> dict[str, dict[str, str]]:
    """The page's table of all measures: measure → column → cell, without the lines that name areas."""
    caption = SWEDISH.say("glance.caption", school_year=YEAR)
    header, *rows = tables.tables[caption]
    return {row[0]: dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)}


def column(name: str) -> str:
    return SWEDISH.say(f"glance.{name}")


def written(cell: str, indicator: str) -> str:
    """The cell as a page has it: as the agency wrote it, its marks in words."""
    in_words = {"..": SWEDISH.say("cell.agency"), ".": SWEDISH.say("cell.missing")}
    return in_words.get(cell) or f"{cell}{PERCENT if indicator in SHARES else ''}"


def expected(unit: str, indicator: str, stated: dict[str, Cells]) -> str:
    """The newest year any source knows; of it the first source that states a figure, else the first that says why not."""
    known = {
        year for cells in stated.values() for code, name, year in cells if (code, name) == (unit, indicator) and year <= YEAR
    }
    newest = max(known)
    said = [cells[unit, indicator, newest] for cells in stated.values() if (unit, indicator, newest) in cells]
    cell = next((one for one in said if one not in ("..", ".")), said[0])
    return written(cell, indicator) + ("" if newest == YEAR else f" ({newest})")


def only_of(unit: str, stated: dict[str, Cells]) -> dict[str, Cells]:
    return {source: {key: cell for key, cell in cells.items() if key[0] == unit} for source, cells in stated.items()}


def value_cells_are_the_files(unit: str, tables: Tables, stated: dict[str, Cells]) -> int:
    """Hold every value of a page against its file; gives how many there were."""
    mine = only_of(unit, stated)
    known = names({name for cells in mine.values() for _, name, year in cells if year <= YEAR})
    shown = {measure: row[column("value")] for measure, row in glance(tables).items() if measure not in names(SALSA)}
    assert shown == {measure: expected(unit, indicator, mine) for measure, indicator in known.items()}
    return len(shown)


def signed_number(cell: str) -> float:
    """The number in a cell such as −13 or +7 p.e."""
    found = re.match(r"([+−±])(\d+)", cell)
    assert found, cell
    return float(found[2]) * (-1 if found[1] == "−" else 1)


def equals_to_the_decimals_shown(cell: str, value: float) -> bool:
    number = cell.removesuffix(PERCENT)
    decimals = len(number.partition(",")[2])
    return number == f"{value:.{decimals}f}".replace(".", ",")


def test_every_school_with_year_9_in_the_municipality_has_a_page(town, agency):
    code, made = town
    assert set(made) == {row[1] for row in grades_file(agency) if row[3] == code}


def test_every_value_on_every_page_is_the_one_its_file_states(town, stated):
    _, made = town
    assert sum(value_cells_are_the_files(unit, tables, stated) for unit, tables in made.items()) >= 3 * len(made)


def test_every_salsa_deviation_is_the_one_in_the_table_of_schools(town, agency):
    _, made = town
    with (agency / SCHOOLS).open(encoding="utf-8", newline="") as file:
        schools = {row["kod"]: row for row in csv.DictReader(file)}
    seen = 0
    for unit, tables in made.items():
        for measure, indicator in names(SALSA).items():
            said = schools.get(unit, {}).get(SALSA[indicator])
            shown = glance(tables).get(measure, {}).get(column("value"))
            assert (signed_number(shown) if shown else None) == (float(said) if said else None)
            seen += bool(said)
    assert seen


def test_the_number_of_pupils_beside_a_share_is_the_files_own(town, agency):
    code, made = town
    pupils = {row[1]: row[7] for row in grades_file(agency) if row[3] == code}
    measure = SWEDISH.say("indicators.alla_amnen_ak9.name")
    for unit, tables in made.items():
        row = glance(tables)[measure]
        stated = row[column("value")].endswith(PERCENT) and not row[column("value")].startswith("~")
        assert row[column("n")] == (pupils[unit] if stated else "–")


def test_the_municipalitys_own_figure_is_that_of_its_municipal_schools(town, agency):
    code, made = town
    own = municipal_figures(agency, "Kommunal")
    for tables in made.values():
        for measure, indicator in names(own).items():
            row = glance(tables).get(measure)
            if row and "(" not in row[column("value")]:
                assert row[column("municipality")] == written(own[indicator][code].text, indicator)


def test_comparable_municipalities_are_the_unweighted_mean_of_their_municipal_schools(town, agency):
    code, made = town
    _, members = similar_group(agency, MUNICIPALITIES[code])
    own = municipal_figures(agency, "Kommunal")
    for tables in made.values():
        for measure, indicator in names(own).items():
            row = glance(tables).get(measure)
            if row and "(" not in row[column("value")]:
                assert equals_to_the_decimals_shown(row[column("comparable")], unweighted(own[indicator], members))


def test_the_nation_is_all_municipalities_weighted_by_their_pupils(town, agency):
    _, made = town
    everyone = {indicator: weighted(figures) for indicator, figures in municipal_figures(agency, "Samtliga").items()}
    for tables in made.values():
        for measure, indicator in names(everyone).items():
            row = glance(tables).get(measure)
            if row and "(" not in row[column("value")]:
                assert equals_to_the_decimals_shown(row[column("nation")], everyone[indicator])


def test_the_real_files_agree_where_they_state_the_same_figure_and_no_page_says_otherwise(town, stated):
    _, made = town
    marks = SWEDISH.say("limits.disagreement", indicator="|", school_year="|", shown="|", other="|", difference="|").split("|")
    telling = max(marks, key=len)
    assert not [unit for unit, tables in made.items() if any(telling in item for item in tables.items)]


def test_the_trusted_source_is_shown_and_the_difference_told_where_another_says_otherwise(one_store, agency, tmp_path, stated):
    unit = next(
        row[1] for row in grades_file(agency) if row[3] == "1496" and (row[1], "meritvarde", YEAR) in stated["skolverket_series"]
    )
    home = another(one_store, tmp_path / "home", agency, "1496")
    rows = rows_of(agency / SERIES, ",")
    for row in rows:
        if row[:3] == [unit, "meritvarde", YEAR]:
            row[3] = f"{float(row[3]) + 7.3:.1f}"
    delivered = tmp_path / "serier_lang.csv"
    with delivered.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    circumstances = Circumstances(home.municipality(), Pseudonyms.open(home.key), ())
    with Store(home.private).writing() as writer:
        assert [one.outcome for one in take_all([delivered], writer, circumstances)] == ["stored"]
    (made,) = pages(released(home), tmp_path / "pages", [unit]).pages
    tables = Tables.of(made.job.files[0])
    value_cells_are_the_files(unit, tables, stated)
    told = SWEDISH.say(
        "limits.disagreement",
        indicator=SWEDISH.say("indicators.meritvarde.name"),
        school_year=YEAR,
        shown=SWEDISH.say("sources.names.skolverket_export"),
        other=SWEDISH.say("sources.names.skolverket_series"),
        difference=SWEDISH.difference(7.3, "points", 1),
    )
    assert told in tables.items


def test_a_whole_country_is_one_home_and_its_pages_say_what_their_files_say(one_store, agency, tmp_path, stated):
    home = another(one_store, tmp_path / "home", agency, "0580", schools="all")
    release = released(home)
    schools = grades_file(agency)
    assert {row[1] for row in schools} <= set(release.units_with_figures("school"))
    own = municipal_figures(agency, "Kommunal")
    picked = {row[1]: row[3] for row in schools[:: len(schools) // NATIONAL_PAGES][:NATIONAL_PAGES]}
    for made in pages(release, tmp_path / "pages", list(picked)).pages:
        tables = Tables.of(made.job.files[0])
        assert value_cells_are_the_files(made.job.unit, tables, stated) >= 3
        row = glance(tables)[SWEDISH.say("indicators.meritvarde.name")]
        if "(" not in row[column("value")]:
            assert row[column("municipality")] == written(own["meritvarde"][picked[made.job.unit]].text, "meritvarde")


def test_a_pdf_of_a_real_school_is_made_beside_its_page(one_store, agency, tmp_path):
    release = released(another(one_store, tmp_path / "home", agency, "1494"))
    units = release.units_with_figures("school")[:2]
    done = pages(release, tmp_path / "pages", units, ("html", "pdf"))
    assert done.failed == []
    for made in done.pages:
        assert [path.suffix for path in made.job.files] == [".html", ".pdf"]
        assert made.job.files[1].read_bytes().startswith(b"%PDF-")
