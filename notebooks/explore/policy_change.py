# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% tags=["parameters"]
measure = ""  # type: str  id of a measure in measures.yml; empty for the first
others = False  # type: bool  also two-way fixed effects, Sun-Abraham and did2s (needs pyfixest; some seconds the first time)
language = "en"  # type: str  sv, nb or en: names in the charts, and their stamp

# %% [markdown]
# # What changed when a measure came
#
# Everything here is made from the store itself: **internal, not disclosure controlled**.
#
# A measure is declared in `measures.yml`: which schools, from which school year, and which indicator was meant to move. Schools
# with it are followed before and after, beside schools without it. Read the guards before the figure: schools are usually given a
# measure because a year was bad, and after a bad year most things improve by themselves.

# %%
import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.policy_change import of_municipality, policy_change
from kvalitet_lib.cli.analyse import municipal_rows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import policy_change_charts as charts
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.store import Store

# %%
home = Home.find(None)
town = municipal_rows(home, Store(home.private))
names = town.tables["schools"].drop_duplicates("school", keep="last").set_index("school")["name"].to_dict()

# %%
findings = {finding.about["measure"]: finding for finding in of_municipality(town)}
nothing = Finding.nothing("policy_change", "", "policy_change_none_declared")
finding = findings[measure] if measure else next(iter(findings.values()), nothing)
answered = not finding.reason
list(findings), finding

# %% [markdown]
# ## The answer
#
# `effect` is the average over the schools with the measure and their years since. `effect_without_last_year` counts from the
# years before the last one: if the two differ much, the last year before was unusual, and the second is the one to believe.
# `standard_error` is that of large samples; the interval and p rest on `standard_error_few` and `freedom`, made for few schools.

# %%
finding.to_frame()

# %% [markdown]
# ## Year by year
#
# Left of the shaded field nothing had come yet: those points should lie around 0. **A point far out just before the field is the
# sign of schools picked after an unusual year.** The thin line is one year's interval; the broad one holds for all years at once.

# %%
charts.event_study(finding, language) if answered else None

# %% [markdown]
# ## The schools' own course
#
# The comparison is worth something where the lines ran alike before.

# %%
charts.lines(finding, language) if answered else None

# %% [markdown]
# ## Pretended measures
#
# `in_time`: as if the measure had come so many years earlier. `in_place`: each school without the measure, as if it alone had had
# it. The spread of those is how far chance alone carries a school.

# %%
finding.tables.get("placebos")

# %% [markdown]
# ## One school at a time left out
#
# If the answer hangs on one school, it is an answer about that school.

# %%
charts.left_out(finding, names, language) if answered else None

# %% [markdown]
# ## Few schools
#
# The same effect as a regression's coefficient, tested in four ways. With many schools they agree. With few, believe the widest.

# %%
finding.tables.get("few_units")

# %% [markdown]
# ## The usual regression, and what it is made of
#
# Where a measure came in turn, two-way fixed effects also compare with schools that already had it (`earlier`), which may turn an
# effect upside down. Where it came at once for all, there is nothing of the kind.

# %%
finding.tables.get("comparisons")

# %% [markdown]
# Other estimators, on the indicator as it is (not adjusted for intake): they should tell the same story.

# %%
declared = next((one for one in town.measures if one.name == finding.about.get("measure")), None)
rows = town.school_years(declared.indicator) if others and declared else None
again = (
    policy_change(rows.assign(treated_from=rows["school"].map(declared.schools)), "estimate", base="all", others=True)
    if rows is not None
    else None
)
again.tables.get("estimators") if again else None

# %% [markdown]
# ## All figures

# %%
pd.Series(finding.numbers, dtype=float)

# %% [markdown]
# ## The doubts
#
# What was tested, what came of it, what the finding rests on, and what no such comparison can tell.

# %%
doubts(finding, language)
