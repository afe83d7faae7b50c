"""What measure_all promises of figures computed here and published, drawn on a whiteboard."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.measure import COLUMNS, FIGURE
from kvalitet_lib.statistics import pooled_variances, shrink_means, wilson
from tests.spec.measure_sheets import (
    ASVALLEN,
    EKBACKEN,
    FRISKOLAN,
    PUPILS,
    SCHOOLS,
    all_of,
    number,
    one,
    points,
    published,
    reached,
    salsa,
)


def test_every_figure_has_all_columns_and_stands_once():
    figures = all_of([reached, points, salsa], pupils=PUPILS, schools=SCHOOLS).to_frame()
    assert list(figures) == COLUMNS
    assert not figures.duplicated(FIGURE).any()
    assert set(figures.level) == {"school", "municipality"}


def test_no_rows_at_all_are_no_error():
    assert len(all_of([reached], pupils=PUPILS.iloc[:0], schools=SCHOOLS).to_frame()) == 0
    assert len(all_of([reached]).to_frame()) == 0


def test_a_breakdown_stands_beside_the_whole_with_its_values_as_words():
    figures = all_of([reached], pupils=PUPILS)
    boys = one(figures, level="school", unit=EKBACKEN, breakdown="sex", group="boy", school_year="2023-24")
    assert (boys.estimate, boys.n, boys.missing) == (0, 1, 0.5)
    arrived = one(figures, level="school", unit=EKBACKEN, breakdown="newly_arrived", group="yes", school_year="2023-24")
    assert arrived.n == 1


def test_who_has_no_known_sex_belongs_to_the_whole_but_to_no_sex():
    figures = all_of([reached], pupils=PUPILS.assign(sex=PUPILS.sex.where(PUPILS.pupil.ne("a")))).to_frame()
    of_school = figures[figures.unit.eq(EKBACKEN) & figures.level.eq("school")]
    assert of_school[of_school.breakdown.eq("all")].n.sum() == of_school[of_school.breakdown.eq("sex")].n.sum() + 1


def test_the_municipality_is_its_own_schools_not_the_independent_ones():
    independent = PUPILS.assign(school=PUPILS.school.where(PUPILS.pupil.ne("e"), FRISKOLAN))
    figures = all_of([number], pupils=independent, schools=SCHOOLS)
    assert one(figures, level="municipality", school_year="2023-24").n == 5
    assert one(figures, level="school", unit=FRISKOLAN).n == 1


def test_a_merged_schools_years_stay_under_its_own_code():
    figures = all_of([number], pupils=PUPILS, schools=SCHOOLS).to_frame()
    assert set(figures[figures.unit.eq(ASVALLEN) & figures.school_year.eq("2023-24")].n) == {2}


def test_the_first_trusted_source_that_states_a_figure_is_shown():
    values = published(f"""
        source   | level  | unit       | school_year | value | status
        ---------+--------+------------+-------------+-------+--------
        kolada   | school | {EKBACKEN} | 2021-22     | 0.7   | exists
        register | school | {EKBACKEN} | 2021-22     | 0.8   | exists
        kolada   | school | {EKBACKEN} | 2022-23     | 0.6   | exists
        register | school | {EKBACKEN} | 2022-23     |       | too_few
        register | school | {EKBACKEN} | 2023-24     | 0.9   | exists
    """)
    figures = (
        all_of([reached], pupils=PUPILS, published_values=values).to_frame().query("level == 'school' and breakdown == 'all'")
    )
    sources = figures[figures.unit.eq(EKBACKEN)].set_index("school_year").source.to_dict()
    assert sources == {"2021-22": "register", "2022-23": "kolada", "2023-24": "local"}


def test_a_figure_no_source_states_keeps_the_first_ones_reason():
    values = published(f"""
        source   | level  | unit       | school_year | value | status  | original
        ---------+--------+------------+-------------+-------+---------+---------
        register | school | {EKBACKEN} | 2021-22     |       | too_few | ..
    """)
    figure = one(all_of([reached], published_values=values), unit=EKBACKEN)
    assert (figure.status, figure.original, np.isnan(figure.estimate)) == ("too_few", "..", True)


def test_about_100_is_an_interval_and_never_100():
    values = published(f"""
        level  | unit       | school_year | value | lower | upper | n  | status  | original
        -------+------------+-------------+-------+-------+-------+----+---------+---------
        school | {EKBACKEN} | 2021-22     |       | 0.90  | 0.975 | 40 | rounded | ~100
    """)
    figure = one(all_of([reached], published_values=values), unit=EKBACKEN)
    assert np.isnan(figure.estimate) and np.isnan(figure["count"])
    assert (figure.lower, figure.upper, figure.method, figure.original) == (0.90, 0.975, "agency_interval", "~100")


def test_a_published_share_has_an_interval_only_when_the_agency_says_of_how_many():
    values = published("""
        level  | unit | school_year | value | n
        -------+------+-------------+-------+----
        nation | SE   | 2021-22     | 0.8   | -
        nation | SE   | 2022-23     | 0.8   | 100
    """)
    figures = all_of([reached], published_values=values)
    unknown, known = one(figures, school_year="2021-22"), one(figures, school_year="2022-23")
    assert (unknown.method, np.isnan(unknown.lower)) == ("published", True)
    assert known.method == "wilson"
    assert (known.lower, known.upper) == pytest.approx(tuple(float(bound[0]) for bound in wilson([80], [100])))


def test_published_girls_and_boys_become_breakdown_sex():
    values = published("""
        level  | unit | school_year | group | value
        -------+------+-------------+-------+------
        nation | SE   | 2021-22     | girl  | 0.9
    """)
    assert one(all_of([reached], published_values=values), breakdown="sex", group="girl").estimate == 0.9


def test_the_municipality_means_its_municipal_schools_and_the_nation_all():
    values = published("""
        level        | unit | owner_type  | school_year | value
        -------------+------+-------------+-------------+------
        municipality | 9001 | all         | 2021-22     | 0.7
        municipality | 9001 | municipal   | 2021-22     | 0.6
        municipality | 9001 | independent | 2021-22     | 0.9
        nation       | SE   | municipal   | 2021-22     | 0.5
        nation       | SE   | all         | 2021-22     | 0.8
        municipality | 9009 | all         | 2021-22     | 0.1
    """)
    figures = all_of([reached], published_values=values).to_frame()
    assert figures.set_index(["level", "unit"]).estimate.to_dict() == {("municipality", "9001"): 0.6, ("nation", "SE"): 0.8}


def test_comparable_municipalities_are_the_unweighted_mean_of_their_values():
    values = published("""
        level        | unit | school_year | value | n
        -------------+------+-------------+-------+------
        municipality | 9002 | 2021-22     | 0.5   | 10
        municipality | 9003 | 2021-22     | 0.9   | 10000
        municipality | 9002 | 2022-23     | 0.5   | 10
    """)
    figures = all_of([reached], published_values=values)
    group = one(figures, level="group")
    assert (group.unit, group.school_year, group.method) == ("similar", "2021-22", "published")
    assert group.estimate == pytest.approx(0.7) and np.isnan(group.n)


def test_published_schools_are_those_of_the_municipality():
    values = published(f"""
        level  | unit       | school_year | value
        -------+------------+-------------+------
        school | {EKBACKEN} | 2021-22     | 0.7
        school | 12345678   | 2021-22     | 0.7
    """)
    assert set(all_of([reached], schools=SCHOOLS, published_values=values).to_frame().unit) == {EKBACKEN}
    assert set(all_of([reached], published_values=values).to_frame().unit) == {EKBACKEN, "12345678"}


def disagreeing(drawing: str) -> list[float]:
    found = all_of([reached, points], published_values=published(drawing)).disagreements
    assert list(found) == ["indicator", "level", "unit", "school_year", "group", "shown_source", "other_source", "difference"]
    return found.difference.round(6).tolist()


def test_sources_agree_when_the_finer_rounds_to_the_coarser():
    assert disagreeing("""
        source   | level  | unit | school_year | value  | decimals
        ---------+--------+------+-------------+--------+---------
        register | nation | SE   | 2021-22     | 0.8045 | 2
        kolada   | nation | SE   | 2021-22     | 0.80   | 0
        register | nation | SE   | 2022-23     | 0.8045 | 2
        kolada   | nation | SE   | 2022-23     | 0.81   | 0
        register | nation | SE   | 2023-24     | 0.804  | 1
        kolada   | nation | SE   | 2023-24     | 0.805  | 1
    """) == [0.0055, 0.001]


def test_rounding_of_points_is_not_in_per_cent():
    assert disagreeing("""
        indicator | source   | level  | unit | school_year | value | decimals
        ----------+----------+--------+------+-------------+-------+---------
        points    | register | nation | SE   | 2021-22     | 220.4 | 1
        points    | kolada   | nation | SE   | 2021-22     | 220   | 0
        points    | register | nation | SE   | 2022-23     | 220.4 | 1
        points    | kolada   | nation | SE   | 2022-23     | 221   | 0
    """) == [0.6]


def test_about_100_agrees_with_what_lies_inside_it():
    assert disagreeing("""
        source   | level  | unit | school_year | value | lower | upper | status
        ---------+--------+------+-------------+-------+-------+-------+--------
        register | nation | SE   | 2021-22     |       | 0.90  | 0.975 | rounded
        kolada   | nation | SE   | 2021-22     | 0.95  |       |       | exists
        register | nation | SE   | 2022-23     |       | 0.90  | 0.975 | rounded
        kolada   | nation | SE   | 2022-23     | 1     |       |       | exists
    """) == [0.025]


def test_small_schools_are_drawn_towards_all_and_groups_of_pupils_are_not():
    rng = np.random.default_rng(5)
    sizes = {f"9001000{i}": n for i, n in enumerate([6, 20, 40, 60, 80, 100])}
    rates = dict(zip(sizes, [0.2, 0.5, 0.9, 0.7, 0.6, 0.8], strict=True))
    school = np.repeat(list(sizes), list(sizes.values()))
    pupils = pd.DataFrame(
        {"pupil": np.arange(len(school)).astype(str), "school": school, "school_year": "2023-24", "sex": "girl"}
    )
    rate = pupils.school.map(rates).to_numpy(dtype=float)
    pupils = pupils.assign(goal=rng.random(len(pupils)) < rate, points=rng.normal(200, 30, len(pupils)) + 100 * rate)
    figures = all_of([reached, points], pupils=pupils).to_frame()
    schools = figures.query("level == 'school' and breakdown == 'all'")
    assert schools.shrunken.notna().all()
    assert figures.drop(schools.index).shrunken.isna().all()
    for _, family in schools.groupby("indicator"):
        small, large = family.iloc[0], family.iloc[-1]
        assert abs(small.shrunken - small.estimate) > 3 * abs(large.shrunken - large.estimate)
    drawn = schools[schools.indicator.eq("points")]
    spread = pupils.groupby("school").points.std()
    assert drawn.shrunken.tolist() == pytest.approx(shrink_means(drawn.estimate, pooled_variances(spread, drawn.n)).tolist())
    four = all_of([reached, points], pupils=pupils[pupils.school.isin(list(sizes)[:4])]).to_frame()
    assert four.shrunken.isna().all(), "four schools are too few"
