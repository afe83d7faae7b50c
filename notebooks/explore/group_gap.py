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
breakdown = "parents_education"  # type: str  sex, parents_education or newly_arrived
reference = "pooled"  # type: str  A, B, cotton, reimers, neumark or pooled
language = "en"  # type: str  sv, nb or en: names in the charts, and their stamp

# %% [markdown]
# # Gaps between groups
#
# How far apart two groups are, what goes with it, and how much of it lies between schools. Everything here is made from the
# store itself: **internal, not disclosure controlled**.
#
# A gap describes. Its unexplained part is not a measure of unfair treatment: it holds all that nobody has measured.

# %%
from IPython.display import display

from kvalitet_lib.analyses import group_gap
from kvalitet_lib.cli.analyse import municipal_rows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import group_gap_charts as charts
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.store import Store

# %%
home = Home.find(None)
town = municipal_rows(home, Store(home.private))
names = town.tables["schools"].drop_duplicates("school", keep="last").set_index("school")["name"].to_dict()
findings = group_gap.of_municipality(town)

# %% [markdown]
# ## What was found
#
# `gap` without a group is all school years together. `p_adjusted` allows for all tests of this table; `claim` is the
# strongest sentence a row may carry. The rows `explained` and `unexplained` are by the reference named in `group`.

# %%
chosen = [one for one in findings if one.about["breakdown"] == breakdown]
divided = [one for one in chosen if "references" in one.tables]
display(*[one.reason or one.to_frame() for one in chosen])

# %% [markdown]
# ## Over the years
#
# Look at the intervals before the line: each year's gap rests on that year's pupils only.

# %%
display(*[charts.over_years(one, language) for one in chosen if "school_years" in one.tables])

# %% [markdown]
# ## What it is made up of
#
# The three upper parts add up to the gap. Below, the explained part by six yardsticks: if they lie far apart, say so, and
# never show one of them alone. Only pupils of whom every factor is known are divided (`gap_divided`). Where there is no
# division, too little is known of too many.

# %%
display(*[charts.parts(one, language) for one in divided])

# %%
display(*[one.tables["references"].set_index("reference").loc[[reference]].T for one in divided])

# %%
display(*[one.tables["terms"] for one in divided])

# %% [markdown]
# ## Between schools
#
# `between_schools` is the part of the gap that is gone when pupils of the same school are compared. Small schools look
# segregated by chance alone: compare with the grey range, not with 0.

# %%
print(*[one.numbers.get("share_between_schools") for one in chosen])

# %%
display(*[charts.segregation(one, language) for one in chosen if len(one.tables.get("segregation", ()))])

# %% [markdown]
# ## Each school's gradient
#
# How much results rise with each step of parents' education at each school. What is drawn towards the mean of all is the
# better guess for a small school. `gradient_spread` says whether schools differ in this at all.

# %%
display(*[charts.gradients(one, names, language) for one in findings if "schools" in one.tables])

# %% [markdown]
# ## The doubts
#
# Read these before you tell anybody anything above.

# %%
display(*[doubts(one, language) for one in chosen])
