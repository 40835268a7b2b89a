"""`kill -9` at random moments of a run and of an evaluation, resumed each time.

The same with the shipped models, in processes that begin from nothing: `tests/cli/test_run.py` and
`tests/e2e/test_eval_kills.py`.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.promises.commands import Place, files
from tests.soaking import tell, times

KILLS = times(5, 50)
SAMPLES = times(21, 201)
SLICE = 0.2
"""The longest that a process lives, in parts of what the whole takes: most rounds need several."""


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> dict[str, Place]:
    """A run has a sample a picture, an evaluation three."""
    counts = {"run": SAMPLES, "eval": SAMPLES // 3}
    return {name: Place(tmp_path_factory.mktemp(name), count) for name, count in counts.items()}


def ids(out: Path) -> list[str]:
    """The samples that an output folder has, in its order."""
    if (out / "regions.jsonl").exists():
        return [json.loads(one)["id"] for one in (out / "regions.jsonl").read_text().splitlines()]
    lines = (out / "predictions" / "two" / "predictions.jsonl").read_text().splitlines()
    return [json.loads(one)["sent_id"] for one in lines]


@pytest.mark.parametrize("verb", ["run", "eval"])
def test_ends_with_the_bytes_of_an_undisturbed_one(places, verb):
    place = places[verb]
    words: Callable[..., tuple[str, ...]] = getattr(place, verb)
    every = ["--format", "overlay,coco,labelme"] if verb == "run" else []
    again = [*every, "--resume"] if verb == "run" else []
    assert place.call("--version").code == 0  # from now on, processes are forked at once
    began = time.monotonic()
    whole = place.folder / "whole"
    done = place.call(*words("whole", "--no-cache", *every))
    span = time.monotonic() - began
    assert done.code == 0, done.errors
    assert len(ids(whole)) == SAMPLES
    dice = random.Random(f"{verb} {KILLS}")  # noqa: S311
    kills = rounds = drafts = 0
    while kills < KILLS:
        out, cache = place.folder / f"out-{rounds}", str(place.folder / f"cache-{rounds}")
        finished = False
        while kills < KILLS and not finished:
            keep = "--cache" if dice.random() < 0.5 else "--no-cache"
            process = place.start(*words(out, keep, *again), OPENSEG_CACHE=cache)
            process.join(dice.uniform(0, SLICE * span))
            finished = process.exitcode is not None
            process.kill()
            kills += not finished
            code = place.end(process).code
            assert code == (0 if finished else -9)
            drafts += len(list(out.rglob("*.tmp")))
        done = place.call(*words(out, *again), OPENSEG_CACHE=cache)
        assert done.code == 0, done.errors
        assert files(out) == files(whole)
        assert not list(out.rglob("*.tmp"))
        assert len(set(ids(out))) == len(ids(out)) == SAMPLES
        rounds += 1
    tell(f"kill -9 of {verb}", samples=SAMPLES, kills=kills, rounds=rounds, drafts_left=drafts)
