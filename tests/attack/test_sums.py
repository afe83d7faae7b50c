"""What adds up: a hidden school or group is what is left over, for whoever knows the rest."""

from __future__ import annotations

import pytest

from tests.attack.drawn import SHARE, drawn, told

ONE_HIDDEN = """
    unit | n  | count | shown
    -----+----+-------+------
    9001 | 60 | 40    | yes
    a    | 25 | 15    | yes
    b    | 28 | 20    | yes
    c    | 7  | 5     | no
"""
TWO_HIDDEN = """
    unit | n  | shown
    -----+----+------
    9001 | 68 | yes
    a    | 25 | yes
    b    | 28 | yes
    c    | 7  | no
    d    | 8  | no
"""
THREE_HIDDEN = """
    unit | n  | shown
    -----+----+------
    9001 | 62 | yes
    a    | 25 | yes
    b    | 17 | yes
    c    | 7  | no
    d    | 8  | no
    e    | 5  | no
"""
FOUR_HIDDEN = """
    unit | n  | shown
    -----+----+------
    9001 | 66 | yes
    a    | 25 | yes
    b    | 17 | yes
    c    | 7  | no
    d    | 8  | no
    e    | 5  | no
    f    | 4  | no
"""


def test_the_only_hidden_school_is_the_municipality_less_the_others(tmp_path):
    assert told(drawn(ONE_HIDDEN).written(tmp_path / "r")) == {"recovered n c all"}


def test_so_are_its_count_and_those_not_counted_where_the_shares_tell_the_others(tmp_path):
    found = told(drawn(ONE_HIDDEN, indicator=SHARE).written(tmp_path / "r"))
    assert found == {f"recovered {quantity} c all" for quantity in ("n", "count", "rest")}


def test_of_two_hidden_schools_only_the_other_ones_head_can_tell(tmp_path):
    one = drawn(TWO_HIDDEN)
    assert told(one.written(tmp_path / "r")) == set()
    assert told(tmp_path / "r", one.known) == {"recovered n c all by d", "recovered n d all by c"}


def test_of_three_it_takes_the_heads_of_the_two_others(tmp_path):
    one = drawn(THREE_HIDDEN)
    assert told(one.written(tmp_path / "r")) == set()
    found = {"recovered n c all by d+e", "recovered n d all by c+e", "recovered n e all by c+d"}
    assert told(tmp_path / "r", one.known) == found


def test_of_four_no_two_heads_can_tell(tmp_path):
    one = drawn(FOUR_HIDDEN)
    assert told(one.written(tmp_path / "r"), one.known) == set()


def test_a_head_s_own_figures_are_no_finding(tmp_path):
    one = drawn("""
        unit | group | n  | shown
        a    | all   | 9  | no
        a    | girl  | 4  | no
        a    | boy   | 5  | no
        b    | all   | 30 | yes
    """)
    assert told(one.written(tmp_path / "r"), one.known) == set()


def test_what_is_left_over_is_no_finding_when_it_is_ten(tmp_path):
    many = ONE_HIDDEN.replace("| 60 ", "| 63 ").replace("| 7  |", "| 10 |")
    assert told(drawn(many).written(tmp_path / "r")) == set()


def test_nor_when_it_is_nobody(tmp_path):
    nobody = ONE_HIDDEN.replace("| 60 ", "| 53 ").replace("| 40 ", "| 35 ").replace("| 7  | 5 ", "| 0  | 0 ")
    for indicator in ("meritvarde", SHARE):
        assert told(drawn(nobody, indicator=indicator).written(tmp_path / indicator)) == set()


def test_girls_are_all_less_boys(tmp_path):
    one = drawn("""
        unit | group | n  | shown
        a    | all   | 25 | yes
        a    | boy   | 19 | yes
        a    | girl  | 6  | no
    """)
    assert told(one.written(tmp_path / "r")) == {"recovered n a girl"}


def test_a_sum_across_schools_and_one_across_groups_are_used_together(tmp_path):
    """Girls at c: the municipality's girls less those of a and b; boys at c: nothing but c itself, which is hidden."""
    one = drawn("""
        unit | group | n  | shown
        9001 | all   | 90 | yes
        9001 | girl  | 44 | yes
        9001 | boy   | 46 | yes
        a    | all   | 40 | yes
        a    | girl  | 20 | no
        a    | boy   | 20 | no
        b    | all   | 41 | yes
        b    | girl  | 21 | yes
        b    | boy   | 20 | yes
        c    | all   | 9  | no
        c    | girl  | 3  | no
        c    | boy   | 6  | no
    """)
    assert told(one.written(tmp_path / "r")) == {"recovered n c all"}
    assert told(tmp_path / "r", one.known) == {"recovered n c all", "recovered n c girl by a", "recovered n c boy by a"}


NEWLY_ARRIVED = """
    unit | group | n  | shown
    9001 | all   | 60 | yes
    9001 | yes   | 4  | {yes}
    9001 | no    | 56 | {no}
    a    | all   | 30 | yes
    a    | no    | 30 | yes
    c    | all   | 30 | yes
    c    | yes   | 4  | no
    c    | no    | 26 | no
"""


def test_a_municipality_s_figure_tells_the_head_of_all_who_stand_behind_it_nothing_new(tmp_path):
    one = drawn(NEWLY_ARRIVED.format(yes="no", no="no"))
    assert told(one.written(tmp_path / "r"), one.known) == set()


def test_but_anybody_can_tell_it_when_all_the_others_are_shown(tmp_path):
    one = drawn(NEWLY_ARRIVED.format(yes="no", no="yes"))
    assert told(one.written(tmp_path / "r"), one.known) == {
        "recovered n 9001 yes",
        "recovered n c yes",
    }


@pytest.mark.parametrize(("band", "count", "width"), [("40–60", 20, 8), ("~100", 34, 8), ("60–80", 28, 8), ("~0", 6, 8)])
def test_a_hidden_count_is_as_wide_as_the_band_beside_it(tmp_path, band, count, width):
    """40 pupils in a fifth of the scale: nine counts are possible; what is left for c has the same nine."""
    rows = f"""
        unit | n   | count        | shown
        9001 | 100 | {count + 38} | yes
        a    | 40  | {count}      | {band}
        b    | 45  | 30           | yes
        c    | 15  | 8            | no
    """
    release = drawn(rows, indicator=SHARE).written(tmp_path / "r")
    assert told(release, narrow=width) == set()
    assert "narrow count c all" in told(release, narrow=width + 1)


def test_bands_of_few_persons_leave_so_little_that_it_is_found(tmp_path):
    """14 pupils between 40 and 60 per cent are 6, 7 or 8; what is left for c is 2, 3 or 4."""
    rows = """
        unit | n  | count | shown
        9001 | 74 | 37    | yes
        a    | 14 | 7     | 40–60
        b    | 45 | 27    | yes
        c    | 15 | 3     | no
    """
    assert told(drawn(rows, indicator=SHARE).written(tmp_path / "r")) == {"narrow count c all"}


def test_a_band_of_few_persons_near_the_end_tells_by_itself(tmp_path):
    """12 pupils with at least 80 per cent: none, one or two did not reach the goal."""
    one = drawn("unit | n | count | shown\na | 12 | 11 | ~100\nb | 40 | 20 | yes", indicator=SHARE)
    assert told(one.written(tmp_path / "r")) == {"narrow count a all"}


def test_groups_that_visibly_do_not_add_up_are_not_taken_to(tmp_path):
    """At b one pupil is of no known sex, so at a the girls may be fewer than all less boys."""
    one = drawn("""
        unit | group | n  | shown
        a    | all   | 25 | yes
        a    | boy   | 19 | yes
        a    | girl  | 5  | no
        b    | all   | 40 | yes
        b    | boy   | 20 | yes
        b    | girl  | 19 | yes
    """)
    assert told(one.written(tmp_path / "r")) == set()


@pytest.mark.parametrize("sides", [("count", (93, 34, 29, 30)), ("rest", (7, 6, 1, 0))])
def test_that_at_most_one_pupil_is_left_over_is_found_on_both_sides_of_a_share(tmp_path, sides):
    """How many pupils c and d have remains open; that one of them at most did not pass, or passed, does not."""
    quantity, (everywhere, a, c, d) = sides[0], sides[1]
    rows = f"""
        unit | n   | count        | shown
        9001 | 100 | {everywhere} | yes
        a    | 40  | {a}          | yes
        c    | 30  | {c}          | no
        d    | 30  | {d}          | no
    """
    missed = {"count": "rest", "rest": "count"}[quantity]
    found = told(drawn(rows, indicator=SHARE).written(tmp_path / "r"))
    assert found == {f"narrow {missed} c all", f"narrow {missed} d all"}
