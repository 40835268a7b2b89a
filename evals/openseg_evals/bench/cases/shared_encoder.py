"""Many phrases, many boxes on one image: the image's encoder runs once; shown by counting calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from openseg.io.images import image_from
from openseg.models.protocols import Prompts
from openseg.models.store import ModelStore
from openseg_evals.bench.agreement import of_masks, of_numbers
from openseg_evals.bench.pictures import pictures
from openseg_evals.bench.rows import Floor, Row, of_values
from openseg_evals.bench.settings import Settings
from openseg_evals.bench.weights import checkpoints

SIZE, PROMPTS = (480, 640), 12


def measure(settings: Settings) -> Iterator[Row]:
    """One phrase or box after the other, by a model that remembers the image and one that not."""
    weights = checkpoints(settings, "grounding-dino", "sam")
    [path] = pictures(settings.folder, 1, SIZE)
    image = image_from(path)
    phrases = [f"{colour} {thing}" for colour in ("red", "blue", "green") for thing in THINGS]
    detector = ModelStore(weights, settings.device).load("grounding-dino")

    def detect(phrase: str) -> Tensor:
        [found] = detector.detect([image], [[phrase]], 0.0)
        return torch.cat([found.boxes.sum(dim=1), found.scores[:, 0]])

    yield _row("many-phrases", "phrase", detect, phrases, detector.backbone, detector)

    segmenter = ModelStore(weights, settings.device).load("sam")
    corners = torch.arange(PROMPTS, dtype=torch.float32)[:, None] * torch.tensor([20, 10, 20, 10])
    boxes = corners + torch.tensor([40.0, 50.0, 200.0, 240.0])

    def segment(box: Tensor) -> Tensor:
        [found] = segmenter.segment([image], [Prompts(boxes=box[None])], candidates=False)
        logits: Tensor = segmenter.pixels(found.logits[:, 0], image.size)
        return logits > 0

    encoder = segmenter._model.vision_encoder
    yield _row("many-boxes", "box", segment, list(boxes), encoder, segmenter)


THINGS = ("cup", "ball", "hat", "chair")


def _row(name: str, what: str, ask: Any, prompts: list[Any], encoder: Any, adapter: Any) -> Row:
    calls: list[int] = []
    handle = encoder.register_forward_hook(lambda *_: calls.append(1))
    ours = [ask(one) for one in prompts]
    mine = len(calls)
    theirs = []
    for one in prompts:
        adapter._memo.clear()
        theirs.append(ask(one))
    handle.remove()
    same = of_masks if ours[0].dtype == torch.bool else _numbers
    return of_values(
        name,
        f"one forward a {what}, {len(prompts)} of them",
        "calls",
        [float(mine)],
        [float(len(calls) - mine)],
        Floor("at least", float(len(prompts))),
        same(torch.cat(ours), torch.cat(theirs)),
        note="calls of the image's encoder",
    )


def _numbers(ours: Tensor, peer: Tensor) -> tuple[bool, str]:
    return of_numbers(ours, peer, 1e-4)
