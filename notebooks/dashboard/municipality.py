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
release = ""  # type: str  folder made by `kvalitet release`; empty for the one `kvalitet dashboard` serves
language = ""  # type: str  sv, nb or en; empty for the one `kvalitet dashboard` was told

# %%
from kvalitet_lib.present.dashboard import MunicipalityDashboard

dashboard = MunicipalityDashboard(release, language)

# %%
dashboard.page()
