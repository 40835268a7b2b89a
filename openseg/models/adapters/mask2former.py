"""Mask2Former as `transformers` runs it: masks with chances for a closed set of classes.

Cheng et al., "Masked-attention Mask Transformer for Universal Image Segmentation", CVPR 2022,
arXiv:2112.01527.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn.functional import interpolate
from transformers import Mask2FormerForUniversalSegmentation, Mask2FormerImageProcessor

from openseg.models.adapters.patch_grid import grouped
from openseg.models.image_memo import ImageMemo
from openseg.models.pretrained import load_model
from openseg.models.tasks.proposals import MaskProposals
from openseg.types import Image

IMAGES_PER_CALL = 4
QUERIES_PER_CALL = 16
"""Masks brought to the image's size at once, for memory."""

_NOTES = re.compile(r"(-(merged|other|stuff))+$")


class Mask2Former:
    """`MaskProposer` over `transformers.Mask2FormerForUniversalSegmentation`.

    The processor squashes an image a little so that its sides fit the network's strides; nothing is
    cropped, and images of different sizes are not padded together.

    Args:
        model: The network, in eval mode.
        processor: The checkpoint's image processor.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        self._model = model
        self._processor = processor
        names = model.config.id2label
        self.class_names = tuple(_plain(str(names[place])) for place in range(len(names)))
        self._memo: ImageMemo[tuple[Tensor, Tensor]] = ImageMemo()

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        # A weight of its loss, kept with the others and not used here.
        harmless = (r"criterion\.empty_weight", r"swin\.layernorm\.")
        model = load_model(Mask2FormerForUniversalSegmentation, folder, device, dtype, harmless)
        return cls(model, Mask2FormerImageProcessor.from_pretrained(folder, local_files_only=True))

    @torch.inference_mode()
    def propose(self, images: Sequence[Image]) -> list[MaskProposals]:
        """Proposes masks; see `openseg.models.tasks.proposals.MaskProposer.propose`.

        A query whose mask has no pixel gives no proposal.
        """
        found = self._memo.features(images, self._encode)
        return [
            _proposals(classes, masks, one.size)
            for one, (classes, masks) in zip(images, found, strict=True)
        ]

    def _encode(self, images: list[Image]) -> list[tuple[Tensor, Tensor]]:
        def run(_size: tuple[int, int], members: list[int]) -> list[tuple[Tensor, Tensor]]:
            return self._run([images[place].pixels for place in members])

        return grouped([one.size for one in images], IMAGES_PER_CALL, run)

    def _run(self, pixels: list[Tensor]) -> list[tuple[Tensor, Tensor]]:
        inputs = self._processor(pixels, input_data_format="channels_first", return_tensors="pt")
        values = inputs["pixel_values"].to(self._model.device, self._model.dtype)
        outputs = self._model(values, output_auxiliary_logits=False)
        classes = outputs.class_queries_logits.float().softmax(dim=-1)[..., :-1]
        return list(zip(classes, outputs.masks_queries_logits.float(), strict=True))


def _plain(name: str) -> str:
    """A class's name as words: COCO's panoptic names end in notes, as in `tree-merged`."""
    return _NOTES.sub("", name) or name


def _proposals(classes: Tensor, logits: Tensor, size: tuple[int, int]) -> MaskProposals:
    """The masks of the queries that have one.

    Args:
        classes: float32 `[q, k]`.
        logits: float32 `[q, mh, mw]`; the grid covers the whole image.
        size: Height and width of the image.
    """
    kept: list[Tensor] = []
    masks: list[Tensor] = []
    sureness: list[Tensor] = []
    for start in range(0, len(logits), QUERIES_PER_CALL):
        some = logits[None, start : start + QUERIES_PER_CALL]
        large = interpolate(some, size=size, mode="bilinear", align_corners=False)[0]
        mask = large > 0
        area = mask.flatten(1).sum(dim=1)
        there = area > 0
        chance = (large.sigmoid() * mask).flatten(1).sum(dim=1)[there] / area[there]
        kept.append(there.nonzero()[:, 0] + start)
        masks.append(mask[there])
        sureness.append(chance)
    return MaskProposals(torch.cat(masks), classes[torch.cat(kept)], torch.cat(sureness))
