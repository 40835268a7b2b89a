"""Draw pictures with a trained `mini-sd`, to look at and for its card.

Run ``python -m openseg.mini.recipes.stable_diffusion.sample --model DIR --out FILE``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from PIL import Image

CAPTIONS = (
    "a red chair",
    "a blue ball and a yellow bucket",
    "a green couch",
    "a purple cup, a white bowl",
    "a black monitor",
    "an orange hat and a pink stool",
    "a brown table",
    "a potted plant and a clock",
)


def draw(
    folder: Path, captions: Sequence[str], *, steps: int = 30, guidance: float = 3.0, seed: int = 0
) -> Image.Image:
    """Draw captions side by side.

    Args:
        folder: the pipeline's folder.
        captions: one picture each.
        steps: denoising steps.
        guidance: how much the caption counts over none.
        seed: seed of the noise.
    """
    pipeline: Any = StableDiffusionPipeline.from_pretrained(
        folder, local_files_only=True, low_cpu_mem_usage=False
    )
    pipeline.set_progress_bar_config(disable=True)
    pictures = pipeline(
        list(captions),
        num_inference_steps=steps,
        guidance_scale=guidance,
        generator=torch.Generator().manual_seed(seed),
    ).images
    width, height = pictures[0].size
    sheet = Image.new("RGB", (width * len(pictures), height))
    for i, picture in enumerate(pictures):
        sheet.paste(picture, (i * width, 0))
    return sheet


def main() -> None:
    """Read the command line and write one row of pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of the pipeline")
    parser.add_argument("--out", type=Path, required=True, help="picture to write")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    draw(given.model, CAPTIONS, seed=given.seed).save(given.out)


if __name__ == "__main__":
    main()
