"""A workbook that is untidy but right gives the rows of the tidy text file."""

from __future__ import annotations

import pytest

from tests.sources.books import Leaf, table, xlsx
from tests.sources.door import NO_TEST, SE_ABSENCE, SE_GRADES, SE_SCHOOLS, deliver
from tests.sources.untidy_workbooks import UNTIDY

FIGURES = {"untidy workbooks read right": 46}


@pytest.mark.parametrize(("name", "make"), [case[1:] for case in UNTIDY], ids=[case[0] for case in UNTIDY])
def test_an_untidy_workbook_gives_the_rows_of_the_tidy_text(name, make):
    assert deliver(make(), name).rows.equals(deliver(SE_GRADES).rows)


def test_as_many_untidy_workbooks_are_read_as_is_said():
    assert len(UNTIDY) == FIGURES["untidy workbooks read right"]


@pytest.mark.parametrize(("about", "day"), [("", 45180), ('<workbookPr date1904="1"/>', 45180 - 1462)])
def test_a_date_is_the_same_day_whichever_year_a_workbook_counts_from(about, day):
    rows = table(NO_TEST)
    place = rows[0].index("prøvedato")
    dated = [rows[0], *([*row[:place], f's="1"><v>{day}</v></c>'.encode()] for row in rows[1:3])]
    expected = deliver(NO_TEST.replace("2023-09-12", "2023-09-11")).rows.test_date[:2]
    assert deliver(xlsx(Leaf(dated), about=about, formats=[14]), "b.xlsx").rows.test_date.tolist() == expected.tolist()


def test_a_municipality_code_keeps_the_zero_its_format_shows():
    rows = table(SE_SCHOOLS)
    place = rows[0].index("kommunkod")
    shown = [rows[0], *([*row[:place], f's="1"><v>{int(row[place])}</v></c>'.encode(), *row[place + 1 :]] for row in rows[1:])]
    assert deliver(xlsx(Leaf(shown), formats=["0000"]), "b.xlsx").rows.equals(deliver(SE_SCHOOLS).rows)


def test_a_month_written_as_text_is_a_month_in_a_workbook_too():
    assert deliver(xlsx(Leaf(table(SE_ABSENCE))), "b.xlsx").rows.equals(deliver(SE_ABSENCE).rows)
