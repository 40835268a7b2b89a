"""`openseg eval` on mini weights: its numbers, and the same bytes however often it is killed.

Every attempt is a process that begins from nothing; an evaluation of many samples, in processes
forked from one that has imported all, is killed in `tests/promises/test_kills.py`.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from openseg_evals.score.registry import score
from tests.evals.run.toys import content, lines
from tests.soaking import tell, times

KILLS = times(3, 50)
IN_A_ROW = 3
"""Kills of one evaluation before it is let to its end and looked at."""

LIMIT = 6
PIPELINES = ("grounded_sam", "clip_ranked_masks")


@dataclass(frozen=True)
class Undisturbed:
    """What an evaluation that nobody killed left and printed, and how long it held its folder."""

    folder: Path
    told: dict
    seconds: float


def start(place: Path, out: Path, environment: dict, cache: Path | None) -> subprocess.Popen:
    """Begins the evaluation, or goes on with it. Windows are small, so that there are several.

    Its output goes to `OUT.json`: a pipe would be held open by whatever outlives it.
    """
    words = [word for name in PIPELINES for word in ("--pipeline", name)]
    keep = "--cache" if cache else "--no-cache"
    command = [sys.executable, "-m", "openseg.cli", "eval", "mini-ref.yaml", *words]
    more = ["--oracle", "--json", "--limit", str(LIMIT), "--batch", "1", "--out", str(out), keep]
    with out.with_suffix(".json").open("w") as printed:
        return subprocess.Popen(
            command + more,
            cwd=place,
            env={**environment, "OPENSEG_CACHE": str(cache or place / "unused")},
            stdout=printed,
            stderr=subprocess.DEVNULL,
        )


def wait_for_folder(process: subprocess.Popen, out: Path) -> float:
    """When the process took its folder, with a lock of its own; it has imported everything then."""
    before = _lock_time(out)
    while process.poll() is None and _lock_time(out) == before:
        time.sleep(0.01)
    return time.monotonic()


def _lock_time(out: Path) -> int | None:
    try:
        return (out / ".lock").stat().st_mtime_ns
    except FileNotFoundError:
        return None


def finish(process: subprocess.Popen, out: Path) -> dict:
    """Lets it come to its end; gives the one JSON object it printed."""
    assert process.wait(timeout=500) == 0
    return json.loads(out.with_suffix(".json").read_text())


@pytest.fixture(scope="module")
def undisturbed(short_mini_ref, one_thread) -> Undisturbed:
    out = short_mini_ref / "undisturbed"
    process = start(short_mini_ref, out, one_thread, None)
    held = wait_for_folder(process, out)
    told = finish(process, out)
    return Undisturbed(out, told, time.monotonic() - held)


def test_json_has_the_shape_scripts_rely_on(undisturbed):
    told = undisturbed.told
    assert told["benchmark"] == "mini-ref"
    assert told["samples"] == LIMIT
    assert tuple(told["pipelines"]) == PIPELINES
    for one in told["pipelines"].values():
        assert set(one) == {"metrics", "oracle", "failed", "seconds"}
        assert one["seconds"] > 0
        assert one["failed"] == 0
        for metric in one["metrics"].values():
            low, high = metric["ci"]
            assert 0 <= low <= metric["value"] <= high <= 100
        assert list(one["oracle"].values())[-1] == 100
    assert [(one["a"], one["b"]) for one in told["paired"]] == [PIPELINES]


@pytest.mark.parametrize("name", PIPELINES)
def test_values_are_those_of_openseg_score(undisturbed, short_mini_ref, one_thread, name):
    """On the written predictions, restricted to the samples of the run."""
    [truth] = (short_mini_ref / "data" / "mini").iterdir()
    predictions = undisturbed.folder / "predictions" / name / "predictions.jsonl"
    told = undisturbed.told["pipelines"][name]
    sets = {"truth": "union", "split": "test_seen", "by": "unc", "missing": "skip"}
    official = score("referring", truth, predictions, sets)
    values = {key: metric["value"] for key, metric in told["metrics"].items()}
    assert values == {key: official[key] for key in values}
    for step, value in told["oracle"].items():
        predictions = undisturbed.folder / "predictions" / f"{name}@{step}" / "predictions.jsonl"
        assert score("referring", truth, predictions, sets)["mIoU"] == value
    if name == PIPELINES[0]:  # the command says the same as the function
        command = [sys.executable, "-m", "openseg.cli", "score", "referring", "--json"]
        files = [
            "--gt",
            truth,
            "--pred",
            undisturbed.folder / "predictions" / name / "predictions.jsonl",
        ]
        choices = [word for key, value in sets.items() for word in ("--set", f"{key}={value}")]
        done = subprocess.run(
            [*command, *map(str, files), *choices], env=one_thread, capture_output=True, check=True
        )
        assert json.loads(done.stdout) == json.loads(json.dumps(official))


def report_without_costs(folder: Path) -> tuple[str, str]:
    """Both reports without the one table that differs between runs."""
    page, text = ((folder / f"report.{end}").read_text() for end in ("html", "md"))
    assert "<h2>What it cost</h2>" in page
    page = re.sub(r"<h2>What it cost</h2>.*?</table>", "", page, flags=re.DOTALL)
    return page, re.sub(r"## What it cost\n.*?\n\n[^|]", "", text + "\n", flags=re.DOTALL)


def test_killed_at_random_moments_it_ends_with_the_same_bytes(
    undisturbed, short_mini_ref, one_thread, tmp_path
):
    """With and without the cache of nodes, changing from one attempt to the next."""
    dice = random.Random(f"openseg {KILLS}")  # noqa: S311
    killed = rounds = 0
    span = undisturbed.seconds
    while killed < KILLS:
        out, cache = tmp_path / f"out-{rounds}", tmp_path / f"cache-{rounds}"
        for _ in range(min(IN_A_ROW, KILLS - killed)):
            process = start(short_mini_ref, out, one_thread, cache if dice.random() < 0.5 else None)
            if dice.random() < 0.8:  # else anywhere, while it imports, too
                wait_for_folder(process, out)
            time.sleep(dice.uniform(0, 0.8 * span))
            if process.poll() is None:
                killed += 1
            else:
                span *= 0.7  # the machine is less busy than it was
            process.kill()
            process.wait()
        check(out, finish(start(short_mini_ref, out, one_thread, cache), out), undisturbed)
        rounds += 1
        assert rounds <= KILLS + 3, "it finishes before it can be killed"
    tell("kill -9 of eval, mini weights", samples=LIMIT, kills=killed, rounds=rounds)


def check(out: Path, told: dict, undisturbed: Undisturbed) -> None:
    expected = content(undisturbed.folder)
    assert {
        name: data == expected.get(name) for name, data in content(out).items()
    } == dict.fromkeys(expected, True)
    assert not list(out.rglob("*.tmp"))
    assert report_without_costs(out) == report_without_costs(undisturbed.folder)
    for name in PIPELINES:
        ids = [one["sent_id"] for one in lines(out / "predictions" / name / "predictions.jsonl")]
        assert len(ids) == len(set(ids)) == LIMIT
    for one in (told, undisturbed.told):
        one.pop("out", None)
        for pipeline in one["pipelines"].values():
            pipeline.pop("seconds", None)
    assert told == undisturbed.told
