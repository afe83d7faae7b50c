"""The nation is all municipalities weighted by their pupils; a school is held against the municipality it lies in."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.compare import compare
from kvalitet_lib.contracts import CONTRACTS, column_types
from kvalitet_lib.measure.weighted import FEWEST_MUNICIPALITIES, weighted_nation
from kvalitet_lib.municipality import Municipality
from tests.disclosure.figures import INDICATORS, PUBLIC, figures
from tests.whiteboard import table

MANY = FEWEST_MUNICIPALITIES


def published(drawing: str) -> pd.DataFrame:
    """Rows of published_values; what a drawing does not say is a municipality's figure of all owners, 2024-25."""
    rows = table(drawing)
    usual = {
        "source": "skolverket_export",
        "indicator": "alla_amnen_ak9",
        "level": "municipality",
        "owner_type": "all",
        "school_year": "2024-25",
        "group": "all",
        "status": "exists",
    }
    types = column_types(CONTRACTS["published_values"])
    filled = rows.assign(**{name: value for name, value in usual.items() if name not in rows})
    return filled.reindex(columns=list(types)).astype(types)


def everywhere(how_many: int = MANY, **facts: object) -> pd.DataFrame:
    """As many municipalities with the same share, 0.5 of 100 pupils each."""
    row = published("unit | value | n\n------\n0000 | 0.5 | 100")
    rows = pd.concat([row.assign(unit=f"{number:04d}", **facts) for number in range(how_many)], ignore_index=True)
    return rows.astype(row.dtypes)


def nation(values: pd.DataFrame, indicators: tuple[str, ...] = ("alla_amnen_ak9",)) -> pd.DataFrame:
    return weighted_nation(values, set(indicators), "SE")


def test_a_municipality_with_more_pupils_weighs_more():
    large = published("unit | value | n\n------\n9999 | 0.9 | 10000")
    one = nation(pd.concat([everywhere(), large])).iloc[0]
    assert one["value"] == pytest.approx((MANY * 100 * 0.5 + 10000 * 0.9) / (MANY * 100 + 10000))
    assert one["n"] == MANY * 100 + 10000


def test_the_result_is_a_row_of_published_values_of_the_nation():
    one = nation(everywhere()).iloc[0]
    told = one[["source", "level", "unit", "owner_type", "group", "status"]]
    assert list(told) == ["weighted", "nation", "SE", "all", "all", "exists"]
    assert nation(everywhere()).dtypes.to_dict() == everywhere().dtypes.to_dict()


def test_too_few_municipalities_are_not_a_nation():
    assert nation(everywhere(MANY - 1)).empty
    assert len(nation(everywhere(MANY))) == 1


def test_hidden_and_missing_figures_are_left_out_and_never_count_as_nought():
    hidden = published("""
        unit | value | n   | status
        -----+-------+-----+---------
        9998 |       | 500 | too_few
        9999 |       | 500 | missing
    """)
    one = nation(pd.concat([everywhere(), hidden])).iloc[0]
    assert (one["value"], one["n"]) == (0.5, MANY * 100)


def test_nearly_all_counts_with_the_middle_of_its_interval():
    nearly = published("unit | value | lower | upper | n | status\n------\n9999 | | 0.96 | 0.99 | 100 | rounded")
    value = nation(pd.concat([everywhere(), nearly])).iloc[0]["value"]
    assert value == pytest.approx((MANY * 0.5 + 0.975) / (MANY + 1))


def test_a_figure_without_its_own_number_of_pupils_is_weighted_by_the_pupils_in_year_9_of_the_same_source_and_year():
    merit = everywhere(indicator="meritvarde", value=200.0, n=None)
    pupils = everywhere(indicator="antal_elever_ak9", value=100.0, n=None)
    large = published("""
        unit | indicator        | value | school_year | source
        -----+------------------+-------+-------------+------------------
        9999 | meritvarde       | 300   | 2024-25     | skolverket_export
        9999 | antal_elever_ak9 | 10000 | 2024-25     | skolverket_export
        9999 | antal_elever_ak9 | 1     | 2023-24     | skolverket_export
        9999 | antal_elever_ak9 | 1     | 2024-25     | kolada
    """)
    one = nation(pd.concat([merit, pupils, large]), ("meritvarde",)).iloc[0]
    assert one["value"] == pytest.approx((MANY * 100 * 200 + 10000 * 300) / (MANY * 100 + 10000))
    assert pd.isna(one["n"])


def test_a_municipality_of_which_the_source_knows_no_pupils_is_left_out():
    unknown = published("unit | value | n\n------\n9999 | 0.9 | -")
    assert nation(pd.concat([everywhere(), unknown])).iloc[0]["value"] == pytest.approx(0.5)


def test_figures_of_one_kind_of_owner_or_of_schools_never_enter():
    others = published("""
        unit     | value | n     | level        | owner_type
        ---------+-------+-------+--------------+------------
        9998     | 0.9   | 99999 | municipality | municipal
        90000001 | 0.9   | 99999 | school       | municipal
    """)
    assert nation(pd.concat([everywhere(), others])).iloc[0]["value"] == 0.5


def test_each_year_and_each_sex_has_its_own_nation():
    parts = [everywhere(), everywhere(school_year="2023-24", value=0.4), everywhere(group="girl", value=0.6)]
    told = nation(pd.concat(parts)).set_index(["school_year", "group"])["value"].to_dict()
    assert told == pytest.approx({("2024-25", "all"): 0.5, ("2023-24", "all"): 0.4, ("2024-25", "girl"): 0.6})


def test_of_two_sources_the_one_with_more_municipalities_speaks_for_the_nation():
    more = everywhere(MANY + 5, source="kolada", value=0.7)
    assert list(nation(pd.concat([everywhere(), more]))["value"]) == pytest.approx([0.7])


def test_an_indicator_nobody_asked_for_is_not_weighed():
    assert nation(everywhere(), ("meritvarde",)).empty


def against_the_municipality(places: dict[str, str] | None) -> dict[str, float]:
    """School → the municipality's figure it was held against; 9001 is the settings' own municipality."""
    drawn = figures("""
        level        | unit     | estimate | lower | upper | n   | count
        -------------+----------+----------+-------+-------+-----+------
        school       | 90000001 | 0.60     | 0.5   | 0.7   | 100 | 60
        school       | 90000002 | 0.60     | 0.5   | 0.7   | 100 | 60
        municipality | 9001     | 0.50     | 0.4   | 0.6   | 900 | 450
        municipality | 9002     | 0.80     | 0.7   | 0.9   | 900 | 720
    """)
    own = Municipality(country="se", code="9001", name="Ekköping", languages=("sv",), audiences={"public": PUBLIC}, trust=())
    rows = compare(drawn, own, INDICATORS, places).to_frame()
    rows = rows[rows["level"].eq("school") & rows["reference"].eq("municipality")]
    return rows.set_index("unit")["reference_estimate"].to_dict()


def test_a_school_is_held_against_the_municipality_it_lies_in():
    assert against_the_municipality({"90000001": "9001", "90000002": "9002"}) == {"90000001": 0.5, "90000002": 0.8}


def test_a_school_of_which_no_place_is_known_lies_in_the_settings_own_municipality():
    assert against_the_municipality({"90000002": "9002"}) == {"90000001": 0.5, "90000002": 0.8}
    assert against_the_municipality(None) == {"90000001": 0.5, "90000002": 0.5}


def test_a_school_whose_municipality_has_no_figure_is_held_against_none():
    assert pd.isna(against_the_municipality({"90000001": "9003"})["90000001"])
