"""`openseg run --support`: an image as the query, in the run folder as any other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

import openseg
from tests.stages.tiny import tiny_weights

SHIPPED = Path(openseg.__file__).parent / "mini" / "weights"


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A folder of checkpoints: the shipped ones, random others."""
    folder = tmp_path_factory.mktemp("weights")
    tiny_weights(folder)
    for shipped in SHIPPED.iterdir():
        if not (folder / shipped.name).exists():
            (folder / shipped.name).symlink_to(shipped)
    return folder


@pytest.fixture
def mask(room, tmp_path):
    """The mask of the red hat in the sample image, as a box."""
    with Pillow.open(room) as image:
        picture = Pillow.new("L", image.size)
    ImageDraw.Draw(picture).rectangle((295, 283, 387, 345), fill=255)
    picture.save(tmp_path / "mask.png")
    return tmp_path / "mask.png"


def test_what_the_support_images_show_is_found(cli, room, mask, weights, tmp_path):
    named = [
        *("--support", room, "--support-mask", mask, "--support-name", "mug"),
        *("--support", room, "--support-mask", mask, "--support-name", "hat"),
    ]
    run = ("run", "ipseg", "--image", room, "--weights", weights, "--out", "out")
    done = cli(*run, *named, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["regions"] == 2
    [line] = (tmp_path / "out/regions.jsonl").read_text().splitlines()
    regions = json.loads(line)["regions"]
    assert [(one["phrase"], one["class_id"]) for one in regions] == [("mug", 0), ("hat", 1)]
    coco = json.loads((tmp_path / "out/coco.json").read_text())
    assert [one["name"] for one in coco["categories"]] == ["mug", "hat"]
    other = cli(*run, "--support", room, "--support-mask", mask, "--resume")
    assert other.returncode == 2
    assert "differs in: templates" in other.stderr


def test_a_mistake_with_a_support_image_is_one_line(cli, room, mask, weights, tmp_path):
    Pillow.new("L", (7, 5), 255).save(tmp_path / "small.png")
    run = ("run", "dino_points", "--image", room, "--weights", weights)
    for arguments, named in (
        ((), "needs a support image with its mask"),
        (("--support", room), "1 support images, 0 masks"),
        (("--support-mask", mask), "0 support images, 1 masks"),
        (("--support", room, "--support-mask", tmp_path / "small.png"), "the mask is 7x5"),
        (("--support", "gone.jpg", "--support-mask", mask), "gone.jpg"),
    ):
        done = cli(*run, *arguments)
        assert done.returncode == 2, done.stderr
        assert named in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
