"""Predictions as JSON lines: referring, generalized and instances, by hand and as scored."""

from __future__ import annotations

import json

import numpy as np
import pytest

from openseg_evals.score.registry import score
from openseg_evals.tasks.registry import find_task
from tests.evals.datasets.expressions import (
    HEIGHT,
    WIDTH,
    annotation,
    box,
    ref,
    sentence,
    write_instances,
    write_pickle,
)
from tests.evals.run.toys import lines
from tests.evals.tasks.drawn import answer, drawn, mask, nothing, sample

LEFT = mask("##....", "##....", "......", "......")
RIGHT = mask("......", "....##", "....##", "......")
MIDDLE = mask("......", ".####.", "......", "......")


def written(task, tmp_path, *pairs):
    file = find_task(task)(tmp_path, {})
    for one, found in pairs:
        file.write(one, found)
    file.finish()
    return file, lines(file.path)


def asked(number, **more):
    return sample(number, key={"ref_id": number, "sent_id": 100 + number}, **more)


def test_the_best_region_answers_a_sentence(tmp_path):
    _, [best, tie, none, failed] = written(
        "referring",
        tmp_path,
        (asked(1), answer((LEFT, 0.2, 0), (RIGHT, 0.7, 0), (MIDDLE, 0.6, 0))),
        (asked(2), answer((MIDDLE, 0.5, 0), (LEFT, 0.5, 0))),
        (asked(3), nothing()),
        (asked(4), None),
    )
    assert {k: v for k, v in best.items() if k != "segmentation"} == {"ref_id": 1, "sent_id": 101}
    assert np.array_equal(drawn(best["segmentation"]), RIGHT)
    assert np.array_equal(drawn(tie["segmentation"]), MIDDLE)  # of equals the first
    assert none["segmentation"] is failed["segmentation"] is None


def test_all_regions_together_answer_a_generalized_sentence(tmp_path):
    _, [both, none, failed, blank] = written(
        "generalized_referring",
        tmp_path,
        (asked(1), answer((LEFT, 0.2, 0), (RIGHT, 0.7, 0))),
        (asked(2), nothing()),
        (asked(3), None),
        (asked(4), answer((np.zeros_like(LEFT), 0.9, 0))),
    )
    assert np.array_equal(drawn(both["segmentation"]), LEFT | RIGHT)
    assert [one["no_target"] for one in (both, none, failed, blank)] == [False, True, False, False]
    assert none["segmentation"] is failed["segmentation"] is None
    assert not drawn(blank["segmentation"]).any()


def test_referring_files_score_as_by_hand(tmp_path):
    """Two sentences of a 10x10 square: one half found, one not answered."""
    write_instances(tmp_path, [1], [annotation(1, 1, [box(10, 10, 20, 20)], 100)])
    write_pickle(
        tmp_path / "refs(unc).p", [ref(1, 1, 1, "val", sentence(101, "a"), sentence(102, "b"))]
    )
    half = np.zeros((HEIGHT, WIDTH), dtype=bool)
    half[10:20, 10:15] = True
    size = (HEIGHT, WIDTH)
    one = asked(1, size=size)
    two = sample(1, size=size, key={"ref_id": 1, "sent_id": 102})
    file, _ = written(
        "referring", tmp_path / "p", (one, answer((half, 0.5, 0))), (two, nothing(*size))
    )
    found = score("referring", tmp_path, file.path, {"split": "val"})
    assert (found["mIoU"], found["oIoU"]) == (25, 25)


def test_every_region_is_an_instance_of_its_phrases_category(tmp_path):
    many = sample(7, phrases=("cup", "mug", "cap"), class_ids=(40, 40, 12))
    plain = sample(8, phrases=("thing",))
    _, found = written(
        "instances",
        tmp_path,
        (many, answer((LEFT, 0.25, 1), (RIGHT, 1 / 3, 0))),
        (plain, answer((MIDDLE, 1.0, 0))),
        (many, nothing()),
        (many, None),
    )
    assert [(one["image_id"], one["category_id"], one["score"]) for one in found] == [
        (7, 12, 0.25),
        (7, 40, 0.333333),
        (8, 1, 1.0),
    ]
    assert np.array_equal(drawn(found[0]["segmentation"]), LEFT)


def test_instances_score_as_by_hand(tmp_path):
    """Of two cups one is found twice and one not at all: AP over recall 0 to 0.5 is 51 of 101."""
    truth = {
        "images": [{"id": 1, "height": 4, "width": 6}, {"id": 2, "height": 4, "width": 6}],
        "categories": [{"id": 40, "name": "cup"}],
        "annotations": [
            {"id": n, "image_id": 1, "category_id": 40, "area": 4, "iscrowd": 0, "bbox": bbox,
             "segmentation": [box(*corners)]}
            for n, bbox, corners in (
                (1, [0, 0, 2, 2], (0, 0, 2, 2)),
                (2, [4, 1, 2, 2], (4, 1, 6, 3)),
            )
        ],
    }  # fmt: skip
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    cups = sample(1, class_ids=(40,))
    file, _ = written(
        "instances", tmp_path / "p", (cups, answer((LEFT, 0.9, 0), (LEFT, 0.8, 0))),
        (sample(2, class_ids=(40,)), nothing()),
    )  # fmt: skip
    found = score("coco_instances", tmp_path / "truth.json", file.path, {})
    assert found["AP"] == pytest.approx(51 / 101)


def test_a_broken_off_window_is_forgotten(tmp_path):
    open_predictions = find_task("instances")
    file = open_predictions(tmp_path, {})
    cups = sample(1, class_ids=(40,))
    file.write(cups, answer((LEFT, 0.9, 0), (RIGHT, 0.8, 0)))
    mark = file.mark()
    whole = file.path.read_bytes()
    file.write(sample(2, class_ids=(40,)), answer((LEFT, 0.9, 0), (RIGHT, 0.8, 0)))
    with file.path.open("a") as raw:
        raw.write('{"image_id":3,"cat')
    again = open_predictions(tmp_path, {})
    again.back_to(mark)
    assert again.path.read_bytes() == whole
    assert again.mark() == mark == 2
    again.write(sample(2, class_ids=(40,)), answer((MIDDLE, 0.9, 0)))
    assert len(lines(file.path)) == again.mark() == 3


def test_pictures_show_as_many_ranked_regions_as_are_true(tmp_path):
    cups = sample(1, phrases=("cap", "cup"), class_ids=(12, 40), truth=[(1, LEFT), (1, RIGHT)])
    file, _ = written(
        "instances",
        tmp_path,
        (cups, answer((MIDDLE, 0.1, 0), (RIGHT, 0.5, 1), (LEFT, 0.9, 1))),
        (sample(2, phrases=("cap", "cup"), class_ids=(12, 40)), nothing()),
    )
    shown = file.regions(cups)
    assert [one.phrase for one in shown] == [1, 1]
    assert np.array_equal(
        drawn({**shown[0].mask, "counts": shown[0].mask["counts"].decode()}), LEFT
    )
    assert file.regions(sample(2, class_ids=(12, 40))) == []


def test_a_method_that_finds_nothing_has_a_file_all_the_same(tmp_path):
    for task in ("instances", "referring", "generalized_referring"):
        file, found = written(task, tmp_path / task)
        assert file.path.is_file()
        assert found == []
