"""A followed class by school: who stayed, came and went; class against class beside pupils with themselves; those lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.cohorts_rows import Followed
from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg
from kvalitet_lib.statistics.same_persons import Contrast, Part, WithTheLost, of_means, with_the_lost

TERMS = ("same_pupils", "class_against_class", "difference")
ALL = ""
FEWEST_TO_COMPARE = 5


def counts_of(followed: Followed) -> pd.DataFrame:
    """One row is one school, and one for all (``school`` empty).

    ``then`` (pupils with a value on the earlier occasion) is ``stayed + moved_out + lost + no_result_now``; ``now`` (with one on
    the later) is ``stayed + moved_in + new + no_result_then``. Of all together those who moved count once, as ``moved_in``.
    """
    pupils = followed.pupils
    before, after = pupils["earlier"].notna(), pupils["later"].notna()
    kind = pupils["kind"]
    masks = {
        "then": before,
        "now": after,
        "stayed": before & after & kind.eq("stayed"),
        "moved_in": before & after & kind.eq("moved"),
        "moved_out": before & after & kind.eq("moved"),
        "new": after & kind.eq("new"),
        "no_result_then": after & ~before & kind.ne("new"),
        "lost": before & kind.eq("lost"),
        "no_result_now": before & ~after & kind.ne("lost"),
    }
    at_start = {"then", "moved_out", "lost", "no_result_now"}
    counted = {name: pupils.loc[mask, "school_earlier" if name in at_start else "school"] for name, mask in masks.items()}
    schools = pd.DataFrame({name: found.value_counts() for name, found in counted.items()}).fillna(0).astype("int64")
    schools = schools.rename_axis("school").reset_index()
    whole = {"school": ALL, **{name: int(mask.sum()) for name, mask in masks.items()}, "moved_out": 0}
    return pd.concat([pd.DataFrame([whole]), schools.sort_values("school")], ignore_index=True)


def contrasts_of(followed: Followed, schools: list[str], level: float) -> dict[str, Contrast]:
    """By term, the contrast in all together and then in each school."""
    every = {name: place for place, name in enumerate(dict.fromkeys([*followed.pupils["pupil"], *followed.last["pupil"]]))}
    place = {name: number for number, name in enumerate(schools, start=1)}
    both = followed.pupils[followed.matched]
    now = followed.pupils[followed.pupils["later"].notna()]

    def part(sign: float, frame: pd.DataFrame, value: np.ndarray) -> Part:
        person, group = frame["pupil"].map(every).to_numpy(), frame["school"].map(place).to_numpy()
        twice = np.concatenate([np.zeros(len(frame), dtype=np.int64), group.astype(np.int64)])
        return Part(sign, np.tile(person.astype(np.int64), 2), twice, np.tile(value, 2))

    this = part(1, now, now["later"].to_numpy(dtype=np.float64))
    last = part(-1, followed.last, followed.last["value"].to_numpy(dtype=np.float64))
    same, less = (part(sign, both, followed.change) for sign in (1, -1))
    parts = dict(zip(TERMS, ([same], [this, last], [this, last, less]), strict=True))
    return {term: of_means(of_term, len(schools) + 1, level) for term, of_term in parts.items()}


def estimates_of(followed: Followed, counts: pd.DataFrame, level: float) -> pd.DataFrame:
    """The three terms for all together and for each school, tested against no difference and corrected within each term."""
    schools = counts["school"].tolist()[1:]
    matched, sizes = (_sizes(rows, schools) for rows in (followed.pupils[followed.matched], followed.last))
    now, then = counts["now"].to_numpy(dtype=np.float64), counts["then"].to_numpy(dtype=np.float64)
    gone = counts[["lost", "no_result_now"]].sum(axis=1).to_numpy(dtype=np.float64)
    n = {"same_pupils": matched, "class_against_class": np.minimum(now, sizes), "difference": np.minimum(matched, sizes)}
    frames = []
    for term, found in contrasts_of(followed, schools, level).items():
        adjusted = benjamini_hochberg(found.p, np.r_[0, np.ones(len(schools), dtype=np.int64)])[0]
        frames.append(
            pd.DataFrame(
                {
                    "term": term,
                    "group": counts["school"],
                    "estimate": found.estimate,
                    "standard_error": found.standard_error,
                    "lower": found.lower,
                    "upper": found.upper,
                    "null": 0.0,
                    "p": found.p,
                    "p_adjusted": adjusted,
                    "n": n[term],
                    "missing": gone / np.where(then > 0, then, np.nan),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _sizes(rows: pd.DataFrame, schools: list[str]) -> Floats:
    """How many rows there are in all, and then of each school."""
    return np.r_[len(rows), rows["school"].value_counts().reindex(schools, fill_value=0).to_numpy()].astype(np.float64)


def schools_of(counts: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Counts and the three terms beside each other, one row for each school and one for all."""
    wide = counts
    for term in TERMS:
        mine = estimates[estimates["term"].eq(term)].reset_index(drop=True)
        wide = wide.join(mine[["estimate", "lower", "upper", "p_adjusted"]].add_prefix(f"{term}_"))
    return wide.assign(n=estimates.loc[estimates["term"].eq(TERMS[0]), "n"].to_numpy(), missing=estimates["missing"][: len(wide)])


def lost_beside_kept(followed: Followed, level: float) -> Contrast:
    """The earlier result of those lost less that of those kept (Welch)."""
    began = followed.began
    kept = began["later"].notna().to_numpy()
    value, person = began["earlier"].to_numpy(dtype=np.float64), np.arange(len(began))
    return of_means(
        [Part(sign, person[who], np.zeros(int(who.sum()), dtype=np.int64), value[who]) for sign, who in ((1, ~kept), (-1, kept))],
        1,
        level,
    )


def loss_of(followed: Followed, level: float) -> WithTheLost:
    """What the mean change may be of all who were there from the beginning."""
    began = followed.began
    return with_the_lost(began["earlier"].to_numpy(dtype=np.float64), began["later"].to_numpy(dtype=np.float64), level)
