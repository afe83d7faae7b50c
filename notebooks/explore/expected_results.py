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
together = False  # type: bool  all school years together instead of the newest
language = "en"  # type: str  sv, nb or en: names in the charts, and their stamp

# %% [markdown]
# # Results against intake
#
# Everything here is made from the store itself: **internal, not disclosure controlled**.
#
# SALSA and skolebidragsindikatorer ask what a school's results would be, had a school with its intake been like the others.
# Here the same question is asked of the municipality's own schools. **A deviation is not the school's effect**: it is all that
# the formula does not know of, and at a small school most of it is chance. Never rank by it.

# %%
import pandas as pd

from kvalitet_lib.analyses.expected_results import of_municipality
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.cli.analyse import municipal_rows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import expected_results_charts as charts
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.store import Store

# %%
home = Home.find(None)
town = municipal_rows(home, Store(home.private))
names = town.tables["schools"].drop_duplicates("school", keep="last").set_index("school")["name"].to_dict()

# %%
findings = of_municipality(town)
nothing = Finding.nothing("expected_results", town.outcome, "no_outcome")
finding = (findings or [nothing])[-1 if together else 0]
print(finding)

# %% [markdown]
# ## The formula
#
# Coefficients with HC3 standard errors. With few schools they are loose: the whole country's formula, where an agency has one,
# knows more than this one does. `r_squared` says how much of what sets schools apart goes with intake.

# %%
finding.tables.get("formula")

# %%
pd.Series(finding.numbers, dtype=float)

# %% [markdown]
# ## Schools against the formula
#
# The bar is where a school with this intake and this many pupils would lie, were it like the others. Look at how the bars widen
# as schools get smaller before you look at any dot.

# %%
charts.against_expected(finding, language) if len(finding.estimates) else finding.reason

# %%
charts.deviations(finding, names, language) if len(finding.estimates) else finding.reason

# %% [markdown]
# `difference` is ours less what the agency has published, where that is loaded and in the same unit: the agency's formula is made
# of all the country's schools, so the two need not agree. `noise` is the share of such a deviation's variance that pupils' chance
# alone brings, and `shrunken` what is left when that is taken off.

# %%
finding.tables.get("schools")

# %% [markdown]
# ## The doubts
#
# Read these before you say anything to anybody.

# %%
print(finding.about, finding.method, finding.claim.key, sep="\n")

# %%
doubts(finding, language)
