"""A run that is killed at any moment leaves old or new, and running it again ends right."""

from __future__ import annotations

import os
import random

import pytest

from tests.faults.desk import ALL
from tests.faults.pages import assert_old_or_new, assert_recorded_as_it_is, fingerprints, page_state
from tests.faults.state import drafts, leftovers, release_state, releases, store_state

FIGURES = {"kills at random times": 12}
VERBS = ("load", "release", "report")
EACH = 34 if os.environ.get("KVALITET_FAULTS") == "nightly" else FIGURES["kills at random times"] // len(VERBS)
TIMES = [(verb, seed) for verb in VERBS for seed in range(EACH)]


@pytest.fixture(scope="session")
def undisturbed(loaded, released, reported, tmp_path_factory):
    """Verb → the desk it begins from, how to type it, its old and new state, and how long it takes."""
    found = {}
    for verb, desk, options in (("load", loaded, ()), ("release", released, ()), ("report", reported, ALL)):
        copy = desk.copy(tmp_path_factory.mktemp(verb))
        states = [state(copy)]
        seconds = getattr(copy, verb)(*options, well=True).seconds
        found[verb] = (desk, options, [*states, state(copy)], seconds)
    return found


def state(desk):
    return store_state(desk.home), release_state(desk.home), page_state(desk.out), fingerprints(desk.out)


def test_a_run_is_killed_at_as_many_random_times_as_promised():
    assert len(TIMES) >= FIGURES["kills at random times"]


@pytest.mark.parametrize(("verb", "seed"), TIMES, ids=lambda one: str(one))
def test_killed_at_any_time_nothing_is_mixed_and_the_next_run_ends_right(verb, seed, undisturbed, tmp_path):
    start, options, (old, new), seconds = undisturbed[verb]
    after = random.Random(f"{verb} {seed}").uniform(0.01, seconds)
    for attempt in range(20):  # sooner when it had ended by itself
        desk = start.copy(tmp_path / str(attempt))
        killed = getattr(desk, verb)(*options, kill_after=after * 0.8**attempt)
        if killed.was_killed:
            break
    assert (killed.was_killed, killed.orphans) == (True, ())
    store, released, pages, _ = state(desk)
    assert store in (old[0], new[0])
    assert all(released[audience] in (old[1].get(audience), new[1][audience]) for audience in released)
    assert releases(desk.home) <= releases(start.home) | set(new[1].values())
    assert_old_or_new(pages, [(one[2], one[3]) for one in (old, new)])
    assert_recorded_as_it_is(desk.out, pages, [(one[2], one[3]) for one in (old, new)])
    assert len(drafts(desk.place)) <= 1

    getattr(desk, verb)(*options, well=True)
    assert state(desk) == new
    assert leftovers(desk.place) == []
