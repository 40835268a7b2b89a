"""The mini DINO: the `transformers` class of DINOv2 at a small width, and what it is trained in."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn
from transformers import BitImageProcessor, Dinov2Config, Dinov2Model

IMAGE_SIZE = 80
PATCH_SIZE = 8
GRID = IMAGE_SIZE // PATCH_SIZE
PIXEL_MEAN = (0.485, 0.456, 0.406)
PIXEL_STD = (0.229, 0.224, 0.225)
_WIDTH = 192


def build_backbone(depth: int = 6) -> Dinov2Model:
    """Build the encoder with random weights: patches of 8 px, width 192, three heads."""
    return Dinov2Model(
        Dinov2Config(
            hidden_size=_WIDTH,
            num_hidden_layers=depth,
            num_attention_heads=3,
            image_size=IMAGE_SIZE,
            patch_size=PATCH_SIZE,
        )
    )


def build_processor() -> BitImageProcessor:
    """The preprocessing the weights are trained with: 80 px, ImageNet mean and deviation."""
    return BitImageProcessor(
        size={"shortest_edge": IMAGE_SIZE},
        crop_size={"height": IMAGE_SIZE, "width": IMAGE_SIZE},
        image_mean=list(PIXEL_MEAN),
        image_std=list(PIXEL_STD),
    )


class Encoded(NamedTuple):
    """What a picture is to the training network.

    Attributes:
        key: what identifies the thing, float32 [b, 128], not normalised.
        patches: the encoder's patch tokens, [b, 100, 192].
        guesses: what the patches are thought to be, [b, 100, 192].
    """

    key: Tensor
    patches: Tensor
    guesses: Tensor


class Pretraining(nn.Module):
    """The encoder with the two heads it is trained through; only the encoder ships.

    Args:
        depth: layers of the encoder.
    """

    def __init__(self, depth: int = 6) -> None:
        super().__init__()
        self.backbone = build_backbone(depth)
        self.project = nn.Sequential(
            nn.Linear(_WIDTH, 512), nn.GELU(), nn.Linear(512, 512), nn.GELU(), nn.Linear(512, 128)
        )
        self.predict = nn.Sequential(nn.Linear(_WIDTH, 384), nn.GELU(), nn.Linear(384, _WIDTH))

    def forward(self, pixels: Tensor, hidden: Tensor | None = None) -> Encoded:
        """Encode pictures.

        Args:
            pixels: normalised, float32 [b, 3, 80, 80].
            hidden: patches that are replaced by the mask token, bool [b, 100].
        """
        tokens = self.backbone(pixels, bool_masked_pos=hidden).last_hidden_state
        patches = tokens[:, 1:]
        return Encoded(self.project(tokens[:, 0]), patches, self.predict(patches))
