"""Which of Kolada's key figures are our indicators, whose schools they count and which school year they tell about.

Kolada dates by calendar year. Results, surveys and what is measured in spring of year Y belong to the school year that
ends in Y. What is counted on 15 October of Y (pupils, posts, enrolment) belongs to the school year that begins in Y.

Every id here is held against Kolada's own titles by a test. Left out on purpose, and kept under Kolada's id:

- figures by pupils' home municipality (hemkommun): another population than any other source has;
- ``U15416``, the SALSA deviation of the merit value: its title says points, its description per cent;
- ``N15819``/``N15823``, newly arrived in year 9 only: ``nyinvandrade`` is about years 1-9;
- the shares of favourable answers in Skolenkäten: the indicators are an index from 0 to 10.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kpi:
    """What one key figure is.

    ``share`` is written in per cent (or percentage points); ``autumn`` is counted on 15 October. ``decimals`` is how
    many we show, since Kolada gives all its computer has.
    """

    indicator: str
    owner_type: str = "all"
    share: bool = False
    autumn: bool = False
    decimals: int = 1


OWNER_TYPES = ("all", "municipal", "independent")


def _three(indicator: str, all_owners: str, municipal: str, independent: str, **facts: bool | int) -> dict[str, Kpi]:
    """All schools in the municipality (lägeskommun), its own schools, and the independent ones; ``""`` where there is none."""
    ids = zip((all_owners, municipal, independent), OWNER_TYPES, strict=True)
    return {kpi: Kpi(indicator, owner_type, **facts) for kpi, owner_type in ids if kpi}  # type: ignore[arg-type]


KPIS: dict[str, Kpi] = {
    **_three("meritvarde", "N15504", "N15505", "N15506"),
    **_three("alla_amnen_ak9", "N15418", "N15419", "N15420", share=True),
    **_three("behorighet_yrkesprogram", "N15424", "N15436", "N15432", share=True),
    **_three("behorighet_estetiskt", "N15423", "N15435", "N15431", share=True),
    **_three("behorighet_ekonomi_humaniora_samhalle", "N15422", "N15434", "N15430", share=True),
    **_three("behorighet_natur_teknik", "N15421", "N15433", "N15429", share=True),
    **_three("alla_amnen_ak6", "N15539", "N15540", "N15541", share=True),
    **_three("np3_svenska", "N15447", "N15450", "N15449", share=True),
    **_three("np3_matematik", "N15444", "N15454", "N15453", share=True),
    **_three("hogre_betyg_an_prov_svenska", "U15433", "N15570", "", share=True),
    **_three("hogre_betyg_an_prov_matematik", "U15429", "N15572", "", share=True),
    **_three("hogre_betyg_an_prov_engelska", "U15431", "N15574", "", share=True),
    **_three("lagre_betyg_an_prov_svenska", "U15434", "N15569", "", share=True),
    **_three("lagre_betyg_an_prov_matematik", "U15430", "N15571", "", share=True),
    **_three("lagre_betyg_an_prov_engelska", "U15432", "N15573", "", share=True),
    **_three("salsa_avvikelse_alla_amnen", "U15414", "", "", share=True),
    **_three("gymnasieexamen_3_ar", "N17448", "N17451", "N17454", share=True),
    **_three("gymnasieexamen_4_ar", "N17464", "N17467", "N17470", share=True),
    **_three("betygspoang_gymnasiet", "N17692", "N17691", "N17690"),
    **_three("lararbehorighet", "N15813", "N15814", "N15815", share=True, autumn=True),
    **_three("elever_per_larare", "N15033", "N15034", "N15035", autumn=True),
    **_three("foraldrar_eftergymnasial", "N15816", "N15820", "N15824", share=True, autumn=True),
    **_three("nyinvandrade", "", "N15902", "N15903", share=True, autumn=True),
    **_three("antal_elever", "N15807", "N15809", "N15810", autumn=True, decimals=0),
    **_three("forskola_barn_per_tjanst", "N11102", "N11010", "N11011", autumn=True),
    **_three("forskola_legitimation", "N11808", "N11810", "N11809", share=True, autumn=True),
    **_three("fritidshem_elever_per_tjanst", "N13014", "N13805", "", autumn=True),
    **_three("fritidshem_hogskoleutbildning", "N13015", "N13037", "N13038", share=True, autumn=True),
}


def kpi_of(kpi: str) -> Kpi:
    """What a key figure is; one we have no indicator for keeps Kolada's id, unit and the school year that ends in its year."""
    return KPIS.get(kpi) or Kpi(f"kolada_{kpi.casefold()}")


def school_year_of(kpi: str, year: int) -> str:
    """The school year a key figure of a calendar year tells about.

    >>> school_year_of("N15505", 2024), school_year_of("N15034", 2024)
    ('2023-24', '2024-25')
    """
    begins = year if kpi_of(kpi).autumn else year - 1
    return f"{begins}-{(begins + 1) % 100:02d}"
