"""Which figures may be delivered as published, and the range each has as agencies write it (shares in per cent)."""

from __future__ import annotations

from typing import NamedTuple


class Scale(NamedTuple):
    """``share``: written in per cent, kept as 0-1. ``least`` and ``most`` are in the unit written."""

    share: bool
    least: float
    most: float


SHARE = Scale(True, 0, 100)
SHARE_DIFFERENCE = Scale(True, -100, 100)
MERIT = Scale(False, 0, 340)
MERIT_DIFFERENCE = Scale(False, -340, 340)
GRADE_POINTS_SE = Scale(False, 0, 20)
GRADE_POINTS_NO = Scale(False, 1, 6)
SCHOOL_POINTS = Scale(False, 10, 60)
INDEX_10 = Scale(False, 0, 10)
INDEX_5 = Scale(False, 1, 5)
TEST_SCALE = Scale(False, 0, 100)
PER_POST = Scale(False, 0, 1000)
DAYS = Scale(False, 0, 200)
HOURS = Scale(False, 0, 2000)
PERSONS = Scale(False, 0, 1e7)
CONTRIBUTION = Scale(False, -10, 10)

_FAG = ("norsk", "matematikk", "engelsk")
_SUBJECTS = ("svenska", "matematik", "engelska")
SCALES: dict[str, Scale] = {
    "meritvarde": MERIT,
    "salsa_avvikelse_meritvarde": MERIT_DIFFERENCE,
    "salsa_avvikelse_alla_amnen": SHARE_DIFFERENCE,
    "betygspoang_gymnasiet": GRADE_POINTS_SE,
    "antal_elever": PERSONS,
    "antall_elever": PERSONS,
    "grunnskolepoeng": SCHOOL_POINTS,
    "fravaersdager_median": DAYS,
    "fravaerstimer_median": HOURS,
    "skolebidrag": CONTRIBUTION,
    **{f"np9_{subject}": GRADE_POINTS_SE for subject in _SUBJECTS},
    **{f"np9_{subject}_godkant": SHARE for subject in _SUBJECTS},
    **{f"np6_{subject}": GRADE_POINTS_SE for subject in _SUBJECTS},
    **{f"{way}_betyg_an_prov_{subject}": SHARE for way in ("hogre", "lagre") for subject in _SUBJECTS},
    **{f"skolenkaten_{item}": INDEX_10 for item in ("trygghet", "studiero", "stod", "stimulans", "nojdhet")},
    **{f"{kind}_{subject}": GRADE_POINTS_NO for kind in ("standpunkt", "eksamen") for subject in _FAG},
    **{f"np{year}_{test}": TEST_SCALE for year in (5, 8) for test in ("lesing", "regning", "engelsk")},
    **{f"np9_{test}": TEST_SCALE for test in ("lesing", "regning")},
    **{
        f"elevundersokelsen_{item}": INDEX_5
        for item in (
            "trivsel", "stotte_fra_larer", "stotte_hjemmefra", "faglig_utfordring", "vurdering_for_laering", "laeringskultur",
            "mestring", "motivasjon", "elevdemokrati", "felles_regler",
        )
    },
    **dict.fromkeys(
        ("elever_per_larare", "forskola_barn_per_tjanst", "fritidshem_elever_per_tjanst", "gruppestorrelse_2",
         "barnehage_barn_per_arsverk", "sfo_barn_per_arsverk"), PER_POST,
    ),
    **dict.fromkeys(
        (
            "alla_amnen_ak9", "alla_amnen_ak6", "behorighet_yrkesprogram", "behorighet_estetiskt", "behorighet_natur_teknik",
            "behorighet_ekonomi_humaniora_samhalle", "ej_godkant_ett_amne_ak6", "ej_godkant_flera_amnen_ak6", "np3_svenska",
            "np3_matematik", "lararbehorighet", "franvaro_10", "franvaro_15", "franvaro_20", "ogiltig_franvaro",
            "gymnasieexamen_3_ar", "gymnasieexamen_4_ar", "forskola_legitimation", "fritidshem_hogskoleutbildning",
            "foraldrar_eftergymnasial", "nyinvandrade", "np5_lesing_niva_1", "np5_regning_niva_1", "np8_lesing_niva_1_2",
            "np8_regning_niva_1_2", "np9_lesing_niva_1_2", "np9_regning_niva_1_2", "mobbing_pa_skolen",
            "laerere_med_godkjent_utdanning", "fravaer_10_prosent", "barnehage_pedagogisk_utdanning", "foreldre_hoyere_utdanning",
            "nyankomne",
        ),
        SHARE,
    ),
}  # fmt: skip
