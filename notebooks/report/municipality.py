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
municipality = ""  # type: str  municipality code, four digits
school_year = ""  # type: str  school year written 2024-25; empty for the release's own
language = "en"  # type: str  sv, nb or en
release = "home/released/public"  # type: str  folder made by `kvalitet release`

# %%
from kvalitet_lib.present.municipality_report import MunicipalityReport

report = MunicipalityReport(release, municipality, school_year, language)

# %%
report.head()

# %%
report.in_brief()

# %%
report.at_a_glance()

# %%
report.against_the_nation()

# %%
report.schools_beside()

# %%
report.all_areas()

# %%
report.girls_and_boys()

# %%
report.analyses()

# %%
report.limits()

# %%
report.questions()

# %%
report.definitions()

# %%
report.sources()
