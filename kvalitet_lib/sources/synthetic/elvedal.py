"""Elvedal, the made-up Norwegian municipality."""

from __future__ import annotations

from kvalitet_lib.sources.synthetic.places import Change, Plan, norwegian_codes, numbered, school_years

_1_10 = [
    ("Kvernmoen skole", 84),
    ("Orrhaugen skole", 66),
    ("Tiurlia skole", 54),
    ("Storbekken skole", 44),
    ("Grasmyra skole", 36),
    ("Fallvika skole", 28),
    ("Heggholtet skole", 22),
    ("Ospelia skole", 16),
    ("Nordre Setra skole", 11),
    ("Ytterholmen skole", 5),
]
_1_7 = [
    ("Bjørkekroken skole", 46, "Elvedal ungdomsskole"),
    ("Solbrekka skole", 78, "Elvedal ungdomsskole"),
    ("Tjernsletta skole", 72, "Storhaugen ungdomsskole"),
    ("Elvekroken skole", 68, "Storhaugen ungdomsskole"),
    ("Lyngmoen skole", 64, "Vestre Bru ungdomsskole"),
    ("Hareåsen skole", 60, "Vestre Bru ungdomsskole"),
    ("Kløversvingen skole", 56, "Kirkesletta ungdomsskole"),
    ("Steinrøysa skole", 52, "Kirkesletta ungdomsskole"),
    ("Søre Teigen skole", 48, "Fossekroken ungdomsskole"),
    ("Granholtet skole", 44, "Fossekroken ungdomsskole"),
    ("Vesleskogen skole", 36, "Fossekroken ungdomsskole"),
    ("Myrdalslia skole", 30, "Ringmoen ungdomsskole"),
    ("Heståsen skole", 24, "Ringmoen ungdomsskole"),
    ("Blåklokkelia skole", 18, "Ringmoen ungdomsskole"),
    ("Bekkefaret skole", 38, "Elvedal ungdomsskole"),
]
_8_10 = ["Elvedal", "Storhaugen", "Vestre Bru", "Kirkesletta", "Fossekroken", "Ringmoen"]

_codes = norwegian_codes()
_PLACES = numbered(
    _codes,
    [
        *((name, 0, 9, cohort, "") for name, cohort in _1_10),
        *((name, 0, 6, cohort, feeds) for name, cohort, feeds in _1_7),
        *((f"{name} ungdomsskole", 7, 9, 0, "") for name in _8_10),
    ],
)
_PRESCHOOLS = numbered(
    _codes,
    [
        (f"{name} barnehage", -5, -1, size, "")
        for name, size in (
            ("Kongleskogen", 88),
            ("Blåveiskroken", 74),
            ("Øyenstikkeren", 62),
            ("Maurtua", 48),
            ("Skjellstranda", 35),
            ("Veslebekken", 17),
        )
    ],
)
_CODE = {place.name: place.code for place in _PLACES}

WHOLE = Plan(
    country="no",
    code="9301",
    name="Elvedal",
    school_years=school_years(2020, 5),
    places=_PLACES,
    preschools=_PRESCHOOLS,
    roles={
        "excellent": (_CODE["Tiurlia skole"],),
        "improving": (_CODE["Elvedal ungdomsskole"],),
        "unsafe": (_CODE["Kvernmoen skole"],),
        "absent": (_CODE["Orrhaugen skole"], _CODE["Solbrekka skole"], _CODE["Vestre Bru ungdomsskole"]),
        "lenient": (_CODE["Storhaugen ungdomsskole"],),
        "tiny": (_CODE["Ytterholmen skole"],),
    },
    renamed=Change(_CODE["Elvekroken skole"], 3, "Elvekroken barneskole"),
    merged=Change(_CODE["Vesleskogen skole"], 3, _CODE["Granholtet skole"]),
    opened=Change(_CODE["Bekkefaret skole"], 3, _CODE["Bjørkekroken skole"]),
)

_codes = norwegian_codes()
_FEW = numbered(
    _codes,
    [
        ("Kvernmoen skole", 0, 9, 11, ""),
        ("Orrhaugen skole", 0, 9, 8, ""),
        ("Ytterholmen skole", 0, 9, 5, ""),
        ("Solbrekka skole", 0, 6, 14, "Elvedal ungdomsskole"),
        ("Elvekroken skole", 0, 6, 12, "Elvedal ungdomsskole"),
        ("Elvedal ungdomsskole", 7, 9, 0, ""),
    ],
)
SMALL = Plan(
    country="no",
    code="9301",
    name="Elvedal",
    school_years=school_years(2022, 3),
    places=_FEW,
    preschools=numbered(_codes, [("Kongleskogen barnehage", -5, -1, 40, "")]),
    roles={
        "excellent": (_FEW[5].code,),
        "unsafe": (_FEW[0].code,),
        "absent": (_FEW[3].code,),
        "tiny": (_FEW[2].code,),
    },
    rising_from=1,
    measures_from=None,
    renamed=Change(_FEW[4].code, 1, "Elvekroken barneskole"),
)
