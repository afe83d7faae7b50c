"""The list of planted truths of one town, and of what is not there."""

from __future__ import annotations

from kvalitet_lib.sources.synthetic.places import Plan
from kvalitet_lib.sources.synthetic.sizes import SIZES
from kvalitet_lib.sources.synthetic.town import Town
from kvalitet_lib.sources.synthetic.truths import Truth, Truths

TOTAL = {"se": "meritvarde", "no": "grunnskolepoeng"}
ABSENCE = {"se": "franvaro_10", "no": "fravaer_10_prosent"}
MATHEMATICS = {"se": "hogre_betyg_an_prov_matematik", "no": "standpunkt_matematikk"}
WELLBEING = {"se": ("skolenkaten_trygghet", "index10"), "no": ("elevundersokelsen_trivsel", "index5")}
STAFF = {"se": ("lararbehorighet", "elever_per_larare"), "no": ("laerere_med_godkjent_utdanning", "gruppestorrelse_2")}


def truths_of(town: Town, small: bool) -> Truths:
    """Everything planted in the town, with the size wanted and the size it came to."""
    plan = town.plan
    return Truths(
        country=plan.country,  # type: ignore[arg-type]
        municipality=plan.code,
        municipality_name=plan.name,
        seed=town.seed,
        small=small,
        school_years=plan.school_years,
        truths=(*_results(town), *_school_life(town), *_measures(town), *_events(plan), *_not_there(plan)),
    )


def _results(town: Town) -> list[Truth]:
    plan, sizes, came_to = town.plan, SIZES[town.plan.country], town.final.realised
    total, everyone = TOTAL[plan.country], plan.school_years
    found = [
        Truth(
            name="girls_ahead",
            there=True,
            outcome=total,
            size=sizes.girls,
            realised=came_to["girls"],
            unit="points",
            school_years=everyone,
            said="Girls reach this much more than boys, in every subject but mathematics.",
        ),
        Truth(
            name="parents_education",
            there=True,
            outcome=total,
            size=sizes.education,
            realised=came_to["education"],
            unit="points_per_level",
            school_years=everyone,
            said="Each level of parents' education adds this much.",
        ),
        Truth(
            name="excellent_school",
            there=True,
            outcome=total,
            size=sizes.excellent,
            realised=came_to["excellent"],
            unit="points",
            schools=plan.roles["excellent"],
            school_years=everyone,
            said="This school's results lie this far above other schools', given the same pupils.",
        ),
    ]
    if "improving" in plan.roles:
        found.append(
            Truth(
                name="improving_school",
                there=True,
                outcome=total,
                size=sizes.improving,
                realised=came_to["improving"],
                unit="points_per_year",
                schools=plan.roles["improving"],
                school_years=everyone,
                said="This school improves by this much every year, given the same pupils.",
            )
        )
    if "lenient" in plan.roles:
        found.append(
            Truth(
                name="lenient_school",
                there=True,
                outcome=MATHEMATICS[plan.country],
                size=sizes.lenient,
                realised=came_to["lenient"],
                unit="share" if plan.country == "se" else "grade_points",
                schools=plan.roles["lenient"],
                school_years=everyone,
                said="In the three tested subjects this school sets higher grades than tests and exams warrant.",
            )
        )
    return found


def _school_life(town: Town) -> list[Truth]:
    plan, sizes = town.plan, SIZES[town.plan.country]
    wellbeing, unit = WELLBEING[plan.country]
    found = [
        Truth(
            name="rising_absence",
            there=True,
            outcome=ABSENCE[plan.country],
            size=sizes.rising,
            realised=town.attendance.realised["rising_absence"],
            unit="share_per_year",
            schools=plan.roles["absent"],
            school_years=plan.school_years[plan.rising_from :],
            said="Here the share of pupils away at least a tenth of the time rises by this much every one of these years.",
        ),
        Truth(
            name="unsafe_school",
            there=True,
            outcome=wellbeing,
            size=sizes.unsafe,
            realised=town.wellbeing.realised["unsafe_school"],
            unit=unit,
            schools=plan.roles["unsafe"],
            school_years=plan.school_years,
            said="Pupils here answer this much lower than the same pupils would elsewhere.",
        ),
    ]
    if "bullied_more" in town.wellbeing.realised:
        found.append(
            Truth(
                name="bullied_more",
                there=True,
                outcome="mobbing_pa_skolen",
                size=sizes.bullied,
                realised=town.wellbeing.realised["bullied_more"],
                unit="share",
                schools=plan.roles["unsafe"],
                school_years=plan.school_years,
                said="This much larger a share of the pupils here are bullied two or three times a month or more often.",
            )
        )
    return found


def _measures(town: Town) -> list[Truth]:
    plan, sizes = town.plan, SIZES[town.plan.country]
    if plan.measures_from is None:
        return []
    since = plan.school_years[plan.measures_from :]
    trap = "Most were chosen because they had last year's weakest figures, so that chance alone improves them the year after."
    found = [
        Truth(
            name="merit_measure",
            there=True,
            outcome=TOTAL[plan.country],
            size=sizes.measure,
            realised=town.final.realised["merit_measure"],
            unit="points",
            schools=town.final.chosen,
            school_years=since,
            said=f"A measure at these schools raises results by this much. {trap}",
        ),
        Truth(
            name="attendance_measure",
            there=True,
            outcome=ABSENCE[plan.country],
            size=sizes.attendance,
            realised=town.attendance.realised["attendance_measure"],
            unit="share",
            schools=town.attendance.chosen,
            school_years=since,
            said=f"A measure at these schools changes the share of pupils away at least a tenth of the time by this much. {trap}",
        ),
    ]
    if town.halfway is not None:
        found.append(
            Truth(
                name="measure_without_effect",
                there=False,
                outcome="alla_amnen_ak6",
                size=0.0,
                realised=0.0,
                unit="share",
                schools=town.halfway.chosen,
                school_years=since,
                said=f"A measure for year 6 at these schools changes nothing. {trap}",
            )
        )
    else:
        found.append(
            Truth(
                name="measure_without_effect",
                there=False,
                outcome="elevundersokelsen_motivasjon",
                size=0.0,
                realised=0.0,
                unit="index5",
                schools=town.final.chosen,
                school_years=since,
                said="The measure for results does nothing for motivation.",
            )
        )
    return found


def _events(plan: Plan) -> list[Truth]:
    def event(name: str, code: str, first: int, said: str) -> Truth:
        return Truth(
            name=name, there=True, outcome="", size=None, schools=(code,), school_years=plan.school_years[first:], said=said
        )

    found = [
        event(
            "tiny_school",
            plan.roles["tiny"][0],
            0,
            "This school is so small that most of its figures must be hidden from the public.",
        ),
        event(
            "renamed_school",
            plan.renamed.code,
            plan.renamed.year,
            "From the first of these years this school has a new name and its old code.",
        ),
    ]
    if plan.merged:
        found.append(
            event(
                "merged_school",
                plan.merged.code,
                plan.merged.year,
                f"From the first of these years this school is gone; its pupils go to {plan.merged.other}.",
            )
        )
    if plan.opened:
        found.append(
            event(
                "opened_school",
                plan.opened.code,
                plan.opened.year,
                f"This school opens the first of these years, with pupils from {plan.opened.other}.",
            )
        )
    return found


def _not_there(plan: Plan) -> list[Truth]:
    qualified, crowded = STAFF[plan.country]
    mathematics = "np9_matematik" if plan.country == "se" else "eksamen_matematikk"

    def nothing(name: str, outcome: str, unit: str, said: str) -> Truth:
        return Truth(
            name=name, there=False, outcome=outcome, size=0.0, realised=0.0, unit=unit, school_years=plan.school_years, said=said
        )

    return [
        nothing(
            "girls_ahead_in_mathematics",
            mathematics,
            "grade_points",
            "Girls and boys with the same background do equally well in mathematics.",
        ),
        nothing(
            "qualified_teachers",
            TOTAL[plan.country],
            "points",
            f"{qualified} does nothing to results; it follows intake a little, so a plain correlation misleads.",
        ),
        nothing("pupils_per_teacher", TOTAL[plan.country], "points", f"{crowded} does nothing to results."),
        nothing("class_size", TOTAL[plan.country], "points", "The size of a class does nothing to results."),
    ]
