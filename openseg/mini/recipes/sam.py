"""Train `mini-sam`, a promptable segmenter in the SAM architecture, from scratch on mini scenes.

Run ``python -m openseg.mini.recipes.sam --data DIR --out DIR``. The network is `SamModel` with
a small image encoder: 192 px in, patches of 8 px, absolute positions, windows of 8 tokens and
global attention in the last layer but one. Losses: focal and dice, the best of three masks, and a
regression of each mask's IoU (Kirillov et al. 2023, arXiv:2304.02643).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import SamConfig, SamImageProcessor, SamModel, SamProcessor

from openseg.mini.recipes.data import Scene, SceneShards
from openseg.mini.recipes.sam_eval import evaluate_sam
from openseg.mini.recipes.sam_prompts import Prompts, correction_points, draw_prompts
from openseg.mini.recipes.training import Plan, Trainer, read_arguments

IMAGE_SIZE = 192
PIXEL_MEAN = (0.485, 0.456, 0.406)
PIXEL_STD = (0.229, 0.224, 0.225)
SCENES_A_STEP = 6
OBJECTS_A_SCENE = 6


def build_model(width: int = 128, depth: int = 4, decoder: int = 64) -> SamModel:
    """Build the network with random weights.

    Args:
        width: channels of the image encoder.
        depth: its layers; the last but one attends globally.
        decoder: channels of image embedding, prompt encoder and mask decoder.
    """
    config = SamConfig(
        vision_config={
            "hidden_size": width,
            "output_channels": decoder,
            "num_hidden_layers": depth,
            "num_attention_heads": width // 64,
            "image_size": IMAGE_SIZE,
            "patch_size": 8,
            "window_size": 8,
            "global_attn_indexes": [depth - 2],
            "num_pos_feats": decoder // 2,
            "mlp_dim": 4 * width,
            # Decomposed relative positions take half the time of a step on a CPU.
            "use_rel_pos": False,
        },
        prompt_encoder_config={
            "hidden_size": decoder,
            "image_size": IMAGE_SIZE,
            "patch_size": 8,
            "mask_input_channels": 16,
        },
        mask_decoder_config={
            "hidden_size": decoder,
            "mlp_dim": 4 * decoder,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 2 * decoder,
        },
    )
    model = SamModel(config)
    # The class starts all matrices and embeddings at a deviation of 0.02, made for wide networks:
    # at this width prompts then stay unheard. The paper's code starts at torch's defaults.
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | nn.Embedding):
            module.reset_parameters()
    nn.init.trunc_normal_(model.vision_encoder.pos_embed, std=0.02)
    # Likewise the class draws the frequencies of positions with a deviation of half the width, so
    # that neighbouring pixels look unrelated; the paper's code draws them with 1.
    frequencies = model.shared_image_embedding.positional_embedding
    nn.init.normal_(frequencies, std=1.0)
    frequencies.requires_grad_(requires_grad=False)
    return model


def build_processor() -> SamProcessor:
    """The preprocessing the weights are trained with: longest side 192, ImageNet mean and std."""
    return SamProcessor(
        SamImageProcessor(
            size={"longest_edge": IMAGE_SIZE},
            mask_size={"longest_edge": IMAGE_SIZE},
            pad_size={"height": IMAGE_SIZE, "width": IMAGE_SIZE},
            mask_pad_size={"height": IMAGE_SIZE, "width": IMAGE_SIZE},
            image_mean=list(PIXEL_MEAN),
            image_std=list(PIXEL_STD),
        )
    )


def augment(scene: Scene, rng: np.random.Generator) -> Scene:
    """Mirror a scene and change its brightness, contrast and channel order at random."""
    image, ids = scene.image, scene.ids
    if rng.random() < 0.5:
        image, ids = image[:, ::-1], ids[:, ::-1]
    pixels = image.astype(np.float32)
    if rng.random() < 0.3:
        # The segmenter must not care which colour an object has.
        pixels = pixels[..., rng.permutation(3)]
    gain, lift = rng.uniform(0.8, 1.2, 3), rng.uniform(-15, 15)
    pixels = np.clip(pixels * gain + lift, 0, 255)
    return Scene(pixels.astype(np.uint8), np.ascontiguousarray(ids), scene.objects)


def pixel_values(scenes: list[Scene]) -> Tensor:
    """Resize and normalise square images as the processor does, float32 [b, 3, 192, 192]."""
    pixels = torch.from_numpy(np.stack([s.image for s in scenes])).permute(0, 3, 1, 2)
    pixels = functional.interpolate(
        pixels.float(), size=(IMAGE_SIZE, IMAGE_SIZE), mode="bilinear", antialias=True
    )
    mean, std = torch.tensor(PIXEL_MEAN), torch.tensor(PIXEL_STD)
    return (pixels / 255.0 - mean[:, None, None]) / std[:, None, None]


class SamLoss:
    """The loss of a step: draw scenes and prompts, predict once or twice, compare."""

    def __init__(self, model: Any, scenes: SceneShards, seed: int) -> None:
        self.model = model
        self.scenes = scenes
        self.seed = seed
        # A handful of prompt tokens against 1024: the plain product is twice as fast on a CPU.
        model.mask_decoder.config._attn_implementation = "eager"

    def __call__(self, step: int) -> dict[str, Tensor]:
        """Losses of one step by name; every draw depends on seed and step alone."""
        if step % 50 == 0:
            self.scenes.rescan()
        rng = np.random.default_rng((self.seed, step, 1))
        scenes = [augment(s, rng) for s in self.scenes.sample(step, SCENES_A_STEP, self.seed)]
        kind = str(rng.choice(["box", "point", "points"], p=[0.45, 0.4, 0.15]))
        prompts = draw_prompts(scenes, OBJECTS_A_SCENE, kind, (self.seed, step))
        several = bool(rng.random() < (0.8 if kind == "point" else 0.4))
        again = bool(rng.random() < 0.25)
        return self.compare(pixel_values(scenes), prompts, several=several, again=again)

    def compare(
        self, pixels: Tensor, prompts: Prompts, *, several: bool, again: bool
    ) -> dict[str, Tensor]:
        """Losses of one batch.

        Args:
            pixels: float32 [b, 3, 192, 192].
            prompts: n prompts an image, in pixels of the scenes.
            several: ask for three masks a prompt instead of one.
            again: predict a second time from the first mask and one correcting point.
        """
        with torch.autocast("cpu", torch.bfloat16):
            embeddings = self.model.vision_encoder(pixels).last_hidden_state
        target = functional.interpolate(prompts.masks, size=(IMAGE_SIZE // 2,) * 2, mode="area")
        logits, said = self.decode(embeddings, prompts, None, several=several)
        losses = mask_losses(logits, said, target, prompts.real)
        if again:
            best = logits.gather(2, _at(said.argmax(2), logits))[:, :, 0].detach()
            generator = torch.Generator().manual_seed(int(prompts.masks.sum()))
            size = prompts.masks.shape[-2:]
            guess = functional.interpolate(best, size=size, mode="bilinear") > 0
            points, labels = correction_points(guess, prompts.masks, generator)
            if prompts.points is not None and prompts.labels is not None:
                points = torch.cat((prompts.points, points), dim=2)
                labels = torch.cat((prompts.labels, labels), dim=2)
            more = prompts._replace(points=points, labels=labels)
            logits, said = self.decode(embeddings, more, best, several=False)
            second = mask_losses(logits, said, target, prompts.real)
            losses = {name: 0.5 * (value + second[name]) for name, value in losses.items()}
        return losses

    def decode(
        self, embeddings: Tensor, prompts: Prompts, previous: Tensor | None, *, several: bool
    ) -> tuple[Tensor, Tensor]:
        """Predict masks; the prompt encoder stays in float32, its coordinates need the digits.

        Args:
            embeddings: [b, c, 24, 24].
            prompts: n prompts an image.
            previous: logits of an earlier mask, [b, n, 96, 96].
            several: three masks instead of one.

        Returns:
            Logits float32 [b, n, k, 96, 96] and predicted IoU float32 [b, n, k].
        """
        model, (count, objects) = self.model, prompts.real.shape
        ratio = IMAGE_SIZE / prompts.masks.shape[-1]
        points = None if prompts.points is None else prompts.points * ratio
        boxes = None if prompts.boxes is None else prompts.boxes * ratio
        labels = prompts.labels
        if previous is not None:
            # The class takes one mask prompt an image: each prompt becomes an image of its own.
            embeddings = embeddings.repeat_interleave(objects, 0)
            points, labels, boxes = (
                None if v is None else v.flatten(0, 1)[:, None] for v in (points, labels, boxes)
            )
            previous = previous.flatten(0, 1)[:, None]
        sparse, dense = model.prompt_encoder(points, labels, boxes, previous)
        positions = model.get_image_wide_positional_embeddings()
        with torch.autocast("cpu", torch.bfloat16):
            logits, said = model.mask_decoder(
                embeddings, positions.expand(len(embeddings), -1, -1, -1), sparse, dense, several
            )
        shape = (count, objects, logits.shape[2])
        return logits.float().view(*shape, *logits.shape[3:]), said.float().view(shape)


def mask_losses(logits: Tensor, said: Tensor, target: Tensor, real: Tensor) -> dict[str, Tensor]:
    """Focal and dice loss of the best mask of each prompt, and the error of the predicted IoU.

    Args:
        logits: [b, n, k, h, w].
        said: predicted IoU [b, n, k].
        target: share of each low-resolution pixel that the object covers, [b, n, h, w].
        real: bool [b, n]; other prompts have no mask and teach an IoU of 0.
    """
    wanted = target[:, :, None].expand_as(logits)
    chance = logits.sigmoid()
    entropy = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    focal = (entropy * (chance - wanted).square()).mean((-2, -1))
    overlap = (chance * wanted).sum((-2, -1))
    area = chance.square().sum((-2, -1)) + wanted.square().sum((-2, -1))
    dice = 1.0 - (2.0 * overlap + 1.0) / (area + 1.0)
    both = 20.0 * focal + dice
    # A small share for the masks that lose, lest two of three never learn.
    chosen = 0.95 * both.min(2).values + 0.05 * both.mean(2)
    with torch.no_grad():
        found, truth = logits > 0, wanted > 0.5
        iou = (found & truth).sum((-2, -1)) / (found | truth).sum((-2, -1)).clamp(min=1)
        iou = iou * real[..., None]
    return {
        "loss_mask": (chosen * real).sum() / real.sum().clamp(min=1),
        "loss_iou": (said - iou).square().mean(),
    }


def _at(index: Tensor, logits: Tensor) -> Tensor:
    return index[:, :, None, None, None].expand(-1, -1, 1, *logits.shape[3:])


def train(data: Path, out: Path, plan: Plan, *, seed: int = 0, resume: bool = False) -> None:
    """Train on the ``train`` split, report on ``val``, leave a loadable folder in ``out``."""
    torch.manual_seed(seed)
    model, processor = build_model(), build_processor()
    validation = SceneShards(data, "val")
    held_out = [validation[i] for i in range(min(20, len(validation)))]

    def save(average: Any) -> None:
        average.save_pretrained(out)
        processor.save_pretrained(out)

    Trainer(model, plan, out, resume=resume).run(
        SamLoss(model, SceneShards(data, "train"), seed),
        lambda average: evaluate_sam(average, processor, held_out),
        save,
    )


def main() -> None:
    """Read the command line and train."""
    given = read_arguments(__doc__, steps=5000)
    plan = Plan(
        given.steps,
        given.budget_minutes,
        1e-3,
        warmup=100,
        report_minutes=given.report_minutes,
        ema=0.998,
    )
    train(given.data, given.out, plan, seed=given.seed, resume=given.resume)


if __name__ == "__main__":
    main()
