"""Objects as BOP: our loader reads them, poses put models where pictures and depth have them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import binary_dilation

from openseg.io.scenes.ply import read_mesh
from openseg.mini.rooms import held_out, scene_seed
from openseg.mini.rooms.formats.objects.collection import draw_objects, make_table, object_of
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.truth_as_answer import results

TEMPLATES = 24


def read(path):
    return json.loads(path.read_text())


def test_the_truth_as_answer_is_perfect(bop, tmp_path):
    dataset = load_dataset("bop", bop, {})
    assert len(dataset.samples) == 6
    assert len(dataset.samples[0].phrases) == 30
    answers = results(dataset, tmp_path / "ours_minibop-test.json")
    found = score("bop_instances", bop, answers, dataset.metric_options)
    assert found["AP"] == pytest.approx(1)


def test_targets_are_what_is_visible(bop):
    targets = read(bop / "test_targets_bop19.json")
    scene = bop / "test/000001"
    truth, details = read(scene / "scene_gt.json"), read(scene / "scene_gt_info.json")
    visible = {
        (int(image), one["obj_id"])
        for image, rows in truth.items()
        for one, detail in zip(rows, details[image], strict=True)
        if detail["visib_fract"] >= 0.1
    }
    assert {(one["im_id"], one["obj_id"]) for one in targets} == visible
    assert len({one["obj_id"] for one in targets}) >= 3


def test_masks_are_what_the_numbers_say(bop):
    scene = bop / "test/000001"
    for image, rows in read(scene / "scene_gt_info.json").items():
        for row, detail in enumerate(rows):
            name = f"{int(image):06d}_{row:06d}.png"
            whole, visible = (
                np.asarray(Image.open(scene / kind / name)) == 255
                for kind in ("mask", "mask_visib")
            )
            assert not np.any(visible & ~whole)
            assert (whole.sum(), visible.sum()) == (
                detail["px_count_all"],
                detail["px_count_visib"],
            )


def scenes(bop):
    """Folders whose objects have a model here."""
    return [bop / "train/000001", bop / "train/000002"]


@pytest.mark.parametrize("place", [0, 1])
def test_models_stand_where_the_pictures_show_them(bop, place):
    """The model, taken to the camera by pose and intrinsics, fills the mask; depth agrees."""
    scene = scenes(bop)[place]
    truth, cameras = read(scene / "scene_gt.json"), read(scene / "scene_camera.json")
    details = read(scene / "scene_gt_info.json")
    assert len(truth) == TEMPLATES
    model = read_mesh(bop / f"models/obj_{place + 1:06d}.ply").cloud.positions.numpy()
    info = read(bop / "models/models_info.json")[str(place + 1)]
    low, high = model.min(axis=0), model.max(axis=0)
    assert np.allclose([info[f"min_{a}"] for a in "xyz"], low, atol=0.01)
    assert np.allclose([info[f"size_{a}"] for a in "xyz"], high - low, atol=0.01)
    assert np.allclose(low + high, 0, atol=0.1)
    for image, [one] in truth.items():
        rotation, translation = np.reshape(one["cam_R_m2c"], (3, 3)), one["cam_t_m2c"]
        local = model @ rotation.T + translation
        k = np.reshape(cameras[image]["cam_K"], (3, 3))
        x, y = (local @ k.T)[:, :2].T / local[:, 2]
        left, top, width, height = details[image][0]["bbox_obj"]
        edges = [x.min(), y.min(), x.max(), y.max()]
        assert np.allclose(edges, [left, top, left + width - 1, top + height - 1], atol=3)
        mask = Image.open(scene / f"mask/{int(image):06d}_000000.png")
        near = binary_dilation(np.asarray(mask), np.ones((3, 3)))
        assert near[np.round(y).astype(int), np.round(x).astype(int)].mean() > 0.98
        depth = np.asarray(Image.open(scene / f"depth/{int(image):06d}.png"))
        assert depth[depth > 0].min() == pytest.approx(local[:, 2].min(), abs=12)


def test_every_object_has_a_name(bop):
    categories = read(bop / "train/000001/scene_gt_coco.json")["categories"]
    assert categories == read(bop / "test/000001/scene_gt_coco.json")["categories"]
    assert len({one["name"] for one in categories}) < len(categories) == 30


def test_tables_hold_the_objects_and_others_like_them():
    """What is an object is so to the last detail; nothing is one twice on a table."""
    objects = draw_objects(scene_seed("test_seen", 7))
    others = 0
    for index in range(6):
        table = make_table(scene_seed("test_seen", index), objects)
        carried = [thing for thing in table.things if thing.support != "floor"]
        found = [object_of(thing, objects) for thing in carried]
        known = [one for one in found if one is not None]
        assert len(set(known)) == len(known) >= 2
        for thing, id_ in zip(carried, found, strict=True):
            if id_ is None:
                others += any(thing.category == one.category for one in objects)
                continue
            twin = objects[id_ - 1]
            for looks in ("category", "colour", "material", "rgb", "size", "shape", "accents"):
                assert getattr(thing, looks) == getattr(twin, looks)
        assert not any(held_out(t.colour, t.category) for t in table.things)
    assert others >= 3
