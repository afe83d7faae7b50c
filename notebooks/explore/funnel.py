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
language = "en"  # type: str  sv, nb or en: names in the charts, and their stamp

# %% [markdown]
# # Schools in a funnel
#
# Which schools lie further from the others than chance, and the usual spread between schools, would have them? Everything
# here is made from the store itself: **internal, not disclosure controlled**.
#
# A funnel sorts nobody: schools inside are not told apart, and a place in it is no rank.

# %%
from IPython.display import display

from kvalitet_lib.analyses import funnel
from kvalitet_lib.cli.analyse import municipal_rows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import funnel_charts as charts
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.store import Store

# %%
home = Home.find(None)
town = municipal_rows(home, Store(home.private))
names = town.tables["schools"].drop_duplicates("school", keep="last").set_index("school")["name"].to_dict()
findings = funnel.of_municipality(town)

# %% [markdown]
# ## Adjusted for intake, first
#
# Each school's share of eligible pupils above or below what was foretold for its own pupils, by a model that has not seen
# the school. Where there is no such funnel, the risks did not hold, and nothing below is adjusted.

# %%
answered = [one for one in findings if not one.reason]
adjusted = [one for one in answered if "adjusted" in one.about]
display(*[charts.funnel_chart(one, names, language, "signed_share") for one in adjusted])

# %%
display(*[one.to_frame() for one in adjusted])

# %% [markdown]
# ## As it is, all school years
#
# The pale lines hold for chance alone. The dark ones also allow for schools usually differing a little more; which is drawn
# is said in the method. A school outside may simply teach other pupils.

# %%
every = [one for one in answered if not {"adjusted", "school_year"} & set(one.about)]
display(*[charts.funnel_chart(one, names, language) for one in every])

# %%
print(*[one.method or one.reason for one in findings], sep="\n")

# %% [markdown]
# Outside by chance, and outside in fact, by the limits drawn, those of chance alone and the exact binomial ones.

# %%
display(*[one.numbers for one in every])

# %% [markdown]
# ## The newest school year

# %%
newest = [one for one in answered if "school_year" in one.about]
display(*[charts.funnel_chart(one, names, language) for one in newest])

# %%
display(*[one.tables["schools"] for one in newest])

# %% [markdown]
# ## The doubts
#
# Read these before you tell anybody anything above.

# %%
display(*[doubts(one, language) for one in findings])
