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
indicator = ""  # type: str  id as in `kvalitet explain indicators`; empty for one that every school has
school_year = ""  # type: str  school year written 2024-25; empty for the newest
language = "en"  # type: str  sv, nb or en: names in the charts, and their stamp

# %% [markdown]
# # A first look
#
# Everything here is made from the store itself: **internal, not disclosure controlled**. Each chart says so on its face.
# What others may see is decided by `kvalitet release`, never by copying from this notebook.
#
# The order is deliberate: what was delivered, what is missing, and only then what the figures say.

# %%
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import differences, quality
from kvalitet_lib.explore.charts import USUAL, Sides
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.store import Store

home = Home.find(None)
municipality = home.municipality()
store = Store(home.private)
tables = dict(store)

# %% [markdown]
# ## What was delivered
#
# `rows_left` counts the rows that are still valid: a corrected delivery pushes out what it corrects.

# %%
quality.deliveries_in_brief(store.deliveries())

# %% [markdown]
# ## Rows in each school year
#
# A year that is thinner than its neighbours is more often a lost file than a real change.

# %%
quality.rows_by_school_year(tables)

# %% [markdown]
# ## What is missing
#
# Share of each column that is empty. Ask first whether it may be empty: a grade sheet has no språkval for every subject.

# %%
quality.missing_shares(tables)

# %% [markdown]
# ## Pupils the register does not know
#
# They have grades, tests or absence but no row in `pupils` that school year, so no breakdown by background counts them.

# %%
quality.pupils_not_registered(tables)

# %% [markdown]
# ## Stated points against computed ones
#
# Where the delivering system states a merit value or grunnskolepoeng, it should be what the grades give. A share of
# agreement below 1 asks for a look at subject codes first. An empty table means that no delivery states points.

# %%
points = all_indicators(municipality.country)[quality.STATED[municipality.country]]
quality.stated_against_computed(tables, points)

# %% [markdown]
# ## One indicator from all sides

# %%
sides = Sides.of(indicator or USUAL[municipality.country], tables, municipality, language)
newest = school_year or sides.schools["school_year"].max()
print(f"{sides.indicator.id}: {sides.indicator.rule}")

# %% [markdown]
# ### Between schools, measured and shrunken
#
# The estimate drawn towards the schools' mean moves most where few pupils stand behind it. If the order of the schools
# changes between the two, the order was not worth much.

# %%
sides.distribution(newest)

# %% [markdown]
# Could all schools share one value? A small p says that they differ more than chance alone would have them do; a large
# one does not say that they are alike.

# %%
differences.between_schools(sides.schools, sides.indicator.kind)

# %% [markdown]
# ### Over the years

# %%
sides.over_years()

# %% [markdown]
# ### Girls and boys, and parents' education
#
# A gap describes; it does not explain. Look at the intervals before the lines.

# %%
sides.by_group("sex")

# %%
sides.by_group("parents_education")

# %% [markdown]
# ### Size against value
#
# Small schools scatter more. Points outside the funnel are worth a question; a sloping line says that size and value go
# together, for whatever reason.

# %%
sides.funnel()
