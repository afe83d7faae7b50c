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
school = ""  # type: str  school unit code, as in the release's units.csv
school_year = ""  # type: str  school year written 2024-25; empty for the release's own
language = "en"  # type: str  sv, nb or en
release = "home/released/public"  # type: str  folder made by `kvalitet release`

# %%
from kvalitet_lib.present.school_report import SchoolReport

report = SchoolReport(release, school, school_year, language)

# %%
report.head()

# %%
report.in_brief()

# %%
report.at_a_glance()

# %%
report.similar_schools()

# %%
report.all_areas()

# %%
report.girls_and_boys()

# %%
report.cohorts()

# %%
report.analyses()

# %%
report.own_words()

# %%
report.limits()

# %%
report.questions()

# %%
report.definitions()

# %%
report.sources()
