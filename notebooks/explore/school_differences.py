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
measure = ""  # type: str  a measure of results, e.g. meritvarde; empty for what pupils leave school with
order = "name"  # type: str  name, size or value: how schools stand in the charts
language = "en"  # type: str  sv, nb or en: names in the charts, and their stamp

# %% [markdown]
# # How much lies between schools
#
# Everything here is made from the store itself: **internal, not disclosure controlled**.
#
# Before anybody asks which school does well, ask how much there is to ask about. Of all that sets pupils' results apart,
# how much lies between schools, and how much within them? And how much is left between schools when pupils' background is
# held equal?

# %%
from IPython.display import display

from kvalitet_lib.analyses.school_differences import of_municipality, school_differences
from kvalitet_lib.cli.analyse import municipal_rows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import school_differences_charts as charts
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.store import Store

home = Home.find(None)
town = municipal_rows(home, Store(home.private))
names = town.tables["schools"].drop_duplicates("school", keep="last").set_index("school")["name"].to_dict()

# %% [markdown]
# ## Every measure of results, newest school year
#
# `icc` is the share that lies between schools. Look at the interval before the share: with few schools it is wide, and where
# it begins at 0 the figures fit schools that are all alike.

# %%
findings = of_municipality(town)
display(*[one.estimates.query("term == 'icc'").assign(outcome=one.outcome) for one in findings])

# %% [markdown]
# ## One measure

# %%
(finding,) = [one for one in findings if one.outcome == (measure or town.outcome)]
finding if finding.reason else charts.parts(finding, language)

# %% [markdown]
# `school` is the standard deviation between schools in the measure's own unit: about two schools in three lie within it from
# the mean. `explained` among the numbers is the share of the variance between schools that goes with intake.

# %%
finding.to_frame().dropna(axis="columns", how="all")

# %%
dict(finding.numbers)

# %% [markdown]
# ## Each school, as it is and drawn towards the mean
#
# The diamond is the school's mean. The dot is the same drawn towards the mean of all, the more so the fewer pupils stand
# behind it: a better guess of where the school will be next year. Pale: the interval for one school. Dark: for comparing two
# – where the dark ones of two schools do not touch, they can be told apart.

# %%
finding.reason or charts.caterpillar(finding, names, language, order=order)

# %% [markdown]
# With background held equal, as distances from what is expected of such pupils.

# %%
has_adjusted = "schools_adjusted" in finding.tables
charts.caterpillar(finding, names, language, table="schools_adjusted", order=order) if has_adjusted else finding.reason

# %% [markdown]
# ## Why there is no ranking
#
# Each bar holds the places a school may have. No place within it is more than a guess. `p_top_quartile` is the probability
# of being among the highest quarter.

# %%
finding.reason or charts.ranks(finding, names, language, order=order)

# %%
finding.tables["schools"].round(2) if "schools" in finding.tables else finding.reason

# %% [markdown]
# ## Ask for yourself
#
# Any tidy frame will do: an outcome, or a formula.

# %%
own = school_differences(town.leavers, "outcome ~ girl + C(parents_education)", pupil="pupil")
own.to_frame()[["term", "group", "estimate", "lower", "upper", "p", "claim"]]

# %% [markdown]
# ## The doubts
#
# Read these before you tell anybody anything above.

# %%
print(dict(finding.about), finding.method, finding.claim.key, sep="\n")

# %%
doubts(finding, language)
