"""A made-up municipality: deliveries on disk, and the truths planted in them written down beside them."""

from __future__ import annotations

from pathlib import Path

from kvalitet_lib.errors import ContractError
from kvalitet_lib.municipality import COUNTRIES
from kvalitet_lib.sources.synthetic import norway, sweden
from kvalitet_lib.sources.synthetic.answers import truths_of
from kvalitet_lib.sources.synthetic.places import plan
from kvalitet_lib.sources.synthetic.published import earlier_by_school, published
from kvalitet_lib.sources.synthetic.town import build
from kvalitet_lib.sources.synthetic.truths import Truth, Truths, read_truths, write_truths

PUBLISHED = {"se": ("publicerade_varden.csv", "tidigare_ar.csv"), "no": ("publiserte_verdier.csv", "tidligere_ar.csv")}


def make_deliveries(folder: Path, country: str, seed: int = 2025, small: bool = False) -> Truths:
    """Write a made-up municipality's deliveries, its planted truths and a README that says it is made up.

    Parameters
    ----------
    folder : Path
        Made if it is not there; files of the same names are written over.
    country : {"se", "no"}
    seed : int
        The same seed gives the same bytes.
    small : bool
        Six schools and three school years, for quick tests; otherwise thirty schools, about 11,000 pupils, five years.

    Returns
    -------
    Truths
        What was planted, also written to ``planterade_sanningar.json`` or ``plantede_sannheter.json``.

    Raises
    ------
    ContractError
        Another country than Sweden or Norway.
    """
    if country not in COUNTRIES:
        raise ContractError(f"There is no made-up municipality for country {country!r}; there are: {', '.join(COUNTRIES)}.")
    town = build(plan(country, small), seed)
    files = (sweden if country == "se" else norway).deliveries(town)
    files |= dict(zip(PUBLISHED[country], (published(town), earlier_by_school(town)), strict=True))
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        rows.to_csv(folder / name, sep=";", decimal=",", index=False, encoding="utf-8", lineterminator="\n")
    readme = Path(__file__).with_name(f"README_{country}.txt").read_bytes()
    (folder / "README.txt").write_bytes(readme)
    truths = truths_of(town, small)
    write_truths(folder, truths)
    return truths


__all__ = ["Truth", "Truths", "make_deliveries", "read_truths"]
