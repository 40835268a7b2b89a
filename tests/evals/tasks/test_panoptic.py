"""Panoptic segments: who keeps a pixel, what is dropped, what is joined; by hand and as scored."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from openseg_evals.score.registry import score
from openseg_evals.tasks.registry import find_task
from tests.evals.tasks.drawn import answer, drawn, mask, nothing, sample

CLASSES = {"phrases": ("cup", "bowl", "wall"), "class_ids": (3, 5, 90), "stuff": frozenset({90})}
CUP, BOWL, WALL = 0, 1, 2

REGIONS = answer(
    (mask(*["##...."] * 4), 0.9, CUP),
    (mask(*[".##..."] * 4), 0.8, CUP),  # half of it is left, which is enough
    (mask(*["###..."] * 4), 0.7, BOWL),  # nothing is left
    (mask(*["..##.."] * 4), 0.6, BOWL),
    (mask(*["....#."] * 4), 0.5, WALL),
    (mask("....##", "....##", "......", "......"), 0.4, WALL),  # joins the other wall
    (mask("......", "......", "......", "...###"), 0.3, BOWL),  # a third is left: dropped
)
EXPECTED = [[1, 1, 2, 3, 4, 4]] * 2 + [[1, 1, 2, 3, 4, 0]] * 2


def ids(path):
    rgb = np.asarray(Image.open(path), dtype=np.int64)
    return (rgb * [1, 256, 65536]).sum(axis=2)


@pytest.fixture
def written(tmp_path):
    file = find_task("panoptic")(tmp_path / "p", {})
    file.write(sample(1, **CLASSES), REGIONS)
    file.write(sample(2, **CLASSES), nothing())
    file.write(sample(3, **CLASSES), None)
    file.finish()
    return file


def test_segments_are_those_drawn_by_hand(written):
    assert ids(written.path.parent / "panoptic" / "1.png").tolist() == EXPECTED
    first, *others = json.loads(written.path.read_text())["annotations"]
    assert first == {
        "image_id": 1,
        "file_name": "1.png",
        "segments_info": [
            {"id": 1, "category_id": 3},
            {"id": 2, "category_id": 3},
            {"id": 3, "category_id": 5},
            {"id": 4, "category_id": 90},
        ],
    }
    assert [one["segments_info"] for one in others] == [[], []]
    assert not ids(written.path.parent / "panoptic" / "2.png").any()


def test_things_of_one_class_stay_apart_where_stuff_is_joined(tmp_path):
    file = find_task("panoptic")(tmp_path, {})
    file.write(sample(1, **{**CLASSES, "stuff": frozenset()}), REGIONS)
    file.finish()
    [one] = json.loads(file.path.read_text())["annotations"]
    assert [segment["category_id"] for segment in one["segments_info"]] == [3, 3, 5, 90, 90]


def test_the_official_score_of_what_was_drawn(written, tmp_path):
    """The truth is the expected map, the third image has a cup that nobody found."""
    truth = tmp_path / "truth"
    truth.mkdir()
    cup = np.zeros((4, 6))
    cup[:2, :2] = 1
    for name, one in (("1", np.array(EXPECTED)), ("2", np.zeros((4, 6))), ("3", cup)):
        rgb = np.stack([one, np.zeros((4, 6)), np.zeros((4, 6))], axis=-1).astype(np.uint8)
        Image.fromarray(rgb).save(truth / f"{name}.png")
    counts = dict(zip(*np.unique(EXPECTED, return_counts=True), strict=True))
    segments = [
        {"id": n, "category_id": category, "iscrowd": 0, "area": int(counts[n])}
        for n, category in ((1, 3), (2, 3), (3, 5), (4, 90))
    ]
    found = [{"id": 1, "category_id": 3, "iscrowd": 0, "area": 4}]
    content = {
        "images": [{"id": n, "file_name": f"{n}.jpg"} for n in (1, 2, 3)],
        "categories": [
            {"id": n, "name": str(n), "isthing": int(n != 90)} for n in (3, 5, 90)
        ],
        "annotations": [
            {"image_id": n, "file_name": f"{n}.png", "segments_info": info}
            for n, info in ((1, segments), (2, []), (3, found))
        ],
    }  # fmt: skip
    (tmp_path / "truth.json").write_text(json.dumps(content))
    scores = score("panoptic", tmp_path / "truth.json", written.path, {})
    cups = 2 / (2 + 0.5)  # two found, one missed
    assert scores["All"]["pq"] == pytest.approx((cups + 1 + 1) / 3)
    assert scores["Things"]["pq"] == pytest.approx((cups + 1) / 2)
    assert scores["Stuff"]["pq"] == 1


def test_a_broken_off_window_is_forgotten(written):
    whole = written.path.read_bytes()
    again = find_task("panoptic")(written.path.parent, {})
    again.back_to(1)
    again.write(sample(2, **CLASSES), nothing())
    again.write(sample(3, **CLASSES), None)
    again.finish()
    assert again.path.read_bytes() == whole
    assert again.mark() == 3


def test_segments_are_read_back_for_pictures(written):
    shown = written.regions(sample(1, **CLASSES))
    assert [one.phrase for one in shown] == [CUP, CUP, BOWL, WALL]
    for number, one in enumerate(shown, 1):
        segmentation = {**one.mask, "counts": one.mask["counts"].decode()}
        assert np.array_equal(drawn(segmentation), np.array(EXPECTED) == number)
    assert written.regions(sample(2, **CLASSES)) == []


def test_many_segments_need_more_than_a_byte(tmp_path):
    size = (20, 20)
    regions = []
    for place in range(400):
        one = np.zeros(size, dtype=bool)
        one[divmod(place, 20)] = True
        regions.append((one, 0.5, CUP))
    file = find_task("panoptic")(tmp_path, {})
    file.write(sample(1, size=size, **CLASSES), answer(*regions))
    assert sorted(ids(tmp_path / "panoptic" / "1.png").ravel()) == list(range(1, 401))
