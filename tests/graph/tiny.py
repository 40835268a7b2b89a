"""Small real stages, models and methods for tests of the engine.

The stages are not registered, so that tests over all registered stages do not meet them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any, NamedTuple

import networkx as nx
import torch
from pydantic import Field

from openseg.graph.graph import Graph, Node, Sample, Source
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Boxes, Image, Masks, Scores


class Finder:
    """A model: boxes on a diagonal, as many as the image's first pixel says."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def find(self, images: list[Image]) -> list[torch.Tensor]:
        self.batches.append(len(images))
        found = []
        for image in images:
            corner = torch.arange(int(image.pixels[0, 0, 0]) % 4, dtype=torch.float32)
            spread = image.pixels.float().mean() / 255
            found.append(torch.stack([corner, corner, corner + 1 + spread, corner + 2], dim=1))
        return found


class Provider:
    """Hands out one `Finder` a family and counts how often each is loaded."""

    def __init__(self, version: str = "1") -> None:
        self.device = torch.device("cpu")
        self.version = version
        self.models: dict[str, Finder] = {}
        self.loads: Counter[str] = Counter()

    def names(self) -> list[str]:
        return ["large", "small"]

    def protocols(self, family: str) -> tuple[type, ...]:
        return (Finder,)

    def locate(self, family: str) -> None:
        pass

    def fingerprint(self, family: str) -> str:
        return f"{family} {self.version}"

    def load(self, family: str) -> Any:
        self.loads[family] += 1
        return self.models.setdefault(family, Finder())

    def free_bytes(self) -> int | None:
        return None

    def forget(self) -> None:
        pass

    @property
    def batches(self) -> list[int]:
        """Sizes of all calls of all models."""
        return [size for model in self.models.values() for size in model.batches]


class Find(Stage):
    """Boxes and their scores."""

    name = "tiny.find"

    class Config(StageConfig):
        scale: float = Field(1.0, description="Multiplies the boxes.")

    class Outputs(NamedTuple):
        boxes: Batch[Boxes]
        scores: Batch[Scores]

    def __init__(self, config: Config, finder: Finder) -> None:
        super().__init__(config)
        self.finder = finder

    def run(self, image: Batch[Image]) -> Outputs:
        found = self.finder.find(image)
        boxes = [Boxes(one * self.config.scale) for one in found]
        return self.Outputs(boxes, [Scores(one[:, 2] / 10) for one in found])


class Paint(Stage):
    """Masks that fill boxes."""

    name = "tiny.paint"

    class Outputs(NamedTuple):
        masks: Batch[Masks]

    def run(self, image: Batch[Image], boxes: Batch[Boxes]) -> Outputs:
        masks = []
        for one, found in zip(image, boxes, strict=True):
            data = torch.zeros(len(found), *one.size, dtype=torch.bool)
            for mask, (left, top, right, bottom) in zip(
                data, found.xyxy.int().tolist(), strict=True
            ):
                mask[top:bottom, left:right] = True
            masks.append(Masks(data))
        return self.Outputs(masks)


class Weigh(Stage):
    """Scores times a factor."""

    name = "tiny.weigh"

    class Config(StageConfig):
        factor: float = Field(2.0, description="The factor.")

    class Outputs(NamedTuple):
        scores: Batch[Scores]

    def run(self, scores: Batch[Scores]) -> Outputs:
        return self.Outputs([Scores(one.values * self.config.factor) for one in scores])


def method(
    nodes: dict[str, tuple[Any, ...]], outputs: dict[str, str], name: str = "tiny", **inputs: type
) -> Graph:
    """A checked method: `nodes` gives stage, inputs and, if wanted, settings and models."""
    made = {}
    for node, (stage, sources, *more) in nodes.items():
        config = stage.Config(**(more[0] if more else {}))
        models = more[1] if len(more) > 1 else {}
        wired = {port: _source(text) for port, text in sources.items()}
        made[node] = Node(node, stage, config, wired, models)
    dag: nx.DiGraph[str] = nx.DiGraph()
    wanted = {key: _source(text) for key, text in outputs.items()}
    return Graph(name, {}, inputs or {"image": Image}, made, wanted, dag)


def _source(text: str) -> Source:
    node, _, port = text.rpartition(".")
    return Source(node, port)


def find_and_paint(name: str = "tiny", factor: float = 2.0) -> Graph:
    """Image to boxes and scores, to masks and weighed scores."""
    return method(
        {
            "find": (Find, {"image": "image"}, {}, {"finder": "small"}),
            "paint": (Paint, {"image": "image", "boxes": "find.boxes"}),
            "weigh": (Weigh, {"scores": "find.scores"}, {"factor": factor}),
        },
        {"masks": "paint.masks", "scores": "weigh.scores", "boxes": "find.boxes"},
        name,
    )


def picture(seed: int, height: int = 6, width: int = 8) -> Image:
    """An image of noise; its number of boxes is `seed % 4`."""
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (3, height, width), generator=generator, dtype=torch.uint8)
    pixels[0, 0, 0] = seed % 4
    digest = hashlib.sha256(f"{height} {width}".encode() + pixels.numpy().tobytes()).hexdigest()
    return Image(pixels, digest, f"picture {seed}")


def pictures(count: int) -> list[Sample]:
    """Samples with different images, no two of one size."""
    return [Sample(f"s{i}", {"image": picture(i, 6 + i % 3, 8 + i)}) for i in range(count)]


def same(one: Any, other: Any) -> bool:
    """Whether two edge values are equal to the bit."""
    if isinstance(one, torch.Tensor):
        if not isinstance(other, torch.Tensor):
            return False
        # As bytes: zero and minus zero are different.
        bytes_ = [tensor.contiguous().reshape(-1).view(torch.uint8) for tensor in (one, other)]
        return (one.dtype, one.shape) == (other.dtype, other.shape) and torch.equal(*bytes_)
    if hasattr(one, "__dataclass_fields__"):
        return type(one) is type(other) and all(
            same(getattr(one, name), getattr(other, name)) for name in one.__dataclass_fields__
        )
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
