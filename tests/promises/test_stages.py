"""Stages and models that fail: memory, numbers that are none, one sample that raises."""

from __future__ import annotations

import json
from functools import partial, wraps
from typing import Any

import pytest
import torch

from openseg.graph.executor import execute
from openseg.graph.stage import Stage
from openseg.types import Scores
from tests.evals.run.toys import Find as ToyFind
from tests.graph.tiny import Find, Paint, Provider, Weigh, find_and_paint, pictures, same
from tests.promises.commands import Place, files
from tests.soaking import tell, times

PICTURES = 8


@pytest.mark.parametrize("stage", [Find, Paint, Weigh])
def test_no_memory_at_any_node_and_batch_size_changes_nothing(monkeypatch, stage: type[Stage]):
    """Each node, in batches of each size, in memory that holds fewer: it halves and goes on."""
    given = pictures(times(5, 17))
    whole = [one.outputs for one in execute(find_and_paint(), given, Provider())]
    run: Any = stage.run
    tried = 0
    for batch in range(1, times(4, 16) + 1):
        for room in range(1, batch):

            @wraps(run)
            def hungry(self: Stage, *values: Any, fits: int = room, **ports: Any) -> Any:
                size = len(next(iter(ports.values())))
                if size > fits:
                    raise torch.OutOfMemoryError(f"CUDA out of memory at {size}")
                return run(self, *values, **ports)

            monkeypatch.setattr(stage, "run", hungry)
            found = list(execute(find_and_paint(), given, Provider(), window=16, batch=batch))
            assert [one.error for one in found] == [None] * len(given)
            assert all(same(one.outputs, other) for one, other in zip(found, whole, strict=True))
            tried += 1
    tell(f"out of memory at {stage.name}", batch_and_room=tried)


def _spoil(how: str) -> None:
    """On the third picture the model gives a score that is no number, or the stage raises."""
    run = ToyFind.run

    @wraps(run)
    def spoilt(self: ToyFind, image: list[Any], query: list[Any]) -> Any:
        bad = [i for i, one in enumerate(image) if one.name.endswith("2.jpg")]
        if bad and how == "raises":
            raise ZeroDivisionError("no such luck")
        outputs = run(self, image, query)
        for i in bad:
            outputs.scores[i] = Scores(outputs.scores[i].values + float(how))
        return outputs

    ToyFind.run = spoilt  # type: ignore[method-assign]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    made = Place(tmp_path_factory.mktemp("stages"), PICTURES)
    for verb in ("run", "eval"):
        assert made.call(*getattr(made, verb)(f"whole-{verb}", "--no-cache")).code == 0
    return made


@pytest.mark.parametrize("how", ["nan", "inf", "raises"])
def test_a_run_loses_the_sample_at_fault_alone(place, how, tmp_path):
    done = place.call(*place.run(tmp_path / "out", "--json"), before=partial(_spoil, how))
    assert done.code == 0, done.errors
    assert json.loads(done.output)["failed"] == 1
    assert "node 'find'" in done.errors
    there, whole = ((one / "regions.jsonl").read_bytes().splitlines() for one in
                    (tmp_path / "out", place.folder / "whole-run"))  # fmt: skip
    different = [i for i, (one, other) in enumerate(zip(there, whole, strict=True)) if one != other]
    assert different == [2]
    error = json.loads(there[2])["error"]
    assert ("no such luck" if how == "raises" else "NaN or infinite numbers") in error
    left = {name for name in files(tmp_path / "out") if name.startswith("overlay")}
    assert left == {f"overlay/{i}.png" for i in range(PICTURES) if i != 2}


@pytest.mark.parametrize("how", ["nan", "inf", "raises"])
def test_an_evaluation_counts_the_sample_at_fault_as_empty(place, how, tmp_path):
    done = place.call(*place.eval(tmp_path / "out", "--json"), before=partial(_spoil, how))
    assert done.code == 0, done.errors
    assert json.loads(done.output)["pipelines"]["two"]["failed"] == 3
    assert "--overwrite tries them again" in done.errors
    name = "predictions/two/predictions.jsonl"
    there, whole = (
        files(one)[name].splitlines() for one in (tmp_path / "out", place.folder / "whole-eval")
    )
    pairs = enumerate(zip(there, whole, strict=True))
    assert [i for i, (one, other) in pairs if one != other] == [6, 7, 8]
