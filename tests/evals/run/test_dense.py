"""Evaluations of label maps, segments and instances: numbers by hand, stopped, shared, reported."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from openseg_evals.report.write import write_reports
from openseg_evals.run.request import Shard
from tests.evals.datasets.expressions import HEIGHT, WIDTH
from tests.evals.run.test_evaluate import Killed, kill_at
from tests.evals.run.toys import WIDTHS, content, toy_benchmark, toy_run, write_data, write_method

CATEGORIES = [
    {"id": 10, "name": "red", "isthing": 1},
    {"id": 300, "name": "green", "isthing": 1},
    {"id": 90, "name": "blue", "isthing": 0},
]
IOUS = [(width - 2) / width for width in WIDTHS.values()]

OPTIONS = {"annotations": "panoptic.json", "images": "images"}
TASKS = {
    "semantic": {
        "dataset": {"use": "coco", "folder": "toys", "options": {**OPTIONS, "kind": "semantic"}},
        "task": "semantic",
        "metric": "semantic",
        "main": "mIoU",
        "shown": ["mIoU", "pACC"],
    },
    "panoptic": {
        "dataset": {"use": "coco", "folder": "toys", "options": {**OPTIONS, "kind": "panoptic"}},
        "task": "panoptic",
        "metric": "panoptic",
        "main": "All.pq",
        "best": 1,
        "shown": ["All.pq", "Stuff.pq", "per_class.10.pq"],
    },
}


@pytest.fixture
def pictures(toys):
    """The toys' pictures with their rectangles as panoptic segments."""
    root = toys / "data" / "toys"
    write_data(toys / "data")
    (root / "panoptic").mkdir()
    annotations = []
    for image in range(4):
        ids = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
        segments = []
        for row, (width, one) in enumerate(zip(WIDTHS.values(), CATEGORIES, strict=True)):
            ids[5 + 20 * row : 15 + 20 * row, 5 + image : 5 + image + width, 0] = row + 1
            segments.append(
                {"id": row + 1, "category_id": one["id"], "area": 10 * width, "iscrowd": 0,
                 "bbox": [0, 0, 1, 1]}
            )  # fmt: skip
        Image.fromarray(ids).save(root / "panoptic" / f"{image}.png")
        annotations.append(
            {"image_id": image, "file_name": f"{image}.png", "segments_info": segments}
        )
    images = [
        {"id": n, "file_name": f"{n}.jpg", "height": HEIGHT, "width": WIDTH} for n in range(4)
    ]
    document = {"images": images, "categories": CATEGORIES, "annotations": annotations}
    (root / "panoptic.json").write_text(json.dumps(document))
    return toys


@pytest.mark.parametrize("name", TASKS)
def test_numbers_are_those_by_hand(pictures, name):
    benchmark = toy_benchmark(pictures, **TASKS[name])
    run = toy_run(pictures, write_method(pictures, "two"), benchmark=benchmark, oracle=True)
    write_reports(run)
    one = run.results["pipelines"]["two"]
    metrics = {key: metric["value"] for key, metric in one["metrics"].items()}
    if name == "semantic":
        assert metrics["mIoU"] == pytest.approx(100 * np.mean(IOUS))
        assert metrics["pACC"] == pytest.approx(100 * (8 + 18 + 38) / 70)
    else:
        assert metrics["All.pq"] == pytest.approx(np.mean(IOUS))
        assert metrics["Stuff.pq"] == pytest.approx(IOUS[2])
        assert metrics["per_class.10.pq"] == pytest.approx(IOUS[0])
    low, high = one["metrics"][benchmark.main]["ci"]
    assert low == pytest.approx(high)  # all pictures are alike
    assert list(one["oracle"].values())[-1] == benchmark.best
    assert one["tables"]
    page = (run.folder / "report.html").read_text()
    assert f"<th>{benchmark.main}</th>" in page
    assert page.count("<img ") == 3


@pytest.mark.parametrize("name", TASKS)
def test_limited_stopped_and_shared_runs_end_alike(pictures, name):
    benchmark = toy_benchmark(pictures, **TASKS[name])
    method = write_method(pictures, "two", broken="nothing")
    limited = toy_run(pictures, method, benchmark=benchmark, limit=3, out=pictures / "limited")
    assert (limited.results["units"], limited.results["samples_in_all"]) == (3, 4)
    quiet = toy_run(pictures, method, benchmark=benchmark, batch=1, out=pictures / "quiet")
    value = quiet.results["pipelines"]["two"]["metrics"][benchmark.main]["value"]
    assert limited.results["pipelines"]["two"]["metrics"][benchmark.main]["value"] == value
    for stop in (4, 9, 12):
        with pytest.raises(Killed):
            toy_run(pictures, method, benchmark=benchmark, batch=1, listeners=[kill_at(stop)])
    toy_run(pictures, method, benchmark=benchmark, batch=1)
    assert content(pictures / "out") == content(pictures / "quiet")
    for number in (1, 2, 3):
        shared = {"out": pictures / "shared", "shard": Shard(number, 3)}
        toy_run(pictures, method, benchmark=benchmark, batch=1, **shared)
    toy_run(pictures, method, benchmark=benchmark, batch=1, out=pictures / "shared")
    joined = content(pictures / "shared")
    for file, data in content(pictures / "quiet").items():
        assert file == "eval.json" or joined[file] == data
