"""Every metric's tally: any selection of units is scored as if it were the whole data set."""

from __future__ import annotations

import json
import math
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openseg.types.errors import InputError
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.formats.label_sets import LABEL_SETS
from openseg_evals.score.registry import score, tally
from openseg_evals.stats.leaves import leaves
from tests.parity.evals import cases, cases_3d, cases_scanrefer

SIZES = {"samples", "images", "scenes", "hits", "misses"}


def refcoco(folder):
    cases.referring(folder)
    return folder, folder / "predictions.jsonl"


def grefcoco(folder):
    cases.referring(folder, general=True)
    return folder, folder / "predictions.jsonl"


def reasonseg(folder):
    pytest.importorskip("cv2")
    cases.reasonseg(folder)
    return folder / "val", folder / "predictions.jsonl"


def coco(folder):
    cases.instances(folder)
    return folder / "truth.json", folder / "results.json"


def federated(folder):
    cases.instances(folder, federated=True)
    return folder / "truth.json", folder / "results.json"


def panoptic(folder):
    cases.panoptic(folder)
    return folder / "truth.json", folder / "predictions.json"


def maps(folder):
    cases.semantic(folder)
    return folder / "truth", folder / "predictions"


def points(folder):
    cases.points(folder)
    return folder / "truth.json", folder / "points.json"


def scenes(folder):
    cases_3d.scannet(folder, list(LABEL_SETS["scannet"].instance_names), 1)
    return folder / "truth", folder / "predictions"


def labels_3d(folder):
    cases_3d.points_3d(folder, sorted(LABEL_SETS["scannet"].names))
    return folder / "truth", folder / "predictions"


def sentences_3d(folder):
    cases_scanrefer.scanrefer(folder)
    truth = load_dataset("scanrefer", folder, {}).truth(folder / "truth")
    return truth, folder / "pred.json"


TALLIES = {
    "boundary": (maps, {}),
    "boundary_instances": (coco, {}),
    "boundary_panoptic": (panoptic, {}),
    "coco_instances": (coco, {}),
    "coco_instances agnostic": (coco, {"by_class": "false"}),
    "generalized_referring": (grefcoco, {}),
    "lvis": (federated, {}),
    "panoptic": (panoptic, {}),
    "pointing_game": (points, {}),
    "reasoning": (reasonseg, {}),
    "referring": (refcoco, {}),
    "scannet_instances": (scenes, {}),
    "scannet_semantics": (labels_3d, {}),
    "scanrefer": (sentences_3d, {}),
    "semantic": (maps, {"classes": "6", "boundary": "true"}),
    "semantic mmseg": (maps, {"classes": "6", "average": "mmseg"}),
}


@pytest.fixture(scope="module", params=TALLIES)
def counted(request, tmp_path_factory):
    make, options = TALLIES[request.param]
    name = request.param.split()[0]
    paths = make(tmp_path_factory.mktemp(name))
    return name, paths, options, tally(name, *paths, options)


def alike(first, second, *, passed_over=()):
    ours, theirs = leaves(first), leaves(second)
    assert ours.keys() == theirs.keys()
    for path, value in ours.items():
        if path not in passed_over:
            # LISA divides by n + 1e-5, mmsegmentation rounds
            assert value == pytest.approx(theirs[path], rel=2e-5, abs=1e-9), path


def test_units_have_names_of_their_own_and_a_score_each(counted):
    tallied = counted[3]
    assert len(set(tallied.units)) == len(tallied.units) == len(tallied.unit_scores) > 1
    assert tallied.unit_score_name
    defined = tallied.unit_scores[~np.isnan(tallied.unit_scores)]
    assert len(defined)
    assert (defined >= 0).all()
    assert (defined <= 1).all()


def test_all_units_once_are_the_whole_score(counted):
    name, paths, options, tallied = counted
    everything = np.arange(len(tallied.units))
    alike(tallied.scores(everything), tallied.scores())
    whole = score(name, *paths, options)
    assert {key: whole[key] for key in tallied.scores()} == tallied.scores()


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_order_and_repetition_of_the_whole_do_not_matter(counted, data):
    tallied = counted[3]
    units = st.integers(0, len(tallied.units) - 1)
    rows = np.array(data.draw(st.lists(units, min_size=1, max_size=2 * len(tallied.units))))
    scores = tallied.scores(rows)
    shuffled = np.array(data.draw(st.permutations(rows.tolist())))
    alike(tallied.scores(shuffled), scores)
    alike(tallied.scores(np.tile(rows, 3)), scores, passed_over=SIZES)


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_scoring_leaves_the_counts_alone(counted, data):
    tallied = counted[3]
    before = tallied.scores()
    tallied.scores(np.array([data.draw(st.integers(0, len(tallied.units) - 1))]))
    assert tallied.scores() == before


def test_no_unit_at_all_is_no_error(counted):
    tallied = counted[3]
    assert tallied.scores(np.zeros(0, np.int64)).keys() <= {*tallied.scores(), "per_class"}


def test_the_sentences_of_a_split_are_the_split(tmp_path):
    gt, pred = refcoco(tmp_path)
    whole = tally("referring", gt, pred, {})
    part = tally("referring", gt, pred, {"split": "testA"})
    rows = np.array([whole.units.index(one) for one in part.units])
    assert whole.scores(rows) == part.scores()
    assert whole.unit_scores[rows].tolist() == part.unit_scores.tolist()


@pytest.mark.parametrize("name", ["coco_instances", "boundary_instances", "lvis"])
def test_an_image_of_a_file_is_the_file_of_the_image(tmp_path, name):
    gt, pred = (federated if name == "lvis" else coco)(tmp_path)
    whole = tally(name, gt, pred, {})
    truth, results = json.loads(gt.read_text()), json.loads(pred.read_text())
    undefined = 0
    for row, unit in enumerate(whole.units):
        (tmp_path / "gt.json").write_text(
            json.dumps(
                {
                    **truth,
                    "images": [one for one in truth["images"] if str(one["id"]) == unit],
                    "annotations": [
                        one for one in truth["annotations"] if str(one["image_id"]) == unit
                    ],
                }
            )
        )
        found = [one for one in results if str(one["image_id"]) == unit]
        (tmp_path / "pred.json").write_text(json.dumps(found))
        alone = score(name, tmp_path / "gt.json", tmp_path / "pred.json", {})
        alike(
            {key: value for key, value in alone.items() if key != "conventions"},
            whole.scores(np.array([row])),
        )
        if alone["AP"] == -1:
            undefined += 1
            assert math.isnan(whole.unit_scores[row]) or whole.unit_scores[row] == 0
        else:
            assert whole.unit_scores[row] == pytest.approx(alone["AP"], abs=1e-12)
    assert undefined < len(whole.units)


@pytest.mark.parametrize(
    ("name", "make"), [("scannet_instances", scenes), ("scannet_semantics", labels_3d)]
)
def test_a_scene_of_a_folder_is_the_folder_of_the_scene(tmp_path, name, make):
    gt, pred = make(tmp_path)
    whole = tally(name, gt, pred, {})
    for row, unit in enumerate(whole.units):
        alone = tmp_path / f"alone-{unit}"
        shutil.copytree(gt, alone / "truth", ignore=_all_but(gt, unit))
        shutil.copytree(pred, alone / "predictions", ignore=_all_but(pred, unit))
        scores = score(name, alone / "truth", alone / "predictions", {})
        del scores["conventions"]
        alike(scores, whole.scores(np.array([row])))
        if name == "scannet_instances" and scores["AP"] is not None:
            assert whole.unit_scores[row] == pytest.approx(scores["AP"], abs=1e-12)


def _all_but(root, unit):
    def others(folder, names):
        return [
            one
            for one in names
            if folder == str(root) and one.endswith(".txt") and one != f"{unit}.txt"
        ]

    return others


def test_the_score_of_a_map_is_the_mean_iou_of_its_own_classes(tmp_path):
    gt, pred = maps(tmp_path)
    tallied = tally("semantic", gt, pred, {"classes": "6"})
    for row, value in enumerate(tallied.unit_scores):
        alone = tallied.scores(np.array([row]))["mIoU"]  # detectron2 averages classes with truth
        assert (alone is None and math.isnan(value)) or value == pytest.approx(alone / 100)


def test_the_score_of_an_image_is_its_pq(tmp_path):
    tallied = tally("panoptic", *panoptic(tmp_path), {})
    for row, value in enumerate(tallied.unit_scores):
        alone = tallied.scores(np.array([row]))["All"]["pq"]
        assert (alone is None and math.isnan(value)) or value == pytest.approx(alone)


@pytest.mark.parametrize(
    "name", ["panoptic", "pointing_game", "reasoning", "scanrefer", "semantic", "boundary"]
)
def test_a_missing_prediction_is_refused_or_counts_as_nothing(tmp_path, name):
    make, options = TALLIES[name]
    gt, pred = make(tmp_path)
    full = tally(name, gt, pred, options)
    unit = _lose_one(name, pred, full)
    with pytest.raises(InputError, match=r"missing|no prediction"):
        tally(name, gt, pred, options)
    part = tally(name, gt, pred, {**options, "missing": "empty"})
    row = full.units.index(unit)
    assert list(part.units) == list(full.units)
    others = np.delete(np.arange(len(full.units)), row)
    np.testing.assert_array_equal(part.unit_scores[others], full.unit_scores[others])
    assert part.unit_scores[row] == 0 < full.unit_scores[row]


def _lose_one(name, pred, full):
    """Removes every prediction of a unit that was partly right, and says which."""
    unit = full.units[np.flatnonzero((full.unit_scores > 0) & (full.unit_scores < 1))[0]]
    if name in ("semantic", "boundary"):
        (pred / f"{unit}.png").unlink()
    elif name == "panoptic":
        content = json.loads(pred.read_text())
        kept = [one for one in content["annotations"] if str(one["image_id"]) != unit]
        pred.write_text(json.dumps({**content, "annotations": kept}))
    elif name in ("pointing_game", "scanrefer"):
        entries = json.loads(pred.read_text())
        key = "image_id" if name == "pointing_game" else "scene_id"
        pred.write_text(json.dumps([one for one in entries if str(one[key]) != unit]))
    else:
        lines = pred.read_text().splitlines()
        pred.write_text("\n".join(one for one in lines if json.loads(one)["image"] != unit))
    return unit
