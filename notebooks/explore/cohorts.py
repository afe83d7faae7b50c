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
# # Have the pupils come further, or are they other pupils?
#
# The usual comparison holds this year's class against last year's: other pupils. Here the same pupils are followed from an
# earlier result to a later one, and the two ways stand side by side. Everything is made from the store itself: **internal, not
# disclosure controlled**.
#
# Results are in standard deviations from the mean of those who can be followed, since an earlier and a later test have no
# scale in common. Of all pupils together the change is therefore 0; schools differ around it.

# %%
from kvalitet_lib.analyses import cohorts
from kvalitet_lib.cli.analyse import municipal_rows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import cohorts_charts as charts
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.store import Store

home = Home.find(None)
town = municipal_rows(home, Store(home.private))
names = town.tables["schools"].drop_duplicates("school", keep="last").set_index("school")["name"].to_dict()
findings = {one.outcome: one for one in cohorts.of_municipality(town)}

# %% [markdown]
# ## All pairs of results that pupils can be followed between

# %%
print(*findings.values(), sep="\n")

# %%
finding = findings[result or list(findings)[-1]]
finding.to_frame()

# %% [markdown]
# ## Who stayed, came and went
#
# To the right those who are there now, to the left those who were there and are not any longer. A school that takes over whole
# classes from others has only `moved_in`: its pupils changed mostly at another school.

# %%
charts.moves_chart(finding, names, language)

# %% [markdown]
# ## Two ways to compare
#
# Where the two lie on different sides of 0, the newspaper's headline would have been about who the pupils are. The blue interval
# is the narrower one: pupils compared with themselves differ less by chance.

# %%
charts.two_ways_chart(finding, names, language)

# %% [markdown]
# ## Those who are gone
#
# They cannot be asked, but they have an earlier result. If they began elsewhere than the others, those who are left are not
# those who began.

# %%
finding.tables["loss"]

# %% [markdown]
# The change as measured, then as it would be if those who are gone had developed as those left from the same fifth, then between
# what bounds it must lie whatever became of them.

# %%
charts.loss_chart(finding, language)

# %% [markdown]
# ## Every year that can be followed

# %%
finding.tables["school_years"]

# %% [markdown]
# ## The doubts
#
# Read these before you tell anybody anything above. Regression to the mean is the one most often forgotten: a class that
# began unusually low rises by itself.

# %%
doubts(finding, language)
