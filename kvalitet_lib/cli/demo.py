"""``kvalitet demo``: make the invented municipality's deliveries and settings."""

from __future__ import annotations

import shutil
from enum import StrEnum
from typing import Annotated

import typer
import yaml

from kvalitet_lib.cli.home import Home, params
from kvalitet_lib.cli.options import HomeOption
from kvalitet_lib.safe_files import in_plain_words
from kvalitet_lib.sources.synthetic import make_deliveries
from kvalitet_lib.sources.synthetic.truths import Truths, read_truths

MEASURES = {
    "se": {
        "merit_measure": "Studiestöd i årskurs 9",
        "attendance_measure": "Närvaroteam",
        "measure_without_effect": "Läsinsats i årskurs 6",
    },
    "no": {
        "merit_measure": "Leksehjelp på 10. trinn",
        "attendance_measure": "Nærværsteam",
        "measure_without_effect": "Motivasjonskurs",
    },
}
SETTINGS = {"se": "municipality.yml", "no": "municipality-no.yml"}


class Country(StrEnum):
    SE = "se"
    NO = "no"


def demo(
    country: Annotated[Country, typer.Option(help="Swedish or Norwegian.")] = Country.SE,
    seed: Annotated[int, typer.Option(help="The same seed makes the same bytes.")] = 2025,
    small: Annotated[bool, typer.Option(help="Six small schools and three years, for trying things out.")] = False,
    home: HomeOption = None,
) -> None:
    """Make an invented municipality: deliveries as the systems would send them, and the truths planted in them."""
    where = Home.find(home)
    deliveries = where.folder / "deliveries"
    with in_plain_words(where.folder, "making the deliveries"):
        make_deliveries(deliveries, country.value, seed, small)
        for beside in (*deliveries.glob("*.json"), *deliveries.glob("*.txt")):
            beside.replace(where.folder / beside.name)
        shutil.copyfile(params() / SETTINGS[country.value], where.folder / "municipality.yml")
        (where.folder / "measures.yml").write_text(declared(read_truths(where.folder)), encoding="utf-8")
    print(f"deliveries: {deliveries}\nsettings:   {where.settings}\n\nNext:  kvalitet load {deliveries} --home {where.folder}")


def declared(truths: Truths) -> str:
    """The measures of the invented municipality as it would declare them itself: where and from when, not what they do."""
    titles = MEASURES[truths.country]
    measures = [
        {
            "name": name,
            "title": title,
            "indicator": truths[name].outcome,
            "schools": dict.fromkeys(truths[name].schools, truths[name].school_years[0]),
        }
        for name, title in titles.items()
        if name in truths.names
    ]
    return yaml.safe_dump({"measures": measures}, allow_unicode=True, sort_keys=False)
