"""Norway: grunnskolepoeng, marks at the end of year 10, skolebidrag, and who the pupils are."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.indicators.background import PUPIL, with_background
from kvalitet_lib.indicators.indicator import Better, Indicator, Kind, indicator, published_indicator
from kvalitet_lib.indicators.register import with_unreported

LAST_YEAR_GROUP = 10
ON_THE_DIPLOMA = ("final", "exam_written", "exam_oral")
PUPILS_OWN = ("sex", "parents_education", "newly_arrived", "second_language")

# Exams in year 10 were called off in spring 2020, 2021 and 2022: udir.no, "Eksamen, standpunkt og vitnemål våren 2022",
# bergen.kommune.no, "Alle eksamener for 10. trinn er avlyst" (2020), baerum.kommune.no, "Muntlig eksamen avlyst" (2021).
EXAM_BREAKS = {"2019-20": "eksamen_avlyst", "2022-23": "eksamen_tilbake"}


@indicator(
    country="no",
    area="results",
    kind=Kind.MEAN,
    unit="points",
    better=Better.HIGHER,
    needs=("grades",),
    scale=(10, 60),
    breakdowns=PUPILS_OWN,
    year_group=LAST_YEAR_GROUP,
    breaks=EXAM_BREAKS,
    source="ssb.no ordforklaring 183339 and 388547; SSB kompis KOSgrunnskolepoe0000; udir.no rundskriv Udir-2-2021, § 6-21",
)
def grunnskolepoeng(grades: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Points stated by the delivering system; otherwise the mean of all marks 1-6 in year 10 (final and exam), rounded
    to two decimals, times ten. Pupils without a mark in more than half of their subjects, and pupils of the register
    without any, get no points: they are missing, and in no mean. FRI is neither a mark nor a missing one. Term marks,
    and order and behaviour (words, not 1-6), do not count. Each valgfag counts as a subject of its own: the regulation
    takes their mean first, but no source says which subject codes are valgfag; stated points have it right.
    """
    diploma = _with_marks(grades, ON_THE_DIPLOMA)
    graded = diploma.subject.where(diploma.mark.notna())
    certificates = (
        diploma.assign(graded=graded)
        .groupby(PUPIL, as_index=False)
        .agg(
            sex=("sex", "first"),
            total=("mark", "sum"),
            marks=("mark", "count"),
            subjects=("subject", "nunique"),
            graded=("graded", "nunique"),
            stated=("stated_points", "max"),
        )
    )
    enough = 2 * certificates.graded >= certificates.subjects
    computed = _mean_times_ten(certificates.total, certificates.marks.where(enough & certificates.marks.gt(0)))
    points = certificates.stated.where(certificates.stated.notna(), computed)
    # Systems state 0 for "not calculated" (ssb.no ordforklaring 183339).
    counted = certificates.assign(numerator=points.where(points > 0), denominator=1.0)
    rows = counted.drop(columns=["total", "marks", "subjects", "graded", "stated"])
    return with_background(with_unreported(rows, pupils, LAST_YEAR_GROUP), pupils)


def _mean_times_ten(total: pd.Series, count: pd.Series) -> pd.Series:
    """Ten times the mean rounded to two decimals, halves upwards: 4.125 is 4.13, where Python's ``round`` says 4.12."""
    hundredths = (200 * total + count) // (2 * count)
    return hundredths / 10


def _with_marks(grades: pd.DataFrame, assessments: tuple[str, ...]) -> pd.DataFrame:
    """Rows of year 10 and these assessments with ``mark`` 1-6, empty for IV; rows with FRI are left out."""
    rows = grades[grades.year_group.eq(LAST_YEAR_GROUP) & grades.assessment.isin(assessments) & grades.grade.ne("FRI")]
    return rows.assign(mark=pd.to_numeric(rows.grade, errors="coerce").astype("float64"))


def _mark(id: str, prefix: str, assessments: tuple[str, ...], kind_of_mark: str, **facts: object) -> Indicator:
    """A pupil's mark in one subject: the mean when there are several, e.g. in written and oral Norwegian."""

    def count(grades: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
        marks = _with_marks(grades, assessments)
        of_pupil = marks[marks.subject.str.startswith(prefix)].groupby(PUPIL, as_index=False)
        return with_background(of_pupil.agg(sex=("sex", "first"), numerator=("mark", "mean")).assign(denominator=1.0), pupils)

    return Indicator(
        id=id,
        country="no",
        area="results",
        kind=Kind.MEAN,
        unit="grade_points",
        better=Better.HIGHER,
        needs=("grades",),
        scale=(1, 6),
        count=count,
        rule=(
            f"Each pupil's {kind_of_mark} 1-6 in year 10 in subjects whose code begins with {prefix}; their mean when there "
            "are several. IV is missing; pupils with FRI only, or without such a subject, are left out."
        ),
        breakdowns=PUPILS_OWN,
        year_group=LAST_YEAR_GROUP,
        source="own rule: agencies publish each subject code; marks 1-6 as in ssb.no kargrs",
        **facts,  # type: ignore[arg-type]
    )


SUBJECTS = {"norsk": "NOR", "matematikk": "MAT", "engelsk": "ENG"}
standpunkt = tuple(_mark(f"standpunkt_{name}", prefix, ("final",), "final marks") for name, prefix in SUBJECTS.items())
eksamen = tuple(
    _mark(f"eksamen_{name}", prefix, ("exam_written", "exam_oral"), "exam marks", breaks=EXAM_BREAKS)
    for name, prefix in SUBJECTS.items()
)

skolebidrag = published_indicator(
    "skolebidrag",
    """How far results differ from what pupils with the same background (and, from year 5, the same earlier results) get
    in an average school; two years pooled; 0 is as expected. Computed by Statistics Norway for Udir.""",
    country="no",
    area="results",
    kind=Kind.MEAN,
    unit="signed_points",
    better=Better.HIGHER,
    scale=(-10, 10),
    source="ssb.no, Spørsmål og svar om skolebidragsindikator; udir.no skolebidragsindikatorer; ends of the scale are our own",
)


def _of_pupils(
    kind: Kind, unit: str, scale: tuple[float, float], breakdowns: tuple[str, ...], sensitive: bool = False
) -> dict[str, object]:
    return {
        "country": "no",
        "area": "intake",
        "kind": kind,
        "unit": unit,
        "better": Better.NEITHER,
        "needs": ("pupils",),
        "scale": scale,
        "breakdowns": breakdowns,
        "source": "the municipality's own register of pupils",
        "sensitive": sensitive,
    }


@indicator(**_of_pupils(Kind.SHARE, "share", (0, 1), ("year_group",), sensitive=True))
def foreldre_hoyere_utdanning(pupils: pd.DataFrame) -> pd.DataFrame:
    """Pupils with at least one parent with higher education; pupils whose parents' education is unknown are missing."""
    known = pupils.parents_education.notna()
    return pupils.assign(numerator=pupils.parents_education.eq("higher").astype("float64").where(known), denominator=1.0)


@indicator(**_of_pupils(Kind.SHARE, "share", (0, 1), ("sex", "year_group"), sensitive=True))
def nyankomne(pupils: pd.DataFrame) -> pd.DataFrame:
    """Pupils who came to the country at most four years ago, as the register says; unknown is missing."""
    return pupils.assign(numerator=pupils.newly_arrived.astype("Float64").astype("float64"), denominator=1.0)


@indicator(**_of_pupils(Kind.COUNT, "persons", (0, 10_000_000), ("sex", "year_group")))
def antall_elever(pupils: pd.DataFrame) -> pd.DataFrame:
    """Every pupil in the register, once per school and school year."""
    return pupils.assign(numerator=1.0, denominator=1.0)


INDICATORS: tuple[Indicator, ...] = (
    grunnskolepoeng,
    *standpunkt,
    *eksamen,
    skolebidrag,
    foreldre_hoyere_utdanning,
    nyankomne,
    antall_elever,
)
