"""Write a release: new files only, all or nothing, for one audience."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.disclosure.draft import Draft, say
from kvalitet_lib.disclosure.findings_standing import standing_findings
from kvalitet_lib.disclosure.free_text import write_comments
from kvalitet_lib.disclosure.ledger import last_figures, last_findings, let_out, told_already
from kvalitet_lib.disclosure.protect import shown_of
from kvalitet_lib.disclosure.release import Release, releases_in
from kvalitet_lib.disclosure.standing import as_let_out, belongs, changed_by_few, standing
from kvalitet_lib.disclosure.tested import tested
from kvalitet_lib.errors import ReleaseError
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.municipality import Municipality


def publish(
    folder: Path,
    audience: str,
    figures: pd.DataFrame,
    units: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    municipality: Municipality,
    facts: Mapping[str, Any],
    disagreements: pd.DataFrame,
    today: date,
    comments: pd.DataFrame | None = None,
    findings: Sequence[Finding] = (),
) -> Release:
    """Protect the whole batch for one audience, compare what is visible, and write it beside older releases.

    Comparisons are made from visible figures alone, so that no difference, and no mean of similar schools, tells a
    hidden one. Tables in which few have changed stand as they were let out. The draft is attacked before it is let out,
    with all releases its readers have seen.

    Parameters
    ----------
    folder : Path
        ``released``; the release becomes ``<folder>/<audience>/<release id>``.
    figures : DataFrame
        A Measurement in the long form of CONTRIBUTING.md.
    units : DataFrame
        Columns of ``UNIT_COLUMNS``.
    facts : mapping
        What goes into ``release.json`` besides: fingerprints of deliveries, version.
    disagreements : DataFrame
        A Measurement's; those that would tell a hidden figure are left out.
    comments : DataFrame, optional
        Answers in people's own words that this audience may read: from ``free_text.publishable_comments``.
    findings : sequence of Finding
        What analyses have answered on the same deliveries; each leaves as far as ``findings.shown_findings`` lets it.

    Raises
    ------
    ReleaseError
        The audience is not in params/municipality.yml, or there is nothing to release.
    DisclosureError
        The attacker could work out what the release means to keep; see :func:`tested`.
    """
    if audience not in municipality.audiences:
        raise ReleaseError(
            f"There is no audience {audience!r} in params/municipality.yml; there are: {', '.join(municipality.audiences)}."
        )
    if figures.empty:
        raise ReleaseError("There are no figures to release. Load deliveries first:  kvalitet load PATH")
    policy = municipality.audiences[audience]
    home = folder / audience
    last = last_figures(home, policy)
    batch, before = figures.reset_index(drop=True), let_out(home)
    still = standing(batch, last, indicators, policy)
    moving = batch[~belongs(batch, still.tables)].reset_index(drop=True)
    told = told_already(moving, [before, *(let_out(folder / other) for other in policy.also_reads)], indicators)
    told["changed"] = changed_by_few(moving, before, indicators, policy)
    seen = shown_of(moving, indicators, policy, own_schools(units, municipality), told)
    stands = as_let_out(last, still.tables)
    answers = standing_findings(findings, last_findings(home, policy), still, batch, indicators, policy)
    draft = Draft(moving, seen, stands, batch, units, indicators, policy, municipality, before, disagreements, answers)
    about = {
        "audience": audience,
        "policy": policy.model_dump(),
        "municipality": municipality.model_dump(
            include={"country", "code", "name", "languages", "comparable", "made_up", "confidence", "false_discovery_rate"}
        ),
        **facts,
    }
    home.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    try:
        # Where a few have changed, heads know more of them than the tables that stand.
        known = batch[batch["source"].eq("local") & ~belongs(batch, still.behind)]
        read = [one for reader in (audience, *policy.also_reads) for one in releases_in(folder / reader)]
        left_out, tried = tested(lambda out: draft.write(beside, about, out), beside, read, known, set(batch["breakdown"]))
        numbers = {"figures": tried.figures, "hidden": tried.hidden, "heads": tried.heads}
        say(beside, Release(beside).about | {"attacked": numbers, "left_out": sorted(left_out), "standing": sorted(still.behind)})
        if comments is not None:
            write_comments(beside, comments)
        name = f"{today:%Y-%m-%d}-{_fingerprint(beside)[:10]}"
        if (home / name).exists():
            shutil.rmtree(beside)
        else:
            beside.chmod(0o755)
            beside.replace(home / name)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    pointer = home / ".current"
    pointer.write_text(name, encoding="utf-8")
    pointer.replace(home / "current")
    return Release.open(home)


def own_schools(units: pd.DataFrame, municipality: Municipality) -> set[str]:
    """Schools the municipality's own figures are made of: municipal ones in it, and those the register does not know."""
    ours = units["municipality"].eq(municipality.code) & units["owner_type"].eq("municipal") | units["municipality"].eq("")
    return set(units.loc[units["level"].eq("school") & ours, "unit"])


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
