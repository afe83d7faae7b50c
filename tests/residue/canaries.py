"""Three hundred texts that must never be seen again: planted in deliveries, in a notebook, and in the names of places."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from itertools import islice
from pathlib import Path

ROW, AROUND = "Kanarie", "Fjaril"
"""What every canary of a row, and every one of the surroundings, has in it: to look for these is to look for all."""


def numbered(form: str, count: int) -> list[str]:
    return [form.format(number) for number in range(1, count + 1)]


PUPILS = numbered("Kanarie{:03d}elev", 100)
RESPONDENTS = numbered("Kanarie{:03d}svar", 40)
CLASSES = numbered("Kanarieklass {:02d}", 40)
PARTS = numbered("Kanariedel {:02d}", 20)
SUBJECTS = numbered("KANARIEA{:02d}", 15)
PROGRAMMES = numbered("KANARIEP{:02d}", 10)
NAMES = numbered("Åsa Kanarie Öberg-{:02d}", 25)
FREE_TEXT = numbered("Kanarie tycker att rasten är för kort {:02d}", 25)
ROWS = [*PUPILS, *RESPONDENTS, *CLASSES, *PARTS, *SUBJECTS, *PROGRAMMES, *NAMES, *FREE_TEXT]

HOME, USER_HOME, TEMPORARY, OUT, DESK = (f"Fjaril{place}" for place in ("hem", "anvandare", "temp", "ut", "bord"))
ENVIRONMENT = {"USER": "Fjarilperson", "LOGNAME": "Fjarilinlogg", "HOSTNAME": "Fjarildator"}
FILE_NAMES = numbered("Fjarilfil {:02d}.csv", 5)
PARAMETERS = numbered("Fjarilparameter {:02d}", 6)
WIDGETS = numbered("Fjarilwidget {:02d}", 6)
SURROUNDINGS = [HOME, USER_HOME, TEMPORARY, OUT, DESK, *ENVIRONMENT.values(), *FILE_NAMES, *PARAMETERS, *WIDGETS]

Rows = list[dict[str, str]]


def plant(deliveries: Path, folder: Path) -> Path:
    """The small Swedish municipality's deliveries with a canary in every column that can hold a text."""
    folder.mkdir(parents=True)
    ids = {}
    for name, count in (("elever_2024-25.csv", 50), ("betyg_ak9_2023-24.csv", 25), ("gymnasiet_2024-25.csv", 25)):
        known = dict.fromkeys(row["elevid"] for row in read(deliveries / name) if row["elevid"] not in ids)
        ids |= dict(zip(known, PUPILS[len(ids) : len(ids) + count], strict=False))
    answering = dict(zip((row["svarsid"] for row in read(deliveries / "enkat_2024-25.csv")), RESPONDENTS, strict=False))
    first = {
        "elever_2024-25.csv": ("klass", CLASSES[:30]),
        "gymnasiet_2024-25.csv": ("klass", CLASSES[30:]),
        "nationella_prov_2024-25.csv": ("delprov", PARTS),
        "betyg_ak9_2024-25.csv": ("ämne", SUBJECTS),
        "gymnasiet_2023-24.csv": ("studievägskod", PROGRAMMES),
    }
    more = {"elever_2024-25.csv": ("mentor", NAMES), "enkat_2024-25.csv": ("fritext", FREE_TEXT)}
    for path in sorted(deliveries.glob("*.csv")):
        rows = read(path)
        for row in rows:
            for column, known in (("elevid", ids), ("svarsid", answering)):
                if column in row:
                    row[column] = known.get(row[column], row[column])
        if path.name in first:
            replace(rows, *first[path.name])
        if path.name in more:
            column, texts = more[path.name]
            for row, text in zip(rows, [*texts, *[""] * len(rows)], strict=False):
                row[column] = text
        write(folder / path.name, rows)
    unread = [
        {"svarsid": sheet, "skolenhetskod": "90012305", "läsår": "2024/25", "fråga": "Vad är bra?", "kommentar": text}
        for sheet, text in zip(RESPONDENTS, FREE_TEXT, strict=False)
    ]
    write(folder / "kommentarer_2024-25.csv", unread)
    for path, name in zip(
        sorted(folder.glob("franvaro_*.csv")) + sorted(folder.glob("betyg_ak6_*.csv")), FILE_NAMES, strict=False
    ):
        path.rename(folder / name)
    return folder


def replace(rows: Rows, column: str, texts: list[str]) -> None:
    """One text in each row, so that a canary can be traced to its row."""
    for row, text in islice(zip(rows, texts, strict=False), len(texts)):
        row[column] = text


def read(path: Path) -> Rows:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))


def write(path: Path, rows: Rows) -> Path:
    written = io.StringIO()
    table = csv.DictWriter(written, list(rows[0]), delimiter=";", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    path.write_text(written.getvalue(), encoding="utf-8-sig")
    return path


def spoiled(delivery: Path, path: Path, spoil: Callable[[Rows], Rows | None]) -> Path:
    """A delivery, changed, at another path."""
    rows = read(delivery)
    return write(path, spoil(rows) or rows)


def wrong(column: str, text: str = "Kanarie i fel kolumn") -> Callable[[Rows], None]:
    """A change that puts a canary into the fourth row of a column that cannot hold it."""

    def spoil(rows: Rows) -> None:
        rows[3][column] = text

    return spoil


def copied(source: Path, target: Path) -> Path:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__"))
    return target
