"""Runs and evaluations spread over Ray leave the files that one process leaves, byte for byte."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

import openseg
from openseg.api.runs import RunRequest, run_images
from openseg.graph.engine.on_ray import RayEngine
from openseg_evals.report.write import write_reports
from tests.evals.run.toys import content, toy_run, toy_stages, write_data, write_method

__all__ = ["toy_stages"]


@pytest.fixture
def pictures(room, tmp_path):
    """Nine pictures, the sample image seen from a little aside, one of them broken."""
    pixels = np.asarray(Image.open(room).resize((400, 300)))
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(9):
        Image.fromarray(pixels[2 * i :, 5 * i :]).save(folder / f"{i}.png")
    (folder / "4.png").write_bytes((folder / "4.png").read_bytes()[:200])
    return sorted(folder.iterdir())


def files(folder):
    """Every file but the one that says what the run cost."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {"run.json", ".lock"}
    }


def test_a_run_is_the_same(ray_cluster, pictures, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = [path.relative_to(tmp_path) for path in pictures]
    request = RunRequest(paths, "the red cup; the purple ball; the red hat")
    summaries = []
    for name, engine in (("local", None), ("ray", RayEngine(workers=2))):
        method = openseg.load("grounded_sam", batch=1, cache=tmp_path / f"cache-{name}")
        summaries.append(run_images(method, request, tmp_path / name, engine=engine))
    local, spread = summaries
    assert local.regions > 0
    assert (spread.samples, spread.failed, spread.mistakes) == (9, 1, 1)
    assert spread.regions == local.regions
    there = files(tmp_path / "ray")
    assert there == files(tmp_path / "local")
    assert {"regions.jsonl", "coco.json", "overlay/0.png", "labelme/8.json"} <= there.keys()
    first, second = (
        json.loads((tmp_path / name / "run.json").read_text()) for name in ("local", "ray")
    )
    assert first["identity"] == second["identity"]
    assert first["nodes"].keys() == second["nodes"].keys()


def test_an_evaluation_is_the_same_with_its_oracle(ray_cluster, toy_stages, tmp_path):
    write_data(tmp_path / "data")
    methods = [write_method(tmp_path, "two"), write_method(tmp_path, "five", columns=5)]
    for name, engine in (("local", {}), ("ray", {"engine": RayEngine(workers=2)})):
        write_reports(toy_run(tmp_path, *methods, out=tmp_path / name, oracle=True, **engine))
    assert content(tmp_path / "ray") == content(tmp_path / "local")
