"""Engine overhead: the method `grounded_sam` against the shortest loop that does the same.

The loop is what one writes with `transformers` alone, an image at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import torchvision
from PIL import Image
from torch import Tensor

from openseg.api.inputs import Request, samples_of
from openseg.api.method import Method, load
from openseg_evals.bench.agreement import of_masks
from openseg_evals.bench.clock import in_turn
from openseg_evals.bench.pictures import pictures
from openseg_evals.bench.rows import Floor, Row, of_times
from openseg_evals.bench.settings import Settings
from openseg_evals.bench.weights import checkpoints

WORDS, BOXES, NMS = "red cup", 10, 0.8
SIZE = (480, 640)


def measure(settings: Settings) -> Iterator[Row]:
    """One image at a time, then batches."""
    weights = checkpoints(settings, "grounding-dino", "sam")
    loop = Loop(weights, settings.device)
    for name, count, batch, floor in (
        ("grounded-sam", 1, 1, 1.03),
        ("grounded-sam-batched", 4, 4, 0.8),
    ):
        method = load(
            "grounded_sam",
            weights,
            device=settings.device,
            settings=[
                "detect.box_threshold=0",
                f"detect.max_boxes={BOXES}",
                f"detect.nms_iou={NMS}",
            ],
            batch=batch,
        )

        def paths(number: int, count: int = count) -> list[Path]:
            return pictures(settings.folder / "pictures", count, SIZE, first=number * count)

        pairs = settings.pairs(5 if not settings.slow else 3 if batch == 1 else 2)
        for number in range(pairs + 1):
            paths(number)
        mine, theirs = ours(method, paths(0)), [loop(path) for path in paths(0)]
        yield of_times(
            name,
            f"a loop of transformers' classes, {count} images of {SIZE[1]}x{SIZE[0]}",
            in_turn(
                lambda number, method=method, paths=paths: ours(method, paths(number)),  # type: ignore[misc]
                lambda number, paths=paths: [loop(path) for path in paths(number)],  # type: ignore[misc]
                pairs,
                settings.device,
            ),
            Floor("at most", floor),
            of_masks(torch.cat(mine), torch.cat(theirs)),
        )


def ours(method: Method, paths: list[Path]) -> list[Tensor]:
    """Masks of each image."""
    named = {path.stem: path for path in paths}
    samples = samples_of(method.graph, named, Request(text=WORDS), method.models.device)
    return [method.result(one).masks for one in method.stream(samples)]


class Loop:
    """The loop by hand.

    Args:
        weights: The folder of checkpoints.
        device: Where models run.
    """

    def __init__(self, weights: Path, device: str) -> None:
        from transformers import (
            AutoProcessor,
            GroundingDinoForObjectDetection,
            SamModel,
            SamProcessor,
        )

        dino, sam = str(weights / "grounding-dino"), weights / "sam"
        self.device = device
        self.processor: Any = AutoProcessor.from_pretrained(dino)
        self.detector = GroundingDinoForObjectDetection.from_pretrained(dino).eval().to(device)
        self.sam_processor: Any = SamProcessor.from_pretrained(sam)
        self.segmenter = SamModel.from_pretrained(sam).eval().to(device)

    @torch.inference_mode()
    def __call__(self, path: Path) -> Tensor:
        """Masks `[n, h, w]` of one image."""
        image = Image.open(path).convert("RGB")
        inputs = self.processor(images=image, text=f"{WORDS}.", return_tensors="pt")
        found = self.detector(**inputs.to(self.device))
        tokens = inputs["input_ids"].shape[1]
        scores = found.logits[0, :, 1 : tokens - 2].amax(dim=1).sigmoid()
        scale = torch.tensor([*image.size, *image.size], device=self.device)
        boxes = torchvision.ops.box_convert(found.pred_boxes[0], "cxcywh", "xyxy") * scale
        boxes = torchvision.ops.clip_boxes_to_image(boxes, (image.height, image.width))
        boxes = boxes[torchvision.ops.nms(boxes, scores, NMS)[:BOXES]]
        inputs = self.sam_processor(image, input_boxes=[boxes.tolist()], return_tensors="pt")
        given = {
            name: inputs[name].float().to(self.device) for name in ("pixel_values", "input_boxes")
        }
        logits = self.segmenter(**given, multimask_output=False).pred_masks
        masks: list[Tensor] = self.sam_processor.image_processor.post_process_masks(
            logits, inputs["original_sizes"], inputs["reshaped_input_sizes"]
        )
        return masks[0][:, 0]
