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
chain = ""  # type: str  a later result that pupils are followed to, e.g. meritvarde; empty for the last there is
reliability = 0.85  # type: float  of the earlier result, 0 to 1; ask those who make the test
language = "en"  # type: str  sv, nb or en: names in the charts, and their stamp

# %% [markdown]
# # Value added
#
# Everything here is made from the store itself: **internal, not disclosure controlled**.
#
# How far do a school's pupils come, held against pupils with the same earlier result and background? What is left is called
# the school's value added. **It is not the school's effect**: pupils are not placed at schools by lot, and everything that
# nobody has measured is in it.

# %%
from IPython.display import display

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.value_added import formula_of, of_municipality, rows_of_chain, value_added
from kvalitet_lib.cli.analyse import municipal_rows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import value_added_charts as charts
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.store import Store

# %%
home = Home.find(None)
town = municipal_rows(home, Store(home.private))
names = town.tables["schools"].drop_duplicates("school", keep="last").set_index("school")["name"].to_dict()

# %% [markdown]
# ## Every pair of results between which pupils can be followed
#
# Look at `missing` first: who has no earlier result has often come lately, and is not like the others.

# %%
findings = of_municipality(town)
display(*[one.estimates.query("term == 'icc'").assign(**one.about) for one in findings])

# %% [markdown]
# ## One of them

# %%
followed = [pair for pair in town.chains if pair[1] == chain or not chain]
finding = slopes = Finding.nothing("value_added", town.outcome, "too_few_rows")
if followed:
    rows = rows_of_chain(town, *followed[-1])
    asked = {"pupil": "pupil", "school_year": "school_year"}
    finding = value_added(rows, formula_of(rows), reliability={"earlier": reliability}, replicates=500, **asked)
    slopes = value_added(rows, formula_of(rows), random_slope="earlier", **asked)
finding.to_frame().dropna(axis="columns", how="all")

# %% [markdown]
# What is held equal is there to make schools comparable. Its coefficients are not findings: each is adjusted for what the
# comparison of schools needs, not for what its own reading would need.

# %%
dict(finding.numbers)

# %% [markdown]
# ## Each school
#
# The diamond is the mean of what is left among the school's pupils, the dot the same drawn towards 0. Pale: the interval for
# one school. Dark: for comparing two. Where most dark ones overlap, most schools cannot be told apart.

# %%
finding.reason or charts.caterpillar(finding, names, language)

# %% [markdown]
# ## And as places
#
# This is why no ranking is made.

# %%
finding.reason or charts.ranks(finding, names, language)

# %%
finding.tables["schools"].round(2) if "schools" in finding.tables else finding.reason

# %% [markdown]
# ## With measurement error reckoned with
#
# Every test measures with error. What the error hides of pupils' start is counted as schools': those whose pupils start low
# are credited with too little. Where diamonds lie far from dots, the answer hangs on a reliability that somebody must state.

# %%
finding.reason or charts.corrected(finding, names, language)

# %%
finding.tables.get("corrected")

# %% [markdown]
# ## Is one number per school enough?
#
# A school may do more for those who start low than for those who start high. Then the slope of the earlier result varies.

# %%
slopes.tables.get("variances", slopes.reason)

# %% [markdown]
# ## How sure is the spread?
#
# A bootstrap draws made-up pupils from the fitted model, fits it to them, and sees how the answers scatter.

# %%
finding.tables.get("bootstrap")

# %% [markdown]
# ## The doubts
#
# Read these before you tell anybody anything above.

# %%
print(finding.method, finding.claim.key, sep="\n")

# %%
doubts(finding, language)
