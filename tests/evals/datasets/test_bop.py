"""BOP folders are read target by target; objects get the names in use, or one's own."""

from __future__ import annotations

import numpy as np
import pytest

from openseg.types.errors import UserError
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.truth_as_answer import asked, results, write_json, write_picture, write_text


def plain_rle(rows):
    """Uncompressed run lengths, column by column, from zeros, as BOP writes them."""
    pixels = np.array(rows).ravel(order="F").tolist()
    counts, value = [0], 0
    for pixel in pixels:
        if pixel != value:
            counts.append(0)
            value = pixel
        counts[-1] += 1
    return {"size": list(np.shape(rows)), "counts": counts}


APE, CAT = 1, 6


def write_scene(folder, scene, objects, images=(0, 3)):
    """`objects`: image, obj_id, rows, ignore."""
    place = folder / f"{scene:06d}"
    for image in images:
        write_picture(place / f"rgb/{image:06d}.png", 3, 4)
    sizes = {"width": 4, "height": 3}
    write_json(
        place / "scene_gt_coco.json",
        {
            "categories": [{"id": one, "name": str(one)} for one in (APE, CAT)],
            "images": [{"id": n, "file_name": f"rgb/{n:06d}.png", **sizes} for n in images],
            "annotations": [
                {
                    "id": n,
                    "image_id": image,
                    "category_id": kind,
                    "iscrowd": 0,
                    "area": int(np.sum(rows)),
                    "bbox": [0, 0, 4, 3],
                    "segmentation": plain_rle(rows),
                    "ignore": ignore,
                }
                for n, (image, kind, rows, ignore) in enumerate(objects, start=1)
            ],
        },
    )


@pytest.fixture
def lmo(tmp_path):
    folder = tmp_path / "lmo"
    left, right, dot = np.zeros((3, 3, 4), dtype=int)
    left[:, :2], right[:, 2:], dot[0, 0] = 1, 1, 1
    write_scene(
        folder / "test",
        2,
        [(0, APE, left, False), (0, CAT, right, False), (3, APE, right, False)],
    )
    write_scene(folder / "test", 5, [(3, CAT, left, False), (3, APE, dot, True)])
    targets = [(2, 0, APE), (2, 0, CAT), (2, 3, APE), (5, 3, CAT)]
    write_json(
        folder / "test_targets_bop19.json",
        [
            {"scene_id": scene, "im_id": image, "obj_id": kind, "inst_count": 1}
            for scene, image, kind in targets
        ],
    )
    return folder


def test_samples_are_the_target_images(lmo):
    samples = load_dataset("bop", lmo, {}).samples
    assert [one.unit for one in samples] == ["2/0", "2/3", "5/3"]
    assert samples[1].key == {"scene_id": 2, "image_id": 3}
    assert samples[0].phrases == ("ape", "cat")
    assert samples[0].class_ids == (APE, CAT)
    assert samples[0].image == lmo / "test/000002/rgb/000000.png"
    assert [asked(one) for one in samples] == [["ape", "cat"], ["ape"], ["cat"]]
    assert samples[0].tags == {"objects": "2-4", "sizes": "small"}


def test_the_truth_as_prediction_scores_1(lmo, tmp_path):
    dataset = load_dataset("bop", lmo, {})
    found = score(
        "bop_instances",
        dataset.truth(tmp_path),
        results(dataset, tmp_path / "predictions.json"),
        dataset.metric_options,
    )
    assert found["AP"] == pytest.approx(1)


def test_grey_pictures_are_found_where_there_is_no_colour(lmo):
    rgb = lmo / "test/000005/rgb"
    (rgb.parent / "gray").mkdir()
    (rgb / "000003.png").rename(rgb.parent / "gray/000003.tif")
    assert load_dataset("bop", lmo, {}).samples[2].image.name == "000003.tif"


def test_objects_without_names_need_a_list(lmo, tmp_path):
    tless = lmo.rename(tmp_path / "tless")
    with pytest.raises(UserError, match=r"objects of tless have no names \(set names=FILE with 2"):
        load_dataset("bop", tless, {})
    write_text(tmp_path / "names.txt", "white socket", "plug, connector")
    sample = load_dataset("bop", tless, {"names": str(tmp_path / "names.txt")}).samples[0]
    assert sample.phrases == ("white socket", "plug", "connector")
    assert sample.class_ids == (APE, CAT, CAT)


def test_missing_and_broken_files_are_named(lmo, tmp_path):
    with pytest.raises(UserError, match=r"no test_targets_bop24\.json"):
        load_dataset("bop", lmo, {"targets": "test_targets_bop24.json"})
    with pytest.raises(UserError, match="has no folder val"):
        load_dataset("bop", lmo, {"split": "val"})
    (lmo / "test/000005/rgb/000003.png").unlink()
    with pytest.raises(UserError, match="1 of 3 pictures are missing"):
        load_dataset("bop", lmo, {})
    scene = lmo / "test/000002/scene_gt_coco.json"
    scene.write_text(scene.read_text()[:200])
    with pytest.raises(UserError, match="is cut short"):
        load_dataset("bop", lmo, {})


def write_templates(folder, scene, pictures):
    """`pictures`: for each image the objects in it, each `(obj_id, visib_fract)`."""
    place = folder / f"train/{scene:06d}"
    write_json(
        place / "scene_gt.json",
        {str(n): [{"obj_id": kind} for kind, _ in some] for n, some in enumerate(pictures)},
    )
    write_json(
        place / "scene_gt_info.json",
        {str(n): [{"visib_fract": part} for _, part in some] for n, some in enumerate(pictures)},
    )
    for image, some in enumerate(pictures):
        write_picture(place / f"rgb/{image:06d}.png", 3, 4)
        for row, _ in enumerate(some):
            write_picture(place / f"mask_visib/{image:06d}_{row:06d}.png", 3, 4)


def test_templates_are_well_visible_and_spread(lmo):
    write_templates(lmo, 1, [[(APE, 1.0)]] * 5)
    write_templates(lmo, 6, [[(APE, 0.95), (CAT, 0.3)], [(99, 1.0), (CAT, 0.9)]])
    first, second = load_dataset("bop", lmo, {"per_object": "3"}).samples[:2]
    assert first.templates is second.templates
    train = lmo / "train"
    assert [(one.phrase, one.image, one.mask) for one in first.templates] == [
        (0, train / "000001/rgb/000000.png", train / "000001/mask_visib/000000_000000.png"),
        (0, train / "000001/rgb/000002.png", train / "000001/mask_visib/000002_000000.png"),
        (0, train / "000001/rgb/000004.png", train / "000001/mask_visib/000004_000000.png"),
        (1, train / "000006/rgb/000001.png", train / "000006/mask_visib/000001_000001.png"),
    ]
    elsewhere = load_dataset("bop", lmo, {"templates": "train_real"}).samples
    assert elsewhere[0].templates == ()


def test_broken_templates_are_named(lmo):
    write_templates(lmo, 1, [[(APE, 1.0)]])
    with pytest.raises(UserError, match="per_object=0 is not a number of templates"):
        load_dataset("bop", lmo, {"per_object": "0"})
    (lmo / "train/000001/mask_visib/000000_000000.png").unlink()
    with pytest.raises(UserError, match=r"000000_000000\.png"):
        load_dataset("bop", lmo, {})
    write_json(lmo / "train/000001/scene_gt.json", [1])
    with pytest.raises(UserError, match="not a list of objects by image"):
        load_dataset("bop", lmo, {})


def test_broken_files_are_read_or_refused(lmo):
    fuzz_dataset("bop", lmo, "**/*.json")
