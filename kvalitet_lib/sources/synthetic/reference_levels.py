"""Invented national levels of every indicator, near what is usual; drawn upon for the made-up published figures."""

from __future__ import annotations

from typing import NamedTuple


class Level(NamedTuple):
    """``level`` nationally, as published (shares in per cent); ``girls``: how far girls are ahead of boys, None where not split.

    ``spread`` is the standard deviation between municipalities; ``persons`` how many stand behind the nation's figure.
    """

    level: float
    girls: float | None
    spread: float
    persons: int
    decimals: int = 1


_YEAR = 116_000  # pupils a year group, Sweden
SWEDEN = {
    "meritvarde": Level(223.0, 20, 7, _YEAR),
    "alla_amnen_ak9": Level(75.0, 4, 4, _YEAR),
    "behorighet_yrkesprogram": Level(85.5, 2, 3, _YEAR),
    "behorighet_estetiskt": Level(84.5, 2.5, 3, _YEAR),
    "behorighet_ekonomi_humaniora_samhalle": Level(83.0, 2.5, 3.2, _YEAR),
    "behorighet_natur_teknik": Level(81.5, 2.5, 3.4, _YEAR),
    "alla_amnen_ak6": Level(76.5, 5, 4, _YEAR),
    "ej_godkant_ett_amne_ak6": Level(8.5, -1, 1.2, _YEAR),
    "ej_godkant_flera_amnen_ak6": Level(15.0, -4, 3, _YEAR),
    "np3_svenska": Level(72.0, 7, 4, _YEAR),
    "np3_matematik": Level(69.0, 0, 4, _YEAR),
    "np6_svenska": Level(12.6, 1.6, 0.5, _YEAR),
    "np6_matematik": Level(11.2, 0, 0.6, _YEAR),
    "np6_engelska": Level(13.4, 0.4, 0.6, _YEAR),
    "np9_svenska": Level(13.1, 1.7, 0.5, _YEAR),
    "np9_matematik": Level(10.9, 0, 0.7, _YEAR),
    "np9_engelska": Level(14.2, 0.3, 0.6, _YEAR),
    "np9_svenska_godkant": Level(93.5, 3, 1.5, _YEAR),
    "np9_matematik_godkant": Level(84.5, 0.5, 3, _YEAR),
    "np9_engelska_godkant": Level(94.0, 0.5, 1.5, _YEAR),
    "hogre_betyg_an_prov_svenska": Level(25.0, 5, 4, _YEAR),
    "hogre_betyg_an_prov_matematik": Level(34.0, 2, 4, _YEAR),
    "hogre_betyg_an_prov_engelska": Level(14.0, 1, 3, _YEAR),
    "lagre_betyg_an_prov_svenska": Level(9.5, -2, 2, _YEAR),
    "lagre_betyg_an_prov_matematik": Level(3.5, -0.5, 1, _YEAR),
    "lagre_betyg_an_prov_engelska": Level(13.0, -1, 3, _YEAR),
    "skolenkaten_trygghet": Level(7.9, -0.2, 0.25, 98_000),
    "skolenkaten_studiero": Level(5.4, -0.2, 0.35, 98_000),
    "skolenkaten_stod": Level(6.9, -0.1, 0.25, 98_000),
    "skolenkaten_stimulans": Level(6.1, -0.1, 0.25, 98_000),
    "skolenkaten_nojdhet": Level(6.9, -0.1, 0.3, 98_000),
    "lararbehorighet": Level(72.5, None, 4, 82_000),
    "elever_per_larare": Level(12.1, None, 0.7, 1_090_000),
    "franvaro_10": Level(17.0, 0.5, 2.5, 1_040_000),
    "franvaro_15": Level(8.0, 0.4, 1.5, 1_040_000),
    "franvaro_20": Level(4.2, 0.3, 1, 1_040_000),
    "ogiltig_franvaro": Level(0.9, -0.1, 0.2, 1_040_000),
    "gymnasieexamen_3_ar": Level(72.0, 5, 4, 120_000),
    "gymnasieexamen_4_ar": Level(77.0, 5, 3.5, 118_000),
    "betygspoang_gymnasiet": Level(14.1, 0.8, 0.3, 105_000),
    "forskola_barn_per_tjanst": Level(5.1, None, 0.3, 500_000),
    "fritidshem_elever_per_tjanst": Level(20.4, None, 1.8, 480_000),
    "forskola_legitimation": Level(40.0, None, 6, 98_000),
    "fritidshem_hogskoleutbildning": Level(27.0, None, 7, 23_000),
    "salsa_avvikelse_meritvarde": Level(0.0, None, 4, _YEAR, 0),
    "salsa_avvikelse_alla_amnen": Level(0.0, None, 3, _YEAR, 0),
    "foraldrar_eftergymnasial": Level(59.0, 0, 7, 1_090_000),
    "nyinvandrade": Level(4.0, -0.2, 1.2, 1_090_000),
    "antal_elever": Level(1_090_000, None, 2_500, 1_090_000, 0),
}

_TRINN = 63_000  # pupils a year group, Norway
NORWAY = {
    "grunnskolepoeng": Level(43.1, 4.2, 0.9, _TRINN),
    "standpunkt_norsk": Level(4.0, 0.6, 0.12, _TRINN),
    "standpunkt_matematikk": Level(3.7, 0.05, 0.14, _TRINN),
    "standpunkt_engelsk": Level(4.1, 0.2, 0.12, _TRINN),
    "eksamen_norsk": Level(3.6, 0.6, 0.15, 21_000),
    "eksamen_matematikk": Level(3.2, 0.0, 0.18, 21_000),
    "eksamen_engelsk": Level(3.8, 0.2, 0.15, 21_000),
    "np5_lesing": Level(50.0, 1.5, 1, 59_000),
    "np5_regning": Level(50.0, -1.5, 1, 59_000),
    "np5_engelsk": Level(50.0, -0.3, 1, 59_000),
    "np8_lesing": Level(50.0, 2.0, 1, 60_000),
    "np8_regning": Level(50.0, -1.5, 1, 60_000),
    "np8_engelsk": Level(50.0, 0.0, 1, 60_000),
    "np9_lesing": Level(53.6, 2.2, 1, 59_000),
    "np9_regning": Level(53.7, -1.3, 1.1, 59_000),
    "np5_lesing_niva_1": Level(24.5, -4, 3, 59_000),
    "np5_regning_niva_1": Level(24.0, 3, 3, 59_000),
    "np8_lesing_niva_1_2": Level(26.0, -7, 3, 60_000),
    "np8_regning_niva_1_2": Level(30.5, 4, 3, 60_000),
    "np9_lesing_niva_1_2": Level(17.0, -6, 2.5, 59_000),
    "np9_regning_niva_1_2": Level(20.5, 3, 2.5, 59_000),
    "elevundersokelsen_trivsel": Level(4.0, -0.1, 0.08, 105_000),
    "elevundersokelsen_stotte_fra_larer": Level(3.9, 0.0, 0.08, 105_000),
    "elevundersokelsen_stotte_hjemmefra": Level(4.0, 0.0, 0.06, 105_000),
    "elevundersokelsen_faglig_utfordring": Level(4.0, 0.1, 0.06, 105_000),
    "elevundersokelsen_vurdering_for_laering": Level(3.4, 0.0, 0.1, 105_000),
    "elevundersokelsen_laeringskultur": Level(3.6, 0.0, 0.1, 105_000),
    "elevundersokelsen_mestring": Level(3.8, -0.1, 0.06, 105_000),
    "elevundersokelsen_motivasjon": Level(3.2, -0.1, 0.1, 105_000),
    "elevundersokelsen_elevdemokrati": Level(3.3, 0.0, 0.08, 105_000),
    "elevundersokelsen_felles_regler": Level(3.8, 0.0, 0.08, 105_000),
    "mobbing_pa_skolen": Level(7.0, 0.5, 1.2, 105_000),
    "gruppestorrelse_2": Level(15.7, None, 0.9, 630_000),
    "laerere_med_godkjent_utdanning": Level(95.0, None, 1.5, 71_000),
    "fravaersdager_median": Level(6.0, 0.5, 0.7, _TRINN, 0),
    "fravaerstimer_median": Level(5.0, 0.0, 0.8, _TRINN, 0),
    "fravaer_10_prosent": Level(11.5, 0.8, 2, 630_000),
    "barnehage_barn_per_arsverk": Level(5.7, None, 0.3, 270_000),
    "sfo_barn_per_arsverk": Level(19.5, None, 2, 160_000),
    "barnehage_pedagogisk_utdanning": Level(44.0, None, 4, 95_000),
    "skolebidrag": Level(0.0, None, 0.1, _TRINN, 1),
    "foreldre_hoyere_utdanning": Level(49.0, 0, 6, 630_000),
    "nyankomne": Level(3.6, -0.2, 1.1, 630_000),
    "antall_elever": Level(630_000, None, 2_000, 630_000, 0),
}
LEVELS = {"se": SWEDEN, "no": NORWAY}
COUNTS = {"antal_elever": 9_500, "antall_elever": 9_200}  # pupils of an ordinary comparable municipality
NO_RESULTS = {  # tests and exams that were not held
    "se": ("2020-21", ("np3_", "np6_", "np9_", "hogre_betyg_an_prov_", "lagre_betyg_an_prov_")),
    "no": ("2020-21 2021-22", ("eksamen_",)),
}
EARLIER = {
    "se": ("meritvarde", "alla_amnen_ak9", "behorighet_yrkesprogram", "gymnasieexamen_3_ar", "lararbehorighet"),
    "no": ("grunnskolepoeng", "np5_lesing", "np5_regning", "np8_lesing", "np8_regning", "mobbing_pa_skolen"),
}
