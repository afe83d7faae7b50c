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
result = ""  # type: str  the later result, e.g. meritvarde or np9; empty for the last one that pupils can be followed to
language = "en"  # type: str  sv, nb or en: names in the charts, and their stamp

# %% [markdown]
# # How far have the pupils come?
#
# Every pupil is placed among those with the same earlier results: growth percentile 50 is as usual, 90 is further than nine in
# ten came. Everything is made from the store itself: **internal, not disclosure controlled**.
#
# The municipality's own pupils are the yardstick. Half of them always lie above 50, so nothing here tells whether all schools
# together do well.

# %%
from kvalitet_lib.analyses import growth
from kvalitet_lib.cli.analyse import municipal_rows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import growth_charts as charts
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.store import Store

home = Home.find(None)
town = municipal_rows(home, Store(home.private))
names = town.tables["schools"].drop_duplicates("school", keep="last").set_index("school")["name"].to_dict()
findings = {one.outcome: one for one in growth.of_municipality(town)}

# %% [markdown]
# ## All pairs of results that pupils can be followed between

# %%
print(*findings.values(), sep="\n")

# %% [markdown]
# ## One of them
#
# `school` rows are each school's median percentile; the groups' rows follow. `p_adjusted` is corrected for the number of
# schools, so one that stands out by chance alone is not called different.

# %%
finding = findings[result or list(findings)[-1]]
finding.to_frame()

# %% [markdown]
# ### Schools
#
# In the order of their codes. Look at the intervals before the points: with thirty pupils a median swings twenty percentiles
# either way by chance. The diamond is the mean; where it lies far from the median, the school's pupils are unevenly spread.

# %%
charts.schools_chart(finding, names, language)

# %% [markdown]
# ### The years
#
# Lines that cross each other at random say that one year tells little of a school.

# %%
charts.years_chart(finding, language)

# %% [markdown]
# ### Who is on the way
#
# Only where there is something to reach: in Sweden the points at which most have been eligible, in Norway the thirty points of
# our own example. A circle counts those who will reach it if they grow as half of the pupils like them did; the diamond is the
# share of pupils like them that reached it, and the better forecast. `False` means that nothing is to be reached here.

# %%
"on_the_way" in finding.tables and charts.on_the_way_chart(finding, names, language)

# %% [markdown]
# ### How much is between schools?
#
# `between_schools` is the share of all differences in growth that lies between schools: most lies within them. `p_all_alike` asks
# whether the schools could all be alike.

# %%
dict(finding.numbers)

# %% [markdown]
# ### Any frame
#
# The same question of any tidy frame: `growth(rows, "score", ["earlier", "before_that"], school="school")`. Say
# `reliability=0.9` where those who make the earlier test have published it, and a column `mean_corrected` reckons with its
# error.

# %% [markdown]
# ## The doubts
#
# Read these before you tell anybody anything above.

# %%
doubts(finding, language)
