"""A page with every block, in Swedish, as a coordinator at an invented municipality would meet it.

Look at it:  python -m tests.present.sample_page FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from kvalitet_lib.present.blocks import (
    Banner,
    Blocks,
    Bullets,
    Callout,
    Cell,
    Column,
    Definition,
    Definitions,
    Figure,
    FigureGrid,
    Heading,
    KeyFigure,
    KeyFigures,
    Mark,
    PageHead,
    PageWords,
    Panel,
    Paragraph,
    Questions,
    Table,
)
from kvalitet_lib.present.charts import Group, Level, Reference, dots, groups, swarm, trend
from kvalitet_lib.texts import Texts

YEARS = [f"{start}-{(start + 1) % 100}" for start in range(2018, 2025)]
SHARE, POINTS = (0.0, 1.0), (0.0, 340.0)


def percent(share: float) -> str:
    return Texts("sv").percent(share)


def points(value: float) -> str:
    return Texts("sv").number(value)


def short_year(school_year: str) -> str:
    return f"{school_year[2:4]}/{school_year[5:]}"


def series(
    middle: float, spread: float, n: int, seed: int, hidden: dict[str, str] | None = None, noise: float = 1.0
) -> pd.DataFrame:
    """Made-up yearly figures around ``middle``."""
    rng = np.random.default_rng(seed)
    estimate = middle + noise * spread * rng.normal(size=len(YEARS)).cumsum() / 3
    half = 1.96 * spread * 5 / np.sqrt(n)
    frame = pd.DataFrame({"school_year": YEARS, "estimate": estimate, "lower": estimate - half, "upper": estimate + half})
    return frame.assign(shown=[(hidden or {}).get(school_year, "yes") for school_year in YEARS])


INDICATORS = [
    # name, middle, nation, municipality, spread, seed, hidden, breaks, verdict
    ("Gymnasiebehörighet yrkesprogram", 0.86, 0.851, 0.84, 0.04, 1, {}, (), "similar"),
    ("Meritvärde årskurs 9", 221.0, 227.0, 223.0, 7.0, 2, {}, (), "similar"),
    ("Godkänt i alla ämnen", 0.64, 0.735, 0.71, 0.05, 3, {}, (), "below"),
    ("Frånvaro minst en tiondel", 0.21, 0.17, 0.18, 0.03, 4, {"2020-21": "missing"}, (), "above"),
    ("Trygghet årskurs 8", 0.81, 0.79, 0.8, 0.04, 5, {}, ("2021-22",), "similar"),
    ("Studiero årskurs 8", 0.55, 0.58, 0.6, 0.05, 6, {"2024-25": "too_few"}, (), "too_few"),
    ("Nationellt prov matematik", 0.72, 0.76, 0.74, 0.05, 7, {"2019-20": "missing", "2020-21": "missing"}, (), "similar"),
    ("Nationellt prov svenska", 0.93, 0.92, 0.915, 0.02, 8, {"2019-20": "missing", "2020-21": "missing"}, (), "similar"),
    ("Nationellt prov engelska", 0.97, 0.95, 0.96, 0.015, 9, {}, (), "above"),
    ("Behöriga lärare", 0.74, 0.73, 0.76, 0.03, 10, {}, (), "similar"),
    ("Övergång till gymnasiet", 0.96, 0.97, 0.965, 0.012, 11, {}, (), "similar"),
    ("Elever per lärartjänst", 0.4, 0.42, 0.41, 0.02, 12, dict.fromkeys(YEARS[:5], "agency"), (), "unknown"),
]
WORDS = {
    "above": ("Över riket", "better"),
    "similar": ("I nivå med riket", "neutral"),
    "below": ("Under riket", "worse"),
    "too_few": ("För få elever", "neutral"),
    "unknown": ("Osäkerheten är okänd", "neutral"),
}


def mark(verdict: str, word: str = "", tone: str = "") -> Mark:
    usual_word, usual_tone = WORDS[verdict]
    return Mark(verdict, word or usual_word, tone or usual_tone)  # type: ignore[arg-type]


def panels() -> tuple[Panel, ...]:
    drawn = []
    for name, middle, nation, municipality, spread, seed, hidden, breaks, verdict in INDICATORS:
        in_points = middle > 1
        amount, scale = (points, POINTS) if in_points else (percent, SHARE)
        flat = [
            Reference("Riket", series(nation, spread / 6, 9999, seed + 50)),
            Reference("Kommunen", series(municipality, spread / 3, 500, seed + 90), dashed=True),
        ]
        picture = trend(
            series(middle, spread, 60, seed, hidden),
            flat,
            alt=f"{name}, läsåren 2018/19 till 2024/25, med riket och kommunen. Värdena står i tabellen nedan.",
            amount=amount,
            year=short_year,
            scale=scale,
            breaks=breaks,
        )
        tone = "worse" if name.startswith("Frånvaro") else ""
        drawn.append(Panel(name, picture, f"{amount(middle)} läsåret 2024/25; riket {amount(nation)}.", mark(verdict, tone=tone)))
    return tuple(drawn)


SCHOOLS = """Björkbackaskolan
Centralskolan
Ekhagsskolan
Fjällbacka skola
Granängsskolan F–9 med anpassad grundskola
Hagaskolan
Kyrkskolan
Lindängsskolan
Nygårdsskolan
Sjöviksskolan
Tallåsskolan
Österängsskolan""".splitlines()


def schools(seed: int, middle: float = 0.85) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    estimate = np.clip(middle + rng.normal(0, 0.06, len(SCHOOLS)), 0.3, 0.985)
    half = 1.96 * np.sqrt(estimate * (1 - estimate) / rng.integers(25, 120, len(SCHOOLS)))
    frame = pd.DataFrame(
        {"label": SCHOOLS, "estimate": estimate, "lower": estimate - half, "upper": np.minimum(1, estimate + half)}
    )
    verdict = np.where(frame["upper"] < middle, "below", np.where(frame["lower"] > middle, "above", "similar"))
    shown = ["yes"] * 3 + ["protected", "protected"] + ["yes"] * 7
    return frame.assign(verdict=verdict, shown=shown)


def dot_charts() -> tuple[Figure, ...]:
    two = [Level("Riket 85 %", 0.851), Level("Kommunen 83 %", 0.834, dashed=True)]
    common = {"amount": percent, "scale": SHARE}
    pair = (Group("Flickor", schools(31, 0.88)), Group("Pojkar", schools(32, 0.81)))
    return (
        dots(schools(30), two, alt="Behörighet vid tolv skolor; två skolors värden visas inte.", hidden="visas inte", **common),
        groups(pair, alt="Behörighet för flickor och pojkar vid tolv skolor.", hidden="–", **common),
        swarm(schools(33), "Hagaskolan", alt="Hagaskolan bland kommunens skolor.", **common),
    )


def overview() -> Table:
    columns = (
        Column("Indikator"),
        Column("Skolan", "right", narrow=True),
        Column("95 % intervall", "right", narrow=True),
        Column("Riket", "right", narrow=True),
        Column("Skillnad", "right", narrow=True),
        Column("Bedömning", narrow=True),
    )
    rows = []
    for name, middle, nation, _, _, _, _, _, verdict in INDICATORS:
        amount = points if middle > 1 else percent
        half = 8.0 if middle > 1 else 0.06
        if verdict == "too_few":
            rows.append(
                (Cell(name), Cell("visas inte", muted=True), Cell(""), Cell(amount(nation)), Cell(""), Cell("", mark(verdict)))
            )
            continue
        size = (middle - nation) * (1 if middle > 1 else 100)
        difference = f"{'+' if size > 0 else '−'}{Texts('sv').number(abs(size), 1)}"
        interval = f"{amount(middle - half)}–{amount(min(1.0, middle + half) if middle < 1 else middle + half)}"
        tone = "worse" if name.startswith("Frånvaro") else ""
        rows.append(
            (Cell(name), Cell(amount(middle), strong=True), Cell(interval, muted=True), Cell(amount(nation)), Cell(difference),
             Cell("", mark(verdict, tone=tone)))
        )  # fmt: skip
    note = "Intervallet rymmer det sanna värdet i 95 fall av 100. Skillnaden är i procentenheter eller poäng."
    return Table("Läsåret 2024/25 jämfört med riket", columns, tuple(rows), note=note)


def provenance() -> Table:
    facts = {
        "Uppgifter om betyg": "levererade 2025-06-19, fingeravtryck 9f3a 51c0 77de",
        "Riksvärden": "Skolverket, hämtade 2025-10-02",
        "Sekretess": "minst 10 elever i varje redovisad grupp",
        "Framställd": "21 november 2025 med kvalitet 0.1.0",
    }
    rows = tuple((Cell(name), Cell(value)) for name, value in facts.items())
    return Table("Så är sidan gjord", (Column("Uppgift", narrow=True), Column("Innehåll")), rows)


def sample() -> Blocks:
    """Every kind of block on one page."""
    by_school, by_sex, among = dot_charts()
    return Blocks(
        [
            PageHead(
                "Hagaskolan – underlag för kvalitetsdialog",
                "sv",
                PageWords("Hoppa till innehållet", "Innehåll", "Sida {page} av {pages}"),
                publisher="Ängslunda kommun",
                description="Hagaskolans resultat, trygghet och närvaro läsåret 2024/25 med jämförelser.",
                footer="Utbildningsförvaltningen, Ängslunda kommun. Frågor om underlaget besvaras av kvalitetssamordnaren.",
            ),
            Banner(
                "Hagaskolan",
                "Underlag för kvalitetsdialog, läsåret 2024/25",
                ("Kommunal grundskola, årskurs F–9", "412 elever", "Framställd 21 november 2025"),
            ),
            Callout(
                "Ängslunda finns inte. Skolan, eleverna och alla siffror är påhittade för att visa hur sidan ser ut.",
                "Påhittade uppgifter",
                "made_up",
            ),
            Heading("I korthet"),
            Paragraph(
                "Hagaskolans elever når i stort sett samma resultat som riket. "
                "Andelen som fått godkänt i alla ämnen är lägre än i riket, "
                "och fler elever än i riket är frånvarande minst en tiondel av tiden.",
                "lead",
            ),
            KeyFigures(
                (
                    KeyFigure("Behöriga till gymnasiets yrkesprogram", "86 %", "Riket 85 %. 52 elever.", mark("similar")),
                    KeyFigure("Godkänt i alla ämnen", "64 %", "Riket 74 %. 52 elever.", mark("below")),
                    KeyFigure("Frånvaro minst en tiondel", "21 %", "Riket 17 %. 398 elever.", mark("above", tone="worse")),
                    KeyFigure("Nationellt prov engelska", "97 %", "Riket 95 %. 50 elever.", mark("above")),
                )
            ),
            Bullets(
                (
                    "Meritvärdet är 221 poäng, i nivå med riket. Det har legat mellan 213 och 222 poäng under sju år.",
                    "Studiero i årskurs 8 visas inte det här läsåret, eftersom färre än tio elever svarade.",
                    "Ett nytt betygssystem infördes för trygghetsenkäten 2021/22; värden före och efter kan inte jämföras.",
                )
            ),
            overview(),
            Heading("Utveckling över tid", new_page=True),
            Paragraph(
                "Varje punkt är ett läsår. "
                "Den ljusa stapeln visar osäkerheten: slumpen från år till år hos en liten grupp elever. "
                "En ihålig ring är ett läsår vars värde inte visas. En prickad lodrät linje är början på en ny mätserie."
            ),
            Heading("Resultat och trygghet", 3),
            FigureGrid(panels(), level=4),
            Heading("Skolorna i kommunen", new_page=True),
            Paragraph("Skolorna står i bokstavsordning. Ordningen säger inget om hur bra de är."),
            FigureGrid(
                (
                    Panel(
                        "Behöriga till yrkesprogram", by_school, "▲ och ▼ visar skolor vars intervall inte rymmer rikets värde."
                    ),
                    Panel("Flickor och pojkar", by_sex, "Skillnaden är större än slumpen vid två av tio skolor."),
                )
            ),
            Figure(among.png, among.alt, "Hagaskolan bland kommunens skolor.", "half"),
            Callout("Fyra lärare svarade på enkäten. Tolka svaren tillsammans med dem.", "Få svar", "warning"),
            Callout("Riksvärdena för 2024/25 är preliminära."),
            Heading("Frågor att samtala om"),
            Questions(
                (
                    "Vad tror vi ligger bakom att färre elever än i riket får godkänt i alla ämnen?",
                    "Vilka elever är frånvarande mest, och vad har vi prövat hittills?",
                    "Vad vill vi ha sett till nästa dialog, och vem gör vad?",
                )
            ),
            Heading("Så läser du siffrorna"),
            Definitions(
                (
                    Definition(
                        "Godkänt i alla ämnen",
                        "Andelen elever i årskurs 9 som har minst betyget E i alla ämnen de läst. "
                        "Säger inget om hur långt från E de övriga är.",
                    ),
                    Definition("95 % intervall", "Så mycket kan värdet svänga av slump, när gruppen är så här liten."),
                    Definition(
                        "I nivå med riket",
                        "Skillnaden mot riket är inte större än vad slumpen kan ge, sedan vi tagit hänsyn till att "
                        "många indikatorer prövas samtidigt.",
                    ),
                )
            ),
            provenance(),
            Paragraph(
                "Sidan är framställd ur kommunens frisläppta siffror och innehåller inga uppgifter om enskilda elever.", "note"
            ),
        ]
    )


def main(folder: Path) -> None:
    from kvalitet_lib.present.html import page
    from kvalitet_lib.present.pdf import write_pdf

    blocks = sample()
    (folder / "sample.html").write_text(page(blocks), encoding="utf-8")
    write_pdf(blocks, folder / "sample.pdf")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
