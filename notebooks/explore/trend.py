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
indicator = ""  # type: str  id as in `kvalitet explain indicators`; empty for the first of the main ones
language = "en"  # type: str  sv, nb or en: names in the charts, and their stamp

# %% [markdown]
# # Is the change secured?
#
# A school's figures rise and fall from year to year, and five points always have a slope. Here each school gets a straight
# line through its years, and is held against how much schools swing from year to year anyway. Everything is made from the
# store itself: **internal, not disclosure controlled**.

# %%
from kvalitet_lib.analyses import trend
from kvalitet_lib.cli.analyse import municipal_rows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import trend_charts as charts
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.store import Store

home = Home.find(None)
town = municipal_rows(home, Store(home.private))
names = town.tables["schools"].drop_duplicates("school", keep="last").set_index("school")["name"].to_dict()
findings = {one.outcome: one for one in trend.of_municipality(town)}

# %% [markdown]
# ## All of the municipality's main indicators
#
# Each indicator's schools are one family of tests: `p_adjusted` is corrected for all of them. Among thirty schools one or two
# would stand out by chance alone if it were not.

# %%
trends = list(findings.values())
print(*trends, sep="\n")

# %% [markdown]
# ## One indicator
#
# The row `all` answers for the schools together, the rows below it for each. `slope_sd` tells by how much schools' slopes
# truly differ, once chance has been taken out.

# %%
finding = findings[indicator or next(iter(findings))]
finding.to_frame()

# %% [markdown]
# ### Every school's years and line
#
# Look at the points before the lines: is it a direction, or one odd year? The scale is the same everywhere.

# %%
charts.lines_chart(finding, names, language)

# %% [markdown]
# ### Change per year, with interval
#
# The schools stand in the order of their codes, never by size. The diamonds are drawn towards the mean of all schools, as far
# as chance explains the distance: a better guess of where each school is truly heading.

# %%
charts.slopes_chart(finding, names, language)

# %% [markdown]
# ### How much was chance?
#
# `slope_sd_raw` is how far apart the slopes lie, `slope_sd_true` what is left without chance. `below_alpha` schools would have
# been called changed one by one; `secured` are, after adjusting for all `tests`. `yearly_sd` is how much a year moves a
# school beyond its pupils' own scatter, `common_sd` how much it moves all of them, and `carry_over` how much of it stays.

# %%
dict(finding.numbers)

# %% [markdown]
# ### Each school by other tests
#
# Ranks (Kendall) assume least and see least: `tau_smallest_p` is what a series of this length could reach at best. Standard
# errors after Newey and West need series far longer than these.

# %%
finding.tables["schools"]

# %% [markdown]
# ## The doubts
#
# Read these before you tell anybody anything above.

# %%
doubts(finding, language)
