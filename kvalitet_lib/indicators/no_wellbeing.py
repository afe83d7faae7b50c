"""Norway: Elevundersøkelsen, ten indices and bullying at school."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.indicators.indicator import Better, Indicator, Kind, indicator

ANSWER_SHEET = ["respondent", "school", "school_year"]

# The questions are those Udir's export (table 152, upper-secondary version) lists under each index; the lists of
# grunnskole were not seen. The short names are ours, as column `item` of survey_answers holds them.
ITEMS_OF_INDEX: dict[str, tuple[str, ...]] = {
    "trivsel": ("trives_pa_skolen",),
    "stotte_fra_larer": (
        "larerne_bryr_seg", "larerne_har_tro", "larerne_viser_respekt", "larerne_hjelper_a_forsta", "larerne_gir_god_hjelp",
    ),
    "stotte_hjemmefra": ("hjemme_interesse", "hjemme_hjelp_lekser", "hjemme_oppmuntring"),
    "faglig_utfordring": ("nok_utfordringer",),
    "vurdering_for_laering": (
        "forklarer_mal", "forklarer_vektlegging", "forteller_hva_er_bra", "snakker_om_forbedring",
        "foresla_vurdering", "vurdere_eget_arbeid", "nyttige_tilbakemeldinger", "hjelp_til_a_tenke_utvikling",
    ),
    "laeringskultur": ("arbeidsro", "viktig_a_jobbe_godt", "greit_a_gjore_feil"),
    "mestring": ("lekser_pa_egen_hand", "oppgaver_pa_egen_hand", "forstar_gjennomgang"),
    "motivasjon": ("interessert_i_a_lare", "liker_skolearbeidet", "gleder_seg_til_skolen"),
    "elevdemokrati": ("foresla_arbeidsmater", "lage_regler", "skolen_horer_pa_forslag", "tilrettelagt_elevradsarbeid"),
    "felles_regler": ("kjenner_reglene", "voksne_reagerer_likt", "voksne_folger_opp_regler"),
}  # fmt: skip

# Bullied by other pupils, by adults at school, or digitally by someone at school; or one column that says it all.
BULLYING_ITEMS = ("mobbing", "mobbet_av_elever", "mobbet_av_voksne", "mobbet_digitalt")
TWO_OR_THREE_TIMES_A_MONTH = 3  # steps: 1 never … 3 two or three times a month … 5 several times a week

SOURCE = "udir.no elevundersokelsen and skoleporten indikatorveiledning"


def _pupils_answers(survey_answers: pd.DataFrame) -> pd.DataFrame:
    answers = survey_answers[survey_answers.respondents.eq("pupil")]
    return answers.assign(answer=answers.answer.astype("Float64").astype("float64"))


def _per_sheet(rows: pd.DataFrame, how: str) -> pd.DataFrame:
    """One row per answer sheet: its answers' mean or maximum, empty when it has none."""
    of_sheet = rows.groupby(ANSWER_SHEET, as_index=False)
    return of_sheet.agg(sex=("sex", "first"), year_group=("year_group", "first"), numerator=("answer", how)).assign(
        denominator=1.0
    )


def _index(name: str) -> Indicator:
    items = ITEMS_OF_INDEX[name]

    def count(survey_answers: pd.DataFrame) -> pd.DataFrame:
        answers = _pupils_answers(survey_answers)
        ready = answers[answers.item.eq(name) & answers.answer.notna()]
        has_ready = pd.MultiIndex.from_frame(answers[ANSWER_SHEET]).isin(pd.MultiIndex.from_frame(ready[ANSWER_SHEET]))
        of_items = answers[answers.item.isin([name, *items]) & ~has_ready]
        return _per_sheet(pd.concat([ready, of_items]), "mean")

    return Indicator(
        id=f"elevundersokelsen_{name}",
        country="no",
        area="wellbeing",
        kind=Kind.MEAN,
        unit="index5",
        better=Better.HIGHER,
        needs=("survey_answers",),
        source=SOURCE,
        scale=(1, 5),
        count=count,
        rule=(
            f"Each pupil's mean of the answered questions (1-5, 5 best) out of {len(items)} in the index {name}; a column "
            "delivered with the index' own name goes before its questions. Pupils without an answer to any of them are missing."
        ),
        breakdowns=("sex", "year_group"),
        breaks={"2013-14": "elevundersokelsen_fornyet"},
        survey=True,
    )


@indicator(
    country="no",
    area="wellbeing",
    kind=Kind.SHARE,
    unit="share",
    better=Better.LOWER,
    needs=("survey_answers",),
    source="udir.no, Elevundersøkelsen 2020 – nasjonale tall for mobbing og arbeidsro; udirbloggen, Vi endrer Elevundersøkelsen",
    scale=(0, 1),
    breakdowns=("sex", "year_group"),
    breaks={"2013-14": "elevundersokelsen_fornyet", "2016-17": "mobbing_nye_sporsmal"},
    sensitive=True,
    survey=True,
)
def mobbing_pa_skolen(survey_answers: pd.DataFrame) -> pd.DataFrame:
    """Pupils bullied two or three times a month or more (step 3 or higher of 1 never … 5 several times a week) by other
    pupils, by adults at school or digitally by someone at school; each pupil once, whichever the question. Pupils who
    answered none of the questions are missing.
    """
    answers = _pupils_answers(survey_answers)
    worst = _per_sheet(answers[answers.item.isin(BULLYING_ITEMS)], "max")
    bullied = worst.numerator.ge(TWO_OR_THREE_TIMES_A_MONTH).astype("float64").where(worst.numerator.notna())
    return worst.assign(numerator=bullied)


INDICATORS: tuple[Indicator, ...] = (*(_index(name) for name in ITEMS_OF_INDEX), mobbing_pa_skolen)
