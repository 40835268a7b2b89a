"""What both Grounding DINO back ends share: images in, prompts in, phrase scores out.

Images run through the backbone once and are grouped by their size after preprocessing, never padded
to a common one: the Swin backbone lets padding leak into its windows, and a batch must give what a
loop gives. Only the backbone may run in half precision: behind it, `logit(1 - 1e-5)` would be
infinite and boxes would lie on a grid of several pixels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from openseg.models.adapters.chunks import images_per_call
from openseg.models.adapters.grounding_dino.prompts import PhrasePrompts, Prompt
from openseg.models.image_memo import ImageMemo
from openseg.models.protocols import TextDetections
from openseg.models.text_detections import Part, combine, nothing
from openseg.types import Image

MAX_ASPECT = 4
"""Longer images get a black margin on their short side; resized as they are, they would leave the
model fewer image tokens than it has queries, or none."""

STRIDE = 8
"""Of the finest feature map, in pixels."""

Item = TypeVar("Item")


class GroundingDetector(ABC):
    """A `TextDetector` of the Grounding DINO architecture.

    Args:
        image_processor: The checkpoint's own; resizes and normalises.
        prompts: Turns phrases into token ids within the text limit.
        device: Where the network lies.
        dtype: What the image backbone computes in; the rest is float32.
    """

    mixes_captions: ClassVar[bool] = False
    """Whether different captions may not share a forward pass, because the code mixes them up."""

    def __init__(
        self, image_processor: Any, prompts: PhrasePrompts, device: torch.device, dtype: torch.dtype
    ) -> None:
        self._image_processor = image_processor
        self._prompts = prompts
        self._device = device
        self._dtype = dtype
        self._memo: ImageMemo[tuple[Tensor, ...]] = ImageMemo()

    @abstractmethod
    def encode(self, pixels: Tensor) -> Sequence[Tensor]:
        """Runs the image backbone.

        Args:
            pixels: `[b, 3, h, w]`, preprocessed.

        Returns:
            Feature maps float32 `[b, c, h', w']`, one a level.
        """

    @abstractmethod
    def ground(self, maps: Sequence[Tensor], prompts: Sequence[Prompt]) -> tuple[Tensor, Tensor]:
        """Runs everything behind the image backbone.

        Args:
            maps: Feature maps `[b, c, h', w']`, one a level.
            prompts: One for each of the `b` images.

        Returns:
            Logits `[b, q, t]` of queries by tokens, and boxes `[b, q, 4]`: centre, width and height
            relative to the image.
        """

    @torch.inference_mode()
    def detect(
        self, images: Sequence[Image], phrases: Sequence[Sequence[str]], min_score: float
    ) -> list[TextDetections]:
        """Detects each image's phrases; see `TextDetector`.

        At most as many prompts share a forward pass as there are images, so that the engine's batch
        size bounds memory also where one image needs many prompts.
        """
        prompts = [self._prompts(one) for one in phrases]
        features = self._memo.features(images, self._encode)
        jobs = [(index, prompt) for index, own in enumerate(prompts) for prompt in own]
        parts: list[list[Part]] = [[] for _ in images]
        usual = 1 if self.mixes_captions else len(images)
        shapes = [features[index][0].shape for index, _ in jobs]
        for batch in _batches(jobs, shapes, usual, STRIDE, self._device):
            own_maps = [features[index] for index, _ in batch]
            maps = [torch.stack(level) for level in zip(*own_maps, strict=True)]
            logits, boxes = self.ground(maps, [prompt for _, prompt in batch])
            for (index, prompt), own_logits, own_boxes in zip(batch, logits, boxes, strict=True):
                parts[index].append(Part(own_boxes, prompt.scores(own_logits), prompt.phrases))
        return [
            combine(found, len(asked), image.size, _extent(image.size), min_score)
            if found
            else nothing(len(asked), self._device)
            for image, asked, found in zip(images, phrases, parts, strict=True)
        ]

    def _encode(self, images: list[Image]) -> list[tuple[Tensor, ...]]:
        pixels = [self._preprocess(image) for image in images]
        encoded: dict[int, tuple[Tensor, ...]] = {}
        shapes = [one.shape for one in pixels]
        for batch in _batches(range(len(images)), shapes, len(images), 1, self._device):
            maps = self.encode(torch.stack([pixels[index] for index in batch]))
            for row, index in enumerate(batch):
                encoded[index] = tuple(level[row] for level in maps)
        return [encoded[index] for index in range(len(images))]

    def _preprocess(self, image: Image) -> Tensor:
        """Pixels `[3, h, w]` as the backbone takes them."""
        height, width = image.size
        full_height, full_width = _extent(image.size)
        margin = (0, full_width - width, 0, full_height - height)
        pixels = functional.pad(image.pixels.to(self._device), margin)
        done = self._image_processor(
            [pixels], do_pad=False, input_data_format="channels_first", return_tensors="pt"
        )
        values: Tensor = done["pixel_values"][0]
        return values.to(self._device, self._dtype)


def _extent(size: tuple[int, int]) -> tuple[int, int]:
    """Height and width of an image with the margin that keeps it within `MAX_ASPECT`."""
    least = -(-max(size) // MAX_ASPECT)
    return max(size[0], least), max(size[1], least)


def _batches(
    items: Iterable[Item],
    shapes: Iterable[torch.Size],
    usual: int,
    stride: int,
    device: torch.device,
) -> Iterator[list[Item]]:
    """Items of equal shapes `[c, h, w]` together, in order, as many as should run at once.

    Args:
        items: Images, or prompts with the number of their image.
        shapes: Of what runs for each of them.
        usual: How many run at once on a GPU.
        stride: Pixels of the network's input to one of the shape.
        device: Where they run.
    """
    groups: defaultdict[torch.Size, list[Item]] = defaultdict(list)
    for item, shape in zip(items, shapes, strict=True):
        groups[shape].append(item)
    for (_, height, width), group in groups.items():
        step = images_per_call(usual, (stride * height, stride * width), device)
        for start in range(0, len(group), step):
            yield group[start : start + step]
