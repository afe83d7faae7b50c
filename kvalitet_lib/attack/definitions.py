"""Relations between indicators that anybody can read from their public definitions."""

from __future__ import annotations

SUBJECTS = ("svenska", "matematik", "engelska")

# The same pupils are counted: one number of persons stands behind each.
SAME_PERSONS: tuple[tuple[str, ...], ...] = (
    ("alla_amnen_ak6", "ej_godkant_ett_amne_ak6", "ej_godkant_flera_amnen_ak6"),
    ("franvaro_10", "franvaro_15", "franvaro_20"),
    (
        "alla_amnen_ak9",
        "behorighet_yrkesprogram",
        "behorighet_estetiskt",
        "behorighet_ekonomi_humaniora_samhalle",
        "behorighet_natur_teknik",
    ),
    *((f"np9_{subject}", f"np9_{subject}_godkant") for subject in SUBJECTS),
    *((f"hogre_betyg_an_prov_{subject}", f"lagre_betyg_an_prov_{subject}") for subject in SUBJECTS),
)

# Every pupil is in exactly one: the shares are together 1.
PARTS_OF_A_WHOLE: tuple[tuple[str, ...], ...] = (("alla_amnen_ak6", "ej_godkant_ett_amne_ak6", "ej_godkant_flera_amnen_ak6"),)

# Nobody is in both: the shares are together at most 1.
APART: tuple[tuple[str, str], ...] = tuple(
    (f"hogre_betyg_an_prov_{subject}", f"lagre_betyg_an_prov_{subject}") for subject in SUBJECTS
)

# Whoever is in the first is in the second.
WITHIN: tuple[tuple[str, str], ...] = (
    ("franvaro_20", "franvaro_15"),
    ("franvaro_15", "franvaro_10"),
    ("behorighet_estetiskt", "behorighet_yrkesprogram"),
    ("behorighet_ekonomi_humaniora_samhalle", "behorighet_estetiskt"),
    ("behorighet_natur_teknik", "behorighet_estetiskt"),
    *(("alla_amnen_ak9", f"behorighet_{programme}") for programme in ("ekonomi_humaniora_samhalle", "natur_teknik")),
    *((f"lagre_betyg_an_prov_{subject}", f"np9_{subject}_godkant") for subject in SUBJECTS),
)
