"""A benchmark of coloured rectangles in RefCOCO's files, and stages whose answers are known.

A phrase is a colour; the method finds its pixels and cuts columns off at the left, so its IoU is
`(width - columns) / width`. No model: a run takes milliseconds. The stages are registered for the
time of a test only, so that tests over all registered stages do not meet them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image as Picture
from pydantic import Field

from openseg.graph import registry
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Image, Masks, Phrases, Scores, TextQuery
from openseg_evals.run.benchmark import Benchmark, _read, find_benchmarks
from openseg_evals.run.evaluate import Evaluation, evaluate
from openseg_evals.run.request import EvalRequest
from tests.evals.datasets.expressions import (
    HEIGHT,
    WIDTH,
    annotation,
    box,
    ref,
    sentence,
    write_instances,
    write_pickle,
)

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
WIDTHS = {"red": 10, "green": 20, "blue": 40}
"""Columns of each rectangle, so that areas differ; all are ten rows high."""

CALLS: Counter[str] = Counter()
"""How many samples each stage worked on."""


class Find(Stage):
    """The pixels of each phrase's colour."""

    name = "toy.find"

    class Config(StageConfig):
        broken: str = Field("", description="A phrase on which the stage raises.")

    class Outputs(NamedTuple):
        masks: Batch[Masks]
        scores: Batch[Scores]
        phrases: Batch[Phrases]

    def run(self, image: Batch[Image], query: Batch[TextQuery]) -> Outputs:
        CALLS["find"] += len(image)
        outputs = self.Outputs([], [], [])
        for one, asked in zip(image, query, strict=True):
            if any(phrase.text == self.config.broken for phrase in asked.phrases):
                raise RuntimeError("no such luck")
            found = [(pixels_of(one, p.text), p) for p in asked.phrases if p.text in COLOURS]
            outputs.masks.append(
                Masks(torch.stack([mask for mask, _ in found]))
                if found
                else Masks(torch.zeros(0, *one.size, dtype=torch.bool))
            )
            outputs.scores.append(Scores(torch.linspace(0.9, 0.5, len(found))))
            outputs.phrases.append(Phrases(tuple(p for _, p in found)))
        return outputs


class Cut(Stage):
    """Masks without their first columns; all of them where nothing would be left."""

    name = "toy.cut"

    class Config(StageConfig):
        columns: int = Field(2, ge=0, description="Columns to take away.")

    class Outputs(NamedTuple):
        masks: Batch[Masks]

    def run(self, masks: Batch[Masks]) -> Outputs:
        CALLS["cut"] += len(masks)
        shorter = []
        for one in masks:
            left = one.data.any(dim=1).int().argmax(dim=1)
            place = torch.arange(one.data.shape[2])
            kept = place[None, :] >= (left + self.config.columns)[:, None]
            shorter.append(Masks(one.data & kept[:, None, :]))
        return self.Outputs(shorter)


class Shrink(Stage):
    """Masks at half their size, which fit no image."""

    name = "toy.shrink"

    class Outputs(NamedTuple):
        masks: Batch[Masks]

    def run(self, masks: Batch[Masks]) -> Outputs:
        return self.Outputs([Masks(one.data[:, ::2, ::2]) for one in masks])


def pixels_of(image: Image, colour: str) -> torch.Tensor:
    wanted = torch.tensor(COLOURS[colour], dtype=torch.uint8)
    return (image.pixels == wanted[:, None, None]).all(dim=0)


@pytest.fixture
def toy_stages(monkeypatch):
    """The stages can be named in YAML while a test runs."""
    for stage in (Find, Cut, Shrink):
        monkeypatch.setitem(registry._stages, stage.name, stage)
    CALLS.clear()


def write_method(folder: Path, name: str, columns: int = 2, broken: str = "", last="cut") -> str:
    """A method's YAML; gives its path."""
    outputs = f"{{masks: {last}.masks, scores: find.scores, phrases: find.phrases}}"
    lines = [
        f"name: {name}",
        "inputs: {image: Image, query: TextQuery}",
        "nodes:",
        f"  find: {{use: toy.find, in: {{image: image, query: query}}, broken: '{broken}'}}",
        f"  cut: {{use: toy.cut, in: {{masks: find.masks}}, columns: {columns}}}"
        if last == "cut"
        else "  shrink: {use: toy.shrink, in: {masks: find.masks}}",
        f"outputs: {outputs}",
    ]
    path = folder / f"{name}.yaml"
    path.write_text("\n".join(lines))
    return str(path)


def write_data(folder: Path, images: int = 4, words: Sequence[str] = tuple(COLOURS)) -> Path:
    """Pictures with a rectangle of each colour, a sentence each; gives `folder/toys`."""
    root = folder / "toys"
    annotations, refs = [], []
    for image in range(images):
        pixels = np.full((HEIGHT, WIDTH, 3), 90, dtype=np.uint8)
        for row, (colour, width) in enumerate(WIDTHS.items()):
            left, top = 5 + image, 5 + 20 * row
            pixels[top : top + 10, left : left + width] = COLOURS[colour]
            if colour in words:
                number = len(annotations) + 1
                shape = [box(left, top, left + width, top + 10)]
                annotations.append(annotation(number, image, shape, 10 * width))
                refs.append(ref(number, image, number, "val", sentence(100 + number, colour)))
        (root / "images").mkdir(parents=True, exist_ok=True)
        Picture.fromarray(pixels).save(root / "images" / f"{image}.jpg", format="png")
    write_instances(root, range(images), annotations)
    write_pickle(root / "refs(unc).p", refs)
    return root


def write_benchmark(folder: Path, **changes: object) -> Path:
    """A benchmark file for `write_data`, with keys changed."""
    content = {
        "about": "Rectangles, <b>bold</b> ones.",
        "dataset": {"use": "refcoco", "folder": "toys", "options": {"by": "unc"}},
        "task": "referring",
        "metric": "referring",
        "main": "mIoU",
        "shown": ["oIoU", "mIoU", "P@0.9"],
        **changes,
    }
    path = folder / "toy.yaml"
    path.write_text(json.dumps(content))  # JSON is YAML
    return path


def toy_benchmark(folder: Path, **changes: object) -> Benchmark:
    """The only benchmark of that file."""
    _read.cache_clear()  # the file may have been another one
    [one] = find_benchmarks(str(write_benchmark(folder, **changes)))
    return one


def toy_run(folder: Path, *methods: str, listeners=(), benchmark=None, **request) -> Evaluation:
    """Evaluates methods on the toy data under `folder/data`, by default into `folder/out`."""
    usual = {"out": folder / "out", "data": folder / "data", "batch": 2, "device": "cpu"}
    chosen = benchmark or toy_benchmark(folder)
    return evaluate(chosen, EvalRequest(pipelines=methods, **{**usual, **request}), listeners)


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder whose bytes must not depend on how often it was stopped."""
    told = {"timings.json", "report.md", "report.html"}
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in told
    }


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]
