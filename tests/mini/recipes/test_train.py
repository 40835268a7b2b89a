"""Every recipe trains a step, ships a folder that loads, scores it and can be resumed."""

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec

import pytest

from openseg.mini.recipes.__main__ import RECIPES, main
from openseg.mini.recipes.dino import train as dino


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("grounding_dino", "recall"),
        ("sam", "box"),
        ("clip", "right of 20"),
        ("dino", "top 1 of 30"),
    ],
)
def test_a_recipe_runs_from_stills_to_scores(name, score, rooms, tmp_path, monkeypatch):
    monkeypatch.setattr(dino, "ROOMS", {"train": 1, "val": 1})
    recipe = import_module(f"openseg.mini.recipes.{name}.train")
    plan = replace(recipe.PLAN, steps=1)
    scores = recipe.train(rooms, tmp_path, plan)
    assert score in scores
    assert (tmp_path / "model" / "model.safetensors").stat().st_size < 16e6
    assert (tmp_path / "loss.png").exists()
    again = recipe.train(rooms, tmp_path, plan, resume=True, start=tmp_path / "model")
    assert again == {}  # the plan is used up


def test_every_recipe_has_a_command_line():
    assert all(
        find_spec(f"openseg.mini.recipes.{package}.__main__") for package in RECIPES.values()
    )


def test_an_unknown_model_is_answered_with_those_there_are(monkeypatch):
    monkeypatch.setattr("sys.argv", ["recipes", "resnet"])
    with pytest.raises(SystemExit, match="grounding-dino"):
        main()
