"""Answers in people's own words are scanned before a person reads them, and refused when they say how to reach somebody."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.sources.free_text import FOUND, fingerprint, found_in
from tests.sources.door import deliver, told

SE_COMMENTS = """\
svarsid;skolenhetskod;skola;läsår;svarsgrupp;fråga;kommentar
S1000;90012345;Norrskolan;2023/24;elev;Vad är bra?;rasterna är roliga
S1001;90012345;Norrskolan;2023/24;elev;Vad är bra?;Karin hjälper mig alltid
S1002;90012345;Norrskolan;2023/24;vårdnadshavare;Vad är bra?;
"""
NO_COMMENTS = """\
svarnummer;organisasjonsnummer;skolenavn;skoleår;svargruppe;spørsmål;fritekstsvar
R2000;312345005;Granlia skole;2023-24;elev;Hva er bra?;friminuttene er gøy
R2001;312345005;Granlia skole;2023-24;foresatt;Hva er bra?;Kontaktlæreren Øyvind følger opp
"""
SE_REVIEW = """\
svarsid;skolenhetskod;läsår;fråga;funnet;kommentar;får_visas;granskad_av;avtryck
S1000;90012345;2023/24;Vad är bra?;;rasterna är roliga;ja;AB;t_0123456789abcdef
S1001;90012345;2023/24;Vad är bra?;namn?;[…] hjälper mig alltid;nej;AB;t_0123456789abcde0
S1003;90012345;2023/24;Vad är bra?;;Maten;;;t_0123456789abcde1
"""
NO_REVIEW = """\
svarnummer;organisasjonsnummer;skoleår;spørsmål;funnet;kommentar;kan_vises;lest_av;avtrykk
R2000;312345005;2023-24;Hva er bra?;;friminuttene er gøy;ja;;t_0123456789abcdef
"""
REACHABLE = ["Ring 070-174 06 05", "Skriv till a.b@exempel.se", "Hon har 20121212-1212", "Tlf 900 12 345"]
FIGURES = {"texts in which a scan finds what a person must look at": 24}
SCANNED = {
    "Karin är alltid snäll": "name",
    "jag vill sitta bredvid Moa-Lisa": "name",
    "Idas mamma hjälper till": "name",
    "ALMA retas": "name",
    "Det var Åke som började": "name",
    "Øyvind er snill": "name",
    "jeg vil sitte ved siden av Ingrid": "name",
    "Because of Mohammed I feel safe": "name",
    "det är stökigt i 9B": "class",
    "de i 4 a är högljudda": "class",
    "hela åk 8 vet det": "class",
    "alle på trinn 7 vet det": "class",
    "vi bor på storgatan 12": "address",
    "mitt emot björkvägen 31": "address",
    "vi bor i kirkeveien 14": "address",
    "ved torggata 2": "address",
    "se https://exempel.se/sida": "link",
    "det står på www.exempel.no": "link",
    "det står på klassen.com": "link",
    "skriv till @skuggan": "link",
    "min kod är 48213": "number",
    "bussen 12 34 5": "number",
    "nummer 1-2-3-4-5": "number",
    "Karin i 9B, storgatan 12": "name, class, address",
}
PLAIN = [
    "Rasten är för kort", "Jag trivs", "Bra.", "VARFÖR är maten kall?", "Lærerne er flinke", "SO och NO är roligt",
    "Vi är 25 i klassen",
]  # fmt: skip
DICTIONARY = "rasten varför flinke roligt trivs varför because of i feel safe rasterna lærerne är det var som hela"


def found(text: str) -> str:
    return found_in(pd.Series([text, DICTIONARY])).fillna("").iloc[0]


@pytest.mark.parametrize("text", SCANNED)
def test_what_has_the_form_of_a_name_a_class_an_address_a_link_or_a_number_is_found(text):
    assert found(text) == SCANNED[text]
    assert set(SCANNED[text].split(", ")) <= set(FOUND)


def test_there_are_as_many_texts_as_we_say():
    assert len(SCANNED) == FIGURES["texts in which a scan finds what a person must look at"]


@pytest.mark.parametrize("text", PLAIN)
def test_ordinary_words_that_begin_a_sentence_are_not_taken_for_names(text):
    assert found(text) == ""


def test_a_delivery_is_its_own_dictionary():
    alone, among = found_in(pd.Series(["Fotboll är kul"])), found_in(pd.Series(["Fotboll är kul", "mer fotboll"]))
    assert (alone.iloc[0], among.isna().all()) == ("name", True)


@pytest.mark.parametrize(("content", "respondents"), [(SE_COMMENTS, ["pupil", "pupil"]), (NO_COMMENTS, ["pupil", "guardian"])])
def test_answers_are_read_each_with_what_was_found_in_it(content, respondents):
    filled = deliver(content)
    assert filled.table == "comments"
    assert list(filled.rows["respondents"]) == respondents
    assert list(filled.rows["found"].fillna("")) == ["", "name"]
    assert not any("never stored" in note for note in filled.notes)


@pytest.mark.parametrize(("content", "fit"), [(SE_REVIEW, [True, False]), (NO_REVIEW, [True])])
def test_a_form_that_is_filled_in_is_read_and_rows_without_a_mark_wait(content, fit):
    filled = deliver(content)
    assert filled.table == "comment_reviews"
    assert list(filled.rows["fit"]) == fit


@pytest.mark.parametrize("text", REACHABLE)
@pytest.mark.parametrize("content", [SE_COMMENTS, SE_REVIEW], ids=["comments", "form"])
def test_a_text_that_says_how_to_reach_somebody_is_refused_with_its_line_and_without_its_words(content, text):
    assert told(content.replace("rasterna är roliga", text)) == [("kommentar", "DIRECT_IDENTIFIER", (2,))]


def test_a_question_is_held_to_the_same():
    assert told(SE_COMMENTS.replace("Vad är bra?", "Ring 070-174 06 05?")) == [("fråga", "DIRECT_IDENTIFIER", (2, 3, 4))]


def test_a_form_in_which_nothing_is_marked_is_refused():
    unmarked = "\n".join(line.replace(";ja;", ";;").replace(";nej;", ";;") for line in SE_REVIEW.splitlines())
    assert [code for _, code, _ in told(unmarked)] == ["NO_ROWS"]


def test_a_mark_that_is_neither_yes_nor_no_is_refused():
    assert told(SE_REVIEW.replace(";ja;", ";kanske;")) == [("får_visas", "INVALID_VALUE", (2,))]


def test_a_judgement_is_of_the_very_words_that_were_read():
    assert fingerprint("Rasten") == fingerprint("Rasten") != fingerprint("Rasten.")
    assert fingerprint("Rasten")[0].isalpha()


@pytest.mark.parametrize("digits", ["0701740605", "0046701740605"])
def test_a_pseudonym_of_ours_is_taken_back_whatever_digits_chance_has_put_in_it(digits):
    ours = f"p_{digits}".ljust(34, "a")
    assert len(deliver(SE_REVIEW.replace("S1000", ours)).rows) == 2
    assert told(SE_REVIEW.replace("S1000", ours + "z")) == [("svarsid", "DIRECT_IDENTIFIER", (2,))]
