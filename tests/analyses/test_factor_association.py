"""What goes with an outcome: what is guaranteed of the answer, and what is refused or left unsaid."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from kvalitet_lib.analyses.causal_graph import CausalGraph
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.factor_association import factor_association, factor_associations, of_municipality
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.statistics.unmeasured import benchmark
from kvalitet_lib.texts import LANGUAGES, Texts

GRAPH = CausalGraph.of(
    [("prior", "absent"), ("prior", "points"), ("girl", "points"), ("absent", "mood"), ("mood", "points"), ("points", "diploma")],
    "points",
    ["absent", "girl"],
)


def made(schools: int = 20, size: int = 25, seed: int = 1) -> pd.DataFrame:
    """Pupils at whose schools absence goes with points otherwise than among the pupils of one school."""
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(schools), size)
    n = len(school)
    climate = rng.normal(size=schools)[school]
    prior, girl = rng.normal(size=n) + 0.4 * climate, rng.integers(0, 2, n)
    absent = 0.5 * prior + 0.8 * climate + rng.normal(size=n)
    mood = absent + rng.normal(size=n)
    at_school = pd.Series(absent).groupby(school).transform("mean").to_numpy()
    points = -2 * (absent - at_school) + 3 * at_school + 4 * prior + 5 * girl + rng.normal(size=n) * 3
    return pd.DataFrame(
        {
            "school": np.char.add("s", school.astype(str)), "school_year": rng.choice(["2022-23", "2023-24"], n),
            "points": points + rng.normal(size=schools)[school], "absent": absent, "prior": prior, "girl": girl, "mood": mood,
            "diploma": (points > 0).astype(int), "kind": rng.choice(["a", "b", "c"], n), "pupil": np.arange(n),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def pupils() -> pd.DataFrame:
    return made()


@pytest.fixture(scope="module")
def finding(pupils: pd.DataFrame) -> Finding:
    return factor_association(pupils, "points", "absent", graph=GRAPH, school_year="school_year", pupil="pupil")


def test_pupils_and_schools_are_told_apart(finding: Finding):
    within, between = (finding.estimates.set_index("group").loc[part] for part in ("within", "between"))
    assert within["lower"] < -2 < within["upper"] < 0
    assert 0 < between["lower"] < 3.6 < between["upper"]  # 3, and what little prior results of the school leave
    parts = finding.tables["parts"].iloc[0]
    assert parts["estimate"] == pytest.approx(between["estimate"] - within["estimate"])
    assert {check.id: check.passed for check in finding.checks}["association_parts_alike"] is False


def test_the_part_within_schools_is_that_of_school_fixed_effects(pupils: pd.DataFrame):
    ours = factor_association(pupils, "points", "absent", adjust=["prior", "girl"])["absent"]
    theirs = smf.ols("points ~ absent + prior + girl + C(school)", pupils).fit()
    assert ours["estimate"] == pytest.approx(theirs.params["absent"])


def test_the_part_between_schools_is_that_of_schools_means_weighted_by_size(pupils: pd.DataFrame):
    found = factor_association(pupils.iloc[:430], "points", "absent", adjust=["prior"]).estimates.set_index("group")
    means = pupils.iloc[:430].groupby("school").agg(points=("points", "mean"), absent=("absent", "mean"), prior=("prior", "mean"),
                                                    n=("points", "size"))  # fmt: skip
    theirs = smf.wls("points ~ absent + prior", means, weights=means["n"]).fit()
    assert found.loc["between", "estimate"] == pytest.approx(theirs.params["absent"])
    t = theirs.tvalues["absent"]
    assert found.loc["between", "partial_r2"] == pytest.approx(t**2 / (t**2 + theirs.df_resid))
    assert found.loc["between", "ordinary_error"] == pytest.approx(theirs.bse["absent"])


def test_the_graph_says_what_is_held_equal_and_the_finding_says_so_too(finding: Finding):
    assert finding.about == {"factor": "absent", "held": "prior"}
    doors = finding.checks[0]
    assert (doors.id, doors.passed, doors.about) == ("association_back_doors", True, "prior")
    roles = finding.tables["roles"].set_index("node")["role"]
    assert (roles["mood"], roles["diploma"], roles["prior"]) == ("mediator", "consequence", "held")
    assert finding.claim == Claim.GOES_WITH


@pytest.mark.parametrize(("name", "path"), [("mood", "absent → mood → points"), ("diploma", "points → diploma")])
def test_mediators_and_consequences_are_refused_with_their_path(pupils: pd.DataFrame, name: str, path: str):
    with pytest.raises(ContractError, match=path):
        factor_association(pupils, "points", "absent", graph=GRAPH, adjust=["prior", name])
    with pytest.raises(ContractError, match=path):
        factor_association(pupils, f"points ~ absent + prior + {name}", "absent", graph=GRAPH)


def test_too_little_held_equal_lowers_the_claim_and_names_the_path(pupils: pd.DataFrame):
    found = factor_association(pupils, "points", "absent", graph=GRAPH, adjust=[])
    assert (found.checks[0].passed, found.checks[0].about) == (False, "absent ← prior → points")
    assert found.claim == Claim.DIFFERS


def test_what_is_not_measured_stands_in_the_way_and_lowers_the_claim(pupils: pd.DataFrame):
    arrows = [(edge.start, edge.to) for edge in GRAPH.edges]
    graph = CausalGraph.of([*arrows, ("health", "absent"), ("health", "points")], "points", unmeasured=["health"])
    found = factor_association(pupils, "points", "absent", graph=graph)
    assert found.about["in_the_way"] == "health"
    assert (found.checks[0].passed, found.checks[0].about) == (False, "health")
    assert found.claim == Claim.DIFFERS
    with pytest.raises(ContractError, match="health is not measured"):
        factor_association(pupils, "points", "absent", graph=graph, adjust=["health"])


def test_nothing_held_equal_without_a_graph_is_a_difference_and_no_more(pupils: pd.DataFrame):
    assert factor_association(pupils, "points", "absent").design == Claim.DIFFERS
    held = factor_association(pupils, "points", "absent", adjust=["prior"])
    assert held.design == Claim.GOES_WITH and held.checks[0].passed is None


def test_an_outcome_that_comes_before_the_factor_has_no_answer(pupils: pd.DataFrame):
    assert factor_association(pupils, "points", "diploma", graph=GRAPH).reason == "association_outcome_first"


def test_a_formula_gives_what_columns_give(pupils: pd.DataFrame):
    columns = factor_association(pupils, "points", "absent", adjust=["girl", "kind"])
    formula = factor_association(pupils, "points ~ absent + girl + C(kind)", "absent")
    pd.testing.assert_frame_equal(columns.estimates, formula.estimates)


def test_without_schools_it_is_a_regression_with_hc3(pupils: pd.DataFrame):
    found = factor_association(pupils, "points ~ absent + prior", "absent", school="")["absent"]
    theirs = smf.ols("points ~ absent + prior", pupils).fit(cov_type="HC3")
    assert (found["estimate"], found["standard_error"]) == pytest.approx((theirs.params["absent"], theirs.bse["absent"]))
    plain = factor_association(pupils, "points ~ absent + prior", "absent", school="", standard_errors="ordinary")["absent"]
    theirs = smf.ols("points ~ absent + prior", pupils).fit()
    assert (plain["lower"], plain["upper"]) == pytest.approx(tuple(theirs.conf_int().loc["absent"]))


def test_cluster_robust_errors_are_those_of_statsmodels(pupils: pd.DataFrame):
    how = {"within_between": False, "standard_errors": "cluster"}
    found = factor_association(pupils, "points", "absent", adjust=["prior"], **how)["absent"]
    groups = pd.factorize(pupils["school"])[0]
    theirs = smf.ols("points ~ absent + prior", pupils).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    assert found["standard_error"] == pytest.approx(theirs.bse["absent"])
    assert found["lower"] == pytest.approx(theirs.conf_int().loc["absent", 0])


@pytest.mark.parametrize("kind", ["cluster", "multilevel", "wild"])
def test_other_standard_errors_give_much_the_same_interval(pupils: pd.DataFrame, finding: Finding, kind: str):
    found = factor_association(pupils, "points", "absent", graph=GRAPH, school_year="school_year", standard_errors=kind)
    ours, theirs = found["absent"], finding["absent"]
    assert ours["estimate"] == pytest.approx(theirs["estimate"], abs=0.05)
    assert ours["upper"] - ours["lower"] == pytest.approx(theirs["upper"] - theirs["lower"], rel=0.3)
    assert 0 <= ours["p"] < 0.01


def test_a_category_is_compared_with_its_first_value(pupils: pd.DataFrame):
    found = factor_association(pupils, "points", "kind", within_between=False, standard_errors="ordinary")
    assert found.estimates["term"].tolist() == ["kind: b", "kind: c"]
    theirs = smf.ols("points ~ C(kind)", pupils).fit()
    assert found.estimates["estimate"].tolist() == pytest.approx(theirs.params[1:].tolist())
    ordered = pupils.assign(kind=pd.Categorical(pupils["kind"], ["c", "a", "b", "never"], ordered=True))
    found = factor_association(ordered, "points", "kind", within_between=False)
    assert found.estimates["term"].tolist() == ["kind: a", "kind: b"]


def test_columns_of_any_kind_in_any_order_give_the_same_answer(pupils: pd.DataFrame, finding: Finding):
    other = pupils.sample(frac=1, random_state=3).set_index(pd.Index(np.arange(len(pupils)) * 7))
    other = other.assign(
        school=other["school"].astype("category"), girl=other["girl"].astype("boolean"), pupil=other["pupil"].astype("Int64"),
        prior=other["prior"].astype("Float64"), absent=other["absent"].astype(object),
    )  # fmt: skip
    before = other.copy()
    found = factor_association(other, "points", "absent", graph=GRAPH, school_year="school_year", pupil="pupil")
    pd.testing.assert_frame_equal(found.estimates, finding.estimates, rtol=1e-8)
    pd.testing.assert_frame_equal(other, before)


def test_several_factors_are_one_family_of_tests(pupils: pd.DataFrame):
    found = factor_association(pupils, "points", ["absent", "girl"], graph=GRAPH)
    assert found.numbers["tests"] == 4
    assert (found.checks[-1].id, found.checks[-1].value) == ("one_family", 4)
    p = found.estimates["p"].sort_values()
    assert found.estimates["p_adjusted"].max() == pytest.approx(p.iloc[-1])
    each = factor_associations(pupils, "points", ["absent", "girl"], graph=GRAPH)
    assert [one.about["factor"] for one in each] == ["absent", "girl"]
    assert [one.numbers["tests"] for one in each] == [4, 4]
    assert np.concatenate([one.estimates["p_adjusted"] for one in each]) == pytest.approx(found.estimates["p_adjusted"])


def test_the_factors_of_the_graph_are_asked_about_when_none_is_named(pupils: pd.DataFrame):
    assert factor_association(pupils, "points", graph=GRAPH).about["factor"] == "absent, girl"


def test_parts_of_r2_add_up_to_what_is_explained(pupils: pd.DataFrame):
    table = factor_association(pupils, "points", ["absent", "kind"], adjust=["prior", "girl"]).tables["dominance"]
    theirs = smf.ols("points ~ absent + prior + girl + C(kind)", pupils).fit()
    assert table["general"].sum() == pytest.approx(theirs.rsquared)
    assert table["share"].sum() == pytest.approx(1)
    assert table["factor"].tolist() == ["absent", "kind", "prior", "girl"]


def test_with_more_than_eight_factors_those_held_equal_are_always_in():
    rows = made().assign(**{f"x{k}": np.random.default_rng(k).normal(size=500) for k in range(9)})
    table = factor_association(rows, "points", "absent", adjust=[f"x{k}" for k in range(9)]).tables["dominance"]
    assert table["factor"].tolist() == ["absent"]


def test_benchmarks_say_what_is_left_with_a_confounder_as_strong_as_a_covariate(pupils: pd.DataFrame):
    found = factor_association(pupils, "points", "absent", adjust=["prior", "girl"])
    table = found.tables["benchmarks"].query("part == 'within'").set_index(["covariate", "times"])
    assert set(table.index.get_level_values(0)) == {"prior", "girl"}
    own = table["r2_factor"].xs("girl").to_numpy()
    assert own == pytest.approx(own[0] * np.array([1, 2, 3]))
    row = found["absent"]
    assert abs(table.loc[("prior", 1), "adjusted_estimate"] - row["estimate"]) > abs(
        table.loc[("girl", 1), "adjusted_estimate"] - row["estimate"]
    )


def test_benchmarks_between_schools_are_those_of_schools_means_weighted_by_size(pupils: pd.DataFrame):
    rows = pupils.iloc[:430]
    table = factor_association(rows, "points", "absent", adjust=["prior", "girl"]).tables["benchmarks"]
    row = table.query("part == 'between' and covariate == 'girl' and times == 1").iloc[0]
    means = rows.groupby("school")[["points", "absent", "prior", "girl"]].mean()
    weights = rows.groupby("school").size()
    both = [
        smf.wls(f"{y} ~ girl + {rest}", means, weights=weights).fit()
        for y, rest in (("absent", "prior"), ("points", "prior + absent"))
    ]
    own = [fit.tvalues["girl"] ** 2 / (fit.tvalues["girl"] ** 2 + fit.df_resid) for fit in both]
    assert (row["r2_factor"], row["r2_outcome"]) == pytest.approx(tuple(float(one) for one in benchmark(*own, 1)))


def test_an_answer_that_hangs_on_one_school_is_no_more_than_a_difference():
    rows = made(seed=5)
    lone = rows["school"].eq("s0")
    rows["points"] = np.random.default_rng(1).normal(size=len(rows)) + np.where(lone, 40 * rows["absent"], 0)
    found = factor_association(rows, "points", "absent", adjust=["girl"], within_between=False, standard_errors="hc3")
    check = {check.id: check for check in found.checks}["association_one_school"]
    assert check.passed is False and check.caps == Claim.DIFFERS
    assert found["absent"]["lowest_without_a_school"] < 0.5 < found["absent"]["estimate"]


def test_a_bent_line_is_seen(pupils: pd.DataFrame):
    bent = pupils.assign(points=pupils["points"] + 4 * pupils["absent"] ** 2)
    for rows, passed in ((pupils, True), (bent, False)):
        checks = {check.id: check.passed for check in factor_association(rows, "points", "absent", adjust=["prior"]).checks}
        assert checks["association_straight"] is passed


def test_a_yes_or_no_is_a_share_between_nought_and_one(pupils: pd.DataFrame):
    found = factor_association(pupils.assign(passed=pupils["points"] > 0), "passed", "girl")
    assert "linear probability" in found.method
    assert 0 < found["girl"]["estimate"] < 1


def test_few_schools_leave_the_part_between_them_unsaid():
    found = factor_association(made(schools=6), "points", "absent", adjust=["prior", "girl"])
    between = found.estimates.set_index("group").loc["between"]
    assert between[["estimate", "lower", "upper", "p", "null"]].isna().all()
    assert {check.id: check.passed for check in found.checks}["association_told_apart"] is False
    assert found.claims.iloc[1] == Claim.NOTHING


def test_what_a_school_has_alike_for_all_has_no_part_within(pupils: pd.DataFrame):
    rows = pupils.assign(size=pupils.groupby("school")["points"].transform("size") + pupils["school"].str[1:].astype(int))
    assert factor_association(rows, "points", "size").estimates["group"].tolist() == ["between"]


NOTHING = {
    "no_outcome": lambda rows: rows.assign(points=np.nan),
    "too_few_rows": lambda rows: rows.iloc[[0, 30, 60]],
    "too_few_schools": lambda rows: rows[rows["school"].eq("s1")],
    "same_outcome": lambda rows: rows.assign(points=3.0),
    "no_variation": lambda rows: rows.assign(absent=1.0),
    "terms_coincide": lambda rows: rows.assign(prior=2 * rows["absent"] + 1),
    "exact_fit": lambda rows: rows.assign(points=2 * rows["absent"] + rows["prior"]),
}


@pytest.mark.parametrize("reason", NOTHING)
def test_where_there_is_no_answer_the_reason_is_said(pupils: pd.DataFrame, reason: str):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = factor_association(NOTHING[reason](pupils), "points", "absent", adjust=["prior"])
    assert found.reason == reason and found.claim == Claim.NOTHING and found.estimates.empty
    assert all(Texts(language).has(f"reasons.{reason}") for language in LANGUAGES)


def test_schools_of_one_pupil_each_say_something_of_schools_only():
    found = factor_association(made(schools=60, size=1), "points", "absent", adjust=["prior"])
    assert found.estimates["group"].tolist() == ["between"]
    assert found["absent"]["lower"] < found["absent"]["estimate"] < found["absent"]["upper"]


def test_two_schools_are_too_few_for_errors_by_school():
    assert factor_association(made(schools=2), "points", "absent").reason == "too_few_schools"


@pytest.mark.parametrize(
    ("outcome", "factor", "how", "said"),
    [
        ("points", "shoe", {}, "'shoe'"),
        ("points", "absent", {"school": "place"}, "'place'"),
        ("kind", "absent", {}, "'kind' is no number"),
        ("points", "points", {}, "cannot be a factor"),
        ("points", [], {}, "name of a factor"),
        ("points", "absent", {"adjust": ["absent"]}, "can be held equal"),
        ("points", "absent", {"standard_errors": "cr9"}, "cr2, cluster, multilevel, wild"),
        ("points", "absent", {"school": "", "standard_errors": "cr2"}, "hc3, ordinary"),
        ("points ~ absent", "girl", {}, "not in the formula"),
        ("points ~ absent", "absent", {"adjust": ["girl"]}, "Leave out adjust"),
        ("points ~ absent * girl", "absent", {}, "absent and girl together"),
        ("points ~ absent - 1", "absent", {}, "intercept"),
        ("points ~~ absent", "absent", {}, "formula"),
        ("points", "kind", {"graph": GRAPH}, "no node 'kind'"),
    ],
)
def test_a_question_asked_wrongly_is_refused_with_what_to_do(pupils, outcome, factor, how, said):
    with pytest.raises(ContractError, match=said):
        factor_association(pupils, outcome, factor, **how)


def test_what_is_missing_is_counted_by_column(pupils: pd.DataFrame):
    rows = pupils.assign(prior=pupils["prior"].where(pupils["pupil"] % 4 > 0), school=pupils["school"].where(pupils["pupil"] > 9))
    found = factor_association(rows, "points", "absent", graph=GRAPH)
    assert found.basis.left_out == {"prior": 125, "school": 10}
    assert {check.id: check.passed for check in found.checks}["little_missing"] is False
    assert found.claim == Claim.DIFFERS


def test_every_check_and_doubt_has_its_words_in_every_language(finding: Finding):
    for language in LANGUAGES:
        told = doubts(finding, language)
        assert len(told) == len(finding.checks) + len(finding.cannot_tell) + 1
        assert not told["answer"].str.contains("{", regex=False).any()


def test_a_finding_is_the_same_when_read_back(finding: Finding):
    again = Finding.from_json(finding.to_json())
    pd.testing.assert_frame_equal(again.estimates, finding.estimates)
    assert set(again.tables) == set(finding.tables)


@dataclass(frozen=True)
class Town:
    """What of_municipality asks of a municipality's rows."""

    leavers: pd.DataFrame
    causal_graph: CausalGraph | None
    outcome: str = "meritvarde"
    confidence: float = 0.9


def test_a_municipality_gets_an_answer_for_every_factor_of_its_graph_in_one_family():
    pupils = made().assign(health=np.nan)
    pupils["prior"] = pupils["prior"].where(pupils["school_year"].eq("2023-24"))
    arrows = [(edge.start, edge.to) for edge in GRAPH.edges]
    graph = CausalGraph.of([*arrows, ("health", "points")], "points", ["absent", "girl", "health"])
    absent, girl, health = of_municipality(Town(pupils, graph))
    assert [one.outcome for one in (absent, girl, health)] == ["meritvarde"] * 3
    assert absent.basis.school_years == ("2023-24",)  # earlier results are known in no other
    assert absent.basis.left_out == {"association_years_without": (pupils["school_year"] == "2022-23").sum()}
    assert girl.basis.school_years == ("2022-23", "2023-24") and girl.confidence == 0.9
    assert (health.reason, health.about) == ("association_not_measured", {"factor": "health"})
    assert absent.numbers["tests"] == girl.numbers["tests"] == 4


def test_a_municipality_without_a_graph_or_without_results_gets_the_reason():
    assert [one.reason for one in of_municipality(Town(made(), None))] == ["association_no_graph"]
    assert [one.reason for one in of_municipality(Town(made().assign(points=np.nan), GRAPH))] == ["no_outcome"]
