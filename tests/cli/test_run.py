"""`openseg run`: what lies in the folder, what is printed, how it goes on."""

from __future__ import annotations

import json
import shutil
import time

import pytest
from PIL import Image as Pillow
from pycocotools.coco import COCO


def folder_bytes(folder):
    """Every file of a run folder that must not depend on when or how often it ran."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


def test_a_run_leaves_pictures_exports_and_a_record(cli, room, tmp_path):
    done = cli(
        "run", "grounded_sam", "--image", room, "--text", "red cup", "--out", "out", "--json"
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["samples"] == 1
    assert summary["failed"] == 0
    out = tmp_path / "out"
    with Pillow.open(room) as image, Pillow.open(next((out / "overlay").iterdir())) as overlay:
        assert overlay.size == image.size
    coco = COCO(str(out / "coco.json"))
    assert len(coco.getAnnIds()) == summary["regions"]
    run = json.loads((out / "run.json").read_text())
    assert run["finished"]
    assert set(run["nodes"]) == {"detect", "segment"}
    [line] = (out / "regions.jsonl").read_text().splitlines()
    assert [region["phrase"] for region in json.loads(line)["regions"]] == ["red cup"] * summary[
        "regions"
    ]


def test_a_method_without_words_takes_boxes_and_points(cli, room):
    done = cli(
        "run", "box_to_mask", "--image", room, "--box", "160,220,258,382", "--point", "340,320",
        "--scribble", "450,260 465,290 490,305", "--negative-point", "360,560", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["regions"] == 3


def test_one_broken_image_does_not_stop_the_others(cli, room, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    shutil.copy(room, images / f"good{room.suffix}")
    (images / "broken.jpg").write_text("not an image")
    done = cli("run", "grounded_sam", "--image", images, "--text", "cup", "--out", "out", "--json")
    assert done.returncode == 0
    assert "broken.jpg" in done.stderr
    summary = json.loads(done.stdout)
    assert (summary["samples"], summary["failed"]) == (2, 1)


def test_a_killed_run_goes_on_to_the_same_bytes(cli, room, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    with Pillow.open(room) as picture:
        for i, size in enumerate(
            [(320, 240), (200, 200), (64, 48), (400, 300), (80, 60), (99, 99)]
        ):
            picture.convert("RGB").resize(size).save(images / f"{i}.png")
    run = ("run", "grounded_sam", "--image", images, "--text", "cup; chair", "--batch", "2")
    assert cli(*run, "--out", "whole", OPENSEG_CACHE=str(tmp_path / "a")).returncode == 0
    parts = tmp_path / "parts"
    process = cli.start(*run, "--out", "parts", OPENSEG_CACHE=str(tmp_path / "b"))
    while not (parts / "regions.jsonl").exists():
        time.sleep(0.01)
    process.kill()
    process.wait()
    (parts / "regions.jsonl").write_bytes((parts / "regions.jsonl").read_bytes() + b'{"id": "hal')
    done = cli(*run, "--out", "parts", "--resume", OPENSEG_CACHE=str(tmp_path / "b"))
    assert done.returncode == 0, done.stderr
    assert folder_bytes(tmp_path / "whole") == folder_bytes(parts)


def test_another_run_is_not_mixed_into_a_folder(cli, room):
    run = ("run", "grounded_sam", "--image", room, "--out", "out")
    assert cli(*run, "--text", "cup").returncode == 0
    assert "--resume" in cli(*run, "--text", "cup").stderr
    other = cli(*run, "--text", "chair", "--resume")
    assert other.returncode == 2
    assert "differs in: text" in other.stderr
    assert cli(*run, "--text", "chair", "--overwrite").returncode == 0


def test_a_second_run_uses_the_cache(cli, room, tmp_path):
    run = ("run", "grounded_sam", "--image", room, "--text", "cup")
    assert cli(*run, "--out", "first").returncode == 0
    assert cli(*run, "--out", "second").returncode == 0
    nodes = json.loads((tmp_path / "second" / "run.json").read_text())["nodes"]
    assert all(node["calls"] == 0 for node in nodes.values())
    assert folder_bytes(tmp_path / "first") == folder_bytes(tmp_path / "second")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--text", ""), "nothing to look for"),
        ((), "needs a text"),
        (("--text", "cup", "--box", "1,2,3"), "--box"),
        (("--text", "cup", "--box", "1,2,3,4"), "takes no boxes"),
        (("--text", "cup", "--format", "gif"), "gif"),
        (("--text", "cup", "--set", "detect.box_treshold=0.3"), "box_threshold"),
        (("--text", "cup", "--device", "cuda:7"), "cuda:7"),
        (("--text", "cup", "--weights", "huge"), "huge"),
        (("--text", "cup", "--out", "/proc/nowhere"), "/proc/nowhere"),
    ],
)
def test_a_mistake_is_one_clear_line_and_exit_code_2(cli, room, arguments, named):
    done = cli("run", "grounded_sam", "--image", room, *arguments)
    assert done.returncode == 2
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_images_that_are_not_there(cli, tmp_path):
    (tmp_path / "empty").mkdir()
    for where in ("missing.jpg", "empty", "*.png"):
        done = cli("run", "grounded_sam", "--image", where, "--text", "cup")
        assert done.returncode == 2
        assert where in done.stderr


def test_a_text_of_600_words_is_named_as_too_long(cli, room):
    done = cli("run", "grounded_sam", "--image", room, "--text", "word " * 600)
    assert done.returncode == 2
    assert "at most 253" in done.stderr
    assert "Traceback" not in done.stderr


def test_zero_detections_are_a_result(cli, room, tmp_path):
    done = cli(
        "run", "grounded_sam", "--image", room, "--text", "cup", "--out", "out", "--json",
        "--set", "detect.box_threshold=1.0",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["regions"] == 0
    assert COCO(str(tmp_path / "out" / "coco.json")).getAnnIds() == []


def test_two_thousand_phrases_are_asked_without_merging_any(cli, room, tmp_path):
    words = ["red cup", *(f"thing number {i}" for i in range(1999))]
    done = cli("run", "grounded_sam", "--image", room, "--text", ";".join(words), "--out", "out")
    assert done.returncode == 0, done.stderr
    [line] = (tmp_path / "out" / "regions.jsonl").read_text().splitlines()
    assert {region["phrase"] for region in json.loads(line)["regions"]} <= set(words)
