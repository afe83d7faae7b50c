"""Ekköping, the made-up Swedish municipality."""

from __future__ import annotations

from kvalitet_lib.sources.synthetic.places import Change, Plan, numbered, school_years, swedish_codes

_F9 = [
    ("Kvarnhagens skola", 84),
    ("Lindvretsskolan", 66),
    ("Tallmosseskolan", 54),
    ("Ekhöjdens skola", 44),
    ("Brunnslättens skola", 36),
    ("Hasselbrinkens skola", 28),
    ("Åmynningens skola", 22),
    ("Rönnkullens skola", 16),
    ("Västra Mossens skola", 11),
    ("Holmavikens skola", 5),
]
_F6 = [
    ("Björkstubbens skola", 44, "Östra Ringskolan"),
    ("Sädesfältets skola", 76, "Östra Ringskolan"),
    ("Tranmyrens skola", 70, "Stenbrottsskolan"),
    ("Fågelängens skola", 64, "Stenbrottsskolan"),
    ("Källsprångets skola", 58, "Västerportsskolan"),
    ("Vintergatsskolan", 52, "Västerportsskolan"),
    ("Harsyrans skola", 46, "Västerportsskolan"),
    ("Järpbackens skola", 40, "Tegelängsskolan"),
    ("Norrgläntans skola", 36, "Tegelängsskolan"),
    ("Lillkvarnens skola", 30, "Tegelängsskolan"),
    ("Ljungmarkens skola", 22, "Tegelängsskolan"),
    ("Sländängens skola", 36, "Östra Ringskolan"),
]
_7_9 = ["Östra Ringskolan", "Stenbrottsskolan", "Västerportsskolan", "Tegelängsskolan"]
_GYMNASIUM = ("Ekköpings gymnasium", 10, 12, 0, "")

_codes = swedish_codes()
_PLACES = numbered(
    _codes,
    [
        *((name, 0, 9, cohort, "") for name, cohort in _F9),
        ("Gärdsgårdens skola", 0, 3, 40, "Mellangårdsskolan"),
        ("Humlekärrets skola", 0, 3, 30, "Klockarlyckans skola"),
        ("Mellangårdsskolan", 4, 9, 0, ""),
        ("Klockarlyckans skola", 4, 9, 0, ""),
        *((name, 0, 6, cohort, feeds) for name, cohort, feeds in _F6),
        *((name, 7, 9, 0, "") for name in _7_9),
        _GYMNASIUM,
    ],
)
_PRESCHOOLS = numbered(
    _codes,
    [
        (f"Förskolan {name}", -5, -1, size, "")
        for name, size in (
            ("Kottbacken", 92),
            ("Blåklinten", 78),
            ("Trollsländan", 64),
            ("Myrstacken", 51),
            ("Snäckskalet", 36),
            ("Lillbäcken", 18),
        )
    ],
)
_CODE = {place.name: place.code for place in _PLACES}

WHOLE = Plan(
    country="se",
    code="9001",
    name="Ekköping",
    school_years=school_years(2020, 5),
    places=_PLACES,
    preschools=_PRESCHOOLS,
    roles={
        "excellent": (_CODE["Tallmosseskolan"],),
        "improving": (_CODE["Östra Ringskolan"],),
        "unsafe": (_CODE["Kvarnhagens skola"],),
        "absent": (_CODE["Lindvretsskolan"], _CODE["Sädesfältets skola"], _CODE["Västerportsskolan"]),
        "lenient": (_CODE["Stenbrottsskolan"],),
        "tiny": (_CODE["Holmavikens skola"],),
    },
    renamed=Change(_CODE["Fågelängens skola"], 3, "Fågelängsskolan"),
    merged=Change(_CODE["Lillkvarnens skola"], 3, _CODE["Norrgläntans skola"]),
    opened=Change(_CODE["Sländängens skola"], 3, _CODE["Björkstubbens skola"]),
    upper_cohort=290,
)

_codes = swedish_codes()
_FEW = numbered(
    _codes,
    [
        ("Kvarnhagens skola", 0, 9, 11, ""),
        ("Holmavikens skola", 0, 9, 5, ""),
        ("Sädesfältets skola", 0, 6, 14, "Östra Ringskolan"),
        ("Fågelängens skola", 0, 6, 12, "Östra Ringskolan"),
        ("Östra Ringskolan", 7, 9, 0, ""),
        _GYMNASIUM,
    ],
)
SMALL = Plan(
    country="se",
    code="9001",
    name="Ekköping",
    school_years=school_years(2022, 3),
    places=_FEW,
    preschools=numbered(_codes, [("Förskolan Kottbacken", -5, -1, 40, "")]),
    roles={
        "excellent": (_FEW[4].code,),
        "unsafe": (_FEW[0].code,),
        "absent": (_FEW[2].code,),
        "tiny": (_FEW[1].code,),
    },
    rising_from=1,
    measures_from=None,
    renamed=Change(_FEW[3].code, 1, "Fågelängsskolan"),
    upper_cohort=18,
)
