"""Every figure there is: computed here and published, one shown for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from kvalitet_lib.indicators import Indicator
from kvalitet_lib.measure.local import local_figures
from kvalitet_lib.measure.measurement import FIGURE, Measurement, in_long_form
from kvalitet_lib.measure.published import published_figures
from kvalitet_lib.measure.shrunken import with_shrunken
from kvalitet_lib.measure.trust import disagreements, most_trusted
from kvalitet_lib.municipality import Municipality


def measure_all(
    indicators: Mapping[str, Indicator] | Iterable[Indicator], tables: Mapping[str, pd.DataFrame], municipality: Municipality
) -> Measurement:
    """Every figure of every indicator in the long form of CONTRIBUTING.md, for schools, municipality, group and nation.

    Where several sources state a figure, the first in ``municipality.trust`` is shown (``local`` is what we compute);
    where they differ beyond rounding, ``disagreements`` says so. An indicator whose tables are not there has only its
    published figures.

    A school's history follows its code: the years of a school that was merged or renamed stay under the old code, and
    the register's ``successor`` says where to look. The nation, and the comparable municipalities' unweighted mean, are
    published without a number of persons, so their uncertainty is unknown.

    Parameters
    ----------
    indicators : mapping of str to Indicator, or iterable of Indicator
        What to measure, in the order the figures shall have.
    tables : mapping of str to DataFrame
        The store, or any mapping from table names to frames that keep the contracts.
    municipality : Municipality
        Whose schools; also trust, confidence level and comparable group.

    Returns
    -------
    Measurement
        Confidential: small groups are hidden only at release.

    See Also
    --------
    local_figures : which schools make up the municipality, and who is counted once.
    published_figures : which owners' schools a published figure is about.
    """
    chosen = dict(indicators) if isinstance(indicators, Mapping) else {one.id: one for one in indicators}
    local = [local_figures(one, tables, municipality) for one in chosen.values()]
    schools = {code for figures in local for code in figures.unit[figures.level.eq("school")].unique()}
    candidates = in_long_form(pd.concat([*local, published_figures(chosen, tables, municipality, schools)]))
    shown = most_trusted(candidates, municipality.trust)
    order = {id: place for place, id in enumerate(chosen)}
    shown = shown.sort_values(
        FIGURE, key=lambda column: column.map(order) if column.name == "indicator" else column, ignore_index=True
    )
    return Measurement(with_shrunken(shown, chosen, municipality.confidence), disagreements(candidates, shown, chosen))
