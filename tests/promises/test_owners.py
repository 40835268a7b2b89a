"""What others do meanwhile: a second process, a clock that is set back, bits that flip."""

from __future__ import annotations

import itertools
import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.promises.commands import WAIT, Place, files
from tests.soaking import tell, times

PICTURES = 8
VERBS = ("run", "eval")


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    made = Place(tmp_path_factory.mktemp("others"), PICTURES)
    for verb in VERBS:
        assert made.call(*getattr(made, verb)(f"whole-{verb}", "--no-cache")).code == 0
    return made


@pytest.mark.parametrize("verb", VERBS)
def test_a_second_process_is_refused_and_the_first_is_not_disturbed(place, verb, tmp_path):
    out = tmp_path / "out"
    words = getattr(place, verb)(out, "--no-cache")
    first = place.start(*words)
    state = out / {"run": "run.json", "eval": "eval.json"}[verb]
    end = time.monotonic() + WAIT
    while not state.exists():
        assert time.monotonic() < end
        time.sleep(0.002)
    os.kill(first.pid, signal.SIGSTOP)  # in the middle of its work, and alive
    assert first.is_alive()
    for more in ([], ["--overwrite"]):
        second = place.call(*words, *more)
        assert second.code == 2
        assert "is writing here (choose another --out)" in second.errors
    os.kill(first.pid, signal.SIGCONT)
    assert place.end(first).code == 0
    assert files(out) == files(place.folder / f"whole-{verb}")


def _backwards() -> None:
    """Each look at the clock is an hour before the last."""
    hours = itertools.count()
    time.time = lambda: 1e9 - 3600.0 * next(hours)  # type: ignore[assignment]
    time.time_ns = lambda: int(time.time() * 1e9)


@pytest.mark.parametrize("verb", VERBS)
def test_a_clock_that_runs_backwards_changes_nothing(place, verb, tmp_path):
    """Files of the future lie in the cache, too."""
    cache = str(tmp_path / "cache")
    for out in ("one", "two"):
        done = place.call(
            *getattr(place, verb)(tmp_path / out), before=_backwards, OPENSEG_CACHE=cache
        )
        assert done.code == 0, done.errors
        assert files(tmp_path / out) == files(place.folder / f"whole-{verb}")
        for entry in Path(cache).rglob("*.safetensors"):
            os.utime(entry, (4e9, 4e9))


def test_flipped_bits_in_the_cache_are_found_and_computed_again(place, tmp_path):
    whole, cache = files(place.folder / "whole-run"), tmp_path / "cache"
    dice = random.Random("bits")  # noqa: S311
    assert place.call(*place.run(tmp_path / "0"), OPENSEG_CACHE=str(cache)).code == 0
    flipped = found = 0
    for number in range(1, times(2, 40) + 1):
        for path in cache.rglob("*.safetensors"):
            content = bytearray(path.read_bytes())
            place_of_bit = dice.randrange(8 * len(content))
            content[place_of_bit // 8] ^= 1 << place_of_bit % 8
            path.write_bytes(content)
            flipped += 1
        done = place.call(*place.run(tmp_path / str(number)), OPENSEG_CACHE=str(cache))
        assert done.code == 0, done.errors
        assert files(tmp_path / str(number)) == whole
        found += done.errors.count("entry dropped, it is computed again")
        # What nobody reads is not looked at: it stays as it is.
    assert found
    tell("flipped bits in the cache", flipped=flipped, read_and_found=found)
