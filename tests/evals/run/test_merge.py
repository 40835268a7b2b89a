"""Shards of every task join to the files that one run would have written."""

from __future__ import annotations

import pytest

from openseg.io.jsonl import append_line
from openseg_evals.run.folder import EvalFolder
from openseg_evals.run.merge import merge_shards, shard_folders
from openseg_evals.tasks.registry import SCENE_TASKS, TASKS, find_task
from tests.evals.run.toys import lines
from tests.evals.tasks.drawn import answer, mask, sample
from tests.evals.tasks.drawn_scenes import scene_answer, scene_sample

LEFT, RIGHT = mask("##....", "######"), mask("....##", "......")
WORDS = {"size": (2, 6), "phrases": ("cup", "cap"), "class_ids": (1, 2)}
OPTIONS = {"ignore": "255"}


def question(data, task, number):
    """A sample of a task, and an answer to it."""
    if task in SCENE_TASKS:
        found = scene_answer(("####....", number / 10, 1), ("..####..", 0.45, 2))
        return scene_sample(data, number), found
    return sample(number, **WORDS), answer((LEFT, number / 10, 0), (RIGHT, 0.9, 1))


def write(folder, task, identity, numbers):
    """A finished run of some samples with one failure among them."""
    with EvalFolder.open(folder, identity, overwrite=False) as opened:
        file = find_task(task)(folder / "predictions" / "method", OPTIONS)
        for number in numbers:
            asked, found = question(folder.parent / "data", task, number)
            file.write(asked, None if number == 3 else found)
            if number == 3:
                append_line(folder / "failures.jsonl", {"id": "3"})
        file.finish()
        opened.write_json("timings.json", {"nodes": {}, "methods": {}})
        opened.commit(len(numbers), {}, finished=True)


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in [folder / "failures.jsonl", *(folder / "predictions").rglob("*")]
        if path.is_file()
    }


@pytest.mark.parametrize("task", sorted(TASKS))
def test_joined_as_if_written_by_one(task, tmp_path):
    identity = {"format": 1, "shard": None}
    write(tmp_path / "whole", task, identity, range(1, 6))
    out = tmp_path / "out"
    for number, share in enumerate(([1, 2], [3], [], [4, 5]), 1):
        shard = {**identity, "shard": f"{number}/4"}
        write(out / "shards" / f"{number}-of-4", task, shard, share)
    with EvalFolder.open(out, identity, overwrite=False) as folder:
        opened = {"method": find_task(task)(out / "predictions" / "method", OPTIONS)}
        merge_shards(folder, opened, shard_folders(out, identity), 5)
        assert folder.finished
    assert files(out) == files(tmp_path / "whole")
    assert len(lines(out / "failures.jsonl")) == 1
