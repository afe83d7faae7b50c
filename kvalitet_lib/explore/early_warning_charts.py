"""Charts of risks foretold: whether they are as high as they say, what acting on them brings, and whom they miss."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.explore.one_chart import one_chart, said_group, table_of
from kvalitet_lib.explore.stamp import Stamped
from kvalitet_lib.present.theme import THEME
from kvalitet_lib.texts import Texts

PALETTE = THEME.palette


def calibration_chart(finding: Finding, language: str = "en") -> Stamped:
    """Risk foretold beside the share with the event, by tenths of pupils and smoothed."""
    texts, bins, curve = Texts(language), table_of(finding, "calibration"), table_of(finding, "curve")

    def draw(axes: Axes) -> str:
        axes.plot([0, 1], [0, 1], color=PALETTE.muted, linewidth=1, linestyle="--", label=texts.say("explore.warning.perfect"))
        axes.plot(curve["risk"], curve["observed"], color=PALETTE.orange, label=texts.say("explore.warning.smooth"))
        axes.vlines(bins["expected"], bins["lower"], bins["upper"], color=PALETTE.blue_pale, linewidth=4)
        axes.plot(bins["expected"], bins["observed"], "o", color=PALETTE.blue, label=texts.say("explore.warning.tenths"))
        most = min(1.0, 1.08 * float(np.nanmax([bins["expected"].max(), bins["upper"].max(), curve["risk"].max()])))
        axes.set(xlim=(-0.02 * most, most), ylim=(-0.02 * most, most))
        axes.set_xlabel(texts.say("explore.warning.risk"))
        axes.set_ylabel(texts.say("explore.warning.event"))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: texts.percent(value))
        return texts.say("explore.warning.alt_calibration", count=len(bins))

    return one_chart(draw, texts.say("explore.warning.title_calibration"), texts, height=4.2, entries=3)


def decision_chart(finding: Finding, language: str = "en") -> Stamped:
    """Net benefit of flagging by risk, beside flagging everybody and nobody."""
    texts, rows = Texts(language), table_of(finding, "thresholds")
    shown = rows[rows["net_benefit"].notna()]

    def draw(axes: Axes) -> str:
        axes.axhline(0, color=PALETTE.muted, linewidth=1, label=texts.say("explore.warning.nobody"))
        of_all = rows[rows["net_benefit_of_all"].gt(-0.1 * float(shown["net_benefit"].max()))]
        axes.plot(of_all["threshold"], of_all["net_benefit_of_all"], color=PALETTE.sand, linestyle="--",
                  label=texts.say("explore.warning.everybody"))  # fmt: skip
        axes.plot(shown["threshold"], shown["net_benefit"], color=PALETTE.blue, label=texts.say("explore.warning.by_risk"))
        axes.axvline(finding.numbers["threshold"], color=PALETTE.line, linewidth=1)
        axes.set_xlabel(texts.say("explore.warning.threshold"))
        axes.set_ylabel(texts.say("explore.warning.net_benefit"))
        axes.xaxis.set_major_formatter(lambda value, _: texts.percent(value))
        axes.yaxis.set_major_formatter(lambda value, _: texts.number(value, 2))
        return texts.say("explore.warning.alt_decision")

    return one_chart(draw, texts.say("explore.warning.title_decision"), texts, entries=3)


def errors_chart(finding: Finding, language: str = "en") -> Stamped:
    """Who is missed and who is wrongly flagged, by group, with intervals."""
    table_of(finding, "thresholds")  # there is none where there is no answer
    texts, rows = Texts(language), finding.estimates
    rows = rows[rows["term"].str.fullmatch(r"(missed|false_alarm)(:.*)?") & rows["estimate"].notna()]
    rows = rows.assign(kind=rows["term"].str.partition(":")[0], breakdown=rows["term"].str.partition(":")[2])
    keys = rows[["breakdown", "group"]].drop_duplicates(ignore_index=True)

    def draw(axes: Axes) -> str:
        for kind, colour, marker, shift in (("missed", PALETTE.orange, "D", -0.15), ("false_alarm", PALETTE.blue, "o", 0.15)):
            mine = keys.merge(rows[rows["kind"].eq(kind)], on=["breakdown", "group"], how="left")
            places = np.arange(len(mine)) + shift
            axes.hlines(places, mine["lower"], mine["upper"], color=colour, alpha=0.3, linewidth=5)
            axes.plot(mine["estimate"], places, marker, color=colour, label=texts.say(f"explore.warning.{kind}"))
        labels = [said_group(texts, str(row.group) or "all", str(row.breakdown)) for row in keys.itertuples()]
        axes.set_yticks(np.arange(len(keys)), labels)
        axes.set_ylim(len(keys) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(lambda value, _: texts.percent(value))
        return texts.say("explore.warning.alt_errors", count=len(keys))

    title = texts.say("explore.warning.title_errors", threshold=texts.percent(finding.numbers["threshold"], 1))
    return one_chart(draw, title, texts, height=0.36 * len(keys) + 0.2, left=2.6, entries=2)
