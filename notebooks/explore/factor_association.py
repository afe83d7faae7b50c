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
factor = "absent"  # type: str  a node of the causal graph
language = "en"  # type: str  sv, nb or en: names in the charts, and their stamp

# %% [markdown]
# # What goes with results, other things alike
#
# Everything here is made from the store itself: **internal, not disclosure controlled**.
#
# A plain comparison of pupils who are away much with pupils who are away little compares many things at once. Which of them
# must be held equal, and which must not, cannot be read from figures: somebody who knows the schools has to say what may bear
# on what. The municipality says so in `causal_graph.yml`; the one that comes with the project is an example.

# %%
from kvalitet_lib.analyses.factor_association import factor_association, of_municipality
from kvalitet_lib.cli.analyse import municipal_rows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.explore import factor_association_charts as charts
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.store import Store

home = Home.find(None)
town = municipal_rows(home, Store(home.private))
graph, leavers = town.causal_graph, town.leavers

# %% [markdown]
# ## What is held equal
#
# Light blue is held equal. Orange has not been measured and stands in the way: as long as it does, a difference may be that
# and nothing else, and no method mends it. What is drawn with a dotted edge lies on the way from the factor to the results, or
# comes after, and is **not** held equal: that would take away what is asked for, or make things go together that do not.

# %%
charts.causal_graph(graph, factor, language, known=leavers.dropna(axis="columns", how="all").columns)

# %% [markdown]
# The same in words, with the path that gives each its role. Ask for something that is not allowed, such as
# `factor_association(leavers, "outcome", "absent", graph=graph, adjust=["eligible"])`, and it is refused with the path.

# %%
graph.roles(factor, known=leavers.dropna(axis="columns", how="all").columns)

# %% [markdown]
# ## Every factor the graph asks about
#
# One family: the tests are corrected for together. `within` compares pupils of one school, whatever the school is like;
# `between` compares schools. A figure for schools says nothing of their pupils, and the other way round.

# %%
findings = of_municipality(town)
told = [one for one in findings if len(one.estimates)]
charts.forest(told, language) if told else "No factor has an answer here; the doubts at the end say why."

# %% [markdown]
# ## The factor asked about

# %%
(finding,) = [one for one in findings if one.about["factor"] == graph.node(factor)]
finding.to_frame().dropna(axis="columns", how="all").transpose()

# %% [markdown]
# A plain correlation, with nothing held equal, for comparison. Where the two differ much, what is held equal matters – and so
# may what nobody has measured.

# %%
plain = factor_association(leavers, "outcome", graph.column(factor), within_between=False)
plain.to_frame()[["term", "estimate", "lower", "upper", "p", "n"]]

# %% [markdown]
# ## How much goes with each
#
# Dominance: what each adds to what is explained, on average over all models with and without the others. It describes the
# figures at hand; it says nothing of what would happen if one of them were changed.

# %%
charts.dominance(finding, language) if "dominance" in finding.tables else "The finding has no table of dominance."

# %%
finding.tables.get("dominance_pairs")

# %% [markdown]
# ## What if something unmeasured is at work?
#
# Along the orange line nothing is left of the figure. The diamonds are what we have measured: would it take something stronger
# than that? `benchmarks` has the figure with a confounder once, twice and three times as strong as each.

# %%
charts.contour(finding, language=language) if len(finding.estimates) else finding.reason

# %%
finding.tables.get("benchmarks")

# %% [markdown]
# ## The doubts
#
# Read these before you say anything to anybody.

# %%
print(finding.about, finding.method, finding.claim.key, sep="\n")

# %%
doubts(finding, language)
