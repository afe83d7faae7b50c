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
# # Early warning
#
# How well can one see beforehand who may leave compulsory school without being eligible, how far can the risks be trusted,
# and are they as good for every group? Everything here is made from the store itself: **internal, not disclosure
# controlled**.
#
# Each pupil's risk comes from a model that has learnt from other schools and other years only. Risks of single pupils stand
# in `finding.pupils`, and nowhere else; nothing of them is written when findings are kept or released.

# %%
from IPython.display import display

from kvalitet_lib.analyses import early_warning
from kvalitet_lib.cli.analyse import municipal_rows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import early_warning_charts as charts
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.store import Store

# %%
home = Home.find(None)
town = municipal_rows(home, Store(home.private))
findings = early_warning.of_municipality(town)
answered = [one for one in findings if not one.reason]
print(*[f"{one}: {one.method}" for one in findings], sep="\n")

# %% [markdown]
# ## What the risks are worth
#
# `auc` says in which order pupils come, and nothing else: risks that are far too extreme have the same. Look at the
# calibration slope (1 is perfect) and at how many events there were for each one foretold.

# %%
display(*[one.to_frame() for one in answered])

# %% [markdown]
# ## Are they as high as they say?
#
# Points on the line: of pupils with that risk, that share did not reach the goal.

# %%
display(*[charts.calibration_chart(one, language) for one in answered])

# %% [markdown]
# ## What would acting on them bring?
#
# A warning is worth giving where the blue line lies above both others. The vertical line is the threshold used below; choose
# your own by what a false warning costs beside a missed pupil.

# %%
display(*[charts.decision_chart(one, language) for one in answered])

# %% [markdown]
# ## Whom do they miss?
#
# Groups in which more do not reach the goal are also warned of more often for nothing, by any honest model. That is a reason
# to ask what a warning does to whoever gets it, not to hide it.

# %%
display(*[charts.errors_chart(one, language) for one in answered])

# %%
display(*[one.tables["groups"] for one in answered])

# %% [markdown]
# ## The model
#
# Made to foretell: what stands here is not what would come of changing anything.

# %%
display(*[one.tables["coefficients"] for one in answered])

# %% [markdown]
# ## The doubts
#
# Read these before you tell anybody anything above.

# %%
display(*[doubts(one, language) for one in findings])
