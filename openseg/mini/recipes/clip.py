"""Train `mini-clip`, an image-text encoder in the CLIP architecture, from scratch on mini scenes.

Run ``python -m openseg.mini.recipes.clip --data DIR --out DIR``. Object crops and phrases are
pulled together by softmax over cosine similarities in both directions (Radford et al. 2021,
arXiv:2103.00020). As the phrases are few, each step scores all of them, and every phrase that is
true of a crop counts as right. Recoloured crops teach the category alone, so that shape is known
apart from the colours it was seen in.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor

from openseg.mini.recipes.clip_crops import (
    CROP_SIZE,
    PIXEL_MEAN,
    PIXEL_STD,
    recoloured,
    training_crop,
    whole_image,
)
from openseg.mini.recipes.clip_eval import evaluate_clip
from openseg.mini.recipes.clip_tokenizer import build_tokenizer
from openseg.mini.recipes.data import SceneObject, SceneShards
from openseg.mini.recipes.training import Plan, Trainer, read_arguments
from openseg.mini.world import CATEGORIES, COLOURS, SEEN_PAIRS
from openseg.mini.world.phrases import category_texts, colour_texts, pair_texts

SCENES_A_STEP = 20
OBJECTS_A_SCENE = 5
WIDTH = 128


def build_processor() -> CLIPProcessor:
    """The preprocessing the weights are trained with: 64 px, CLIP's mean and deviation."""
    images = CLIPImageProcessor(
        size={"shortest_edge": CROP_SIZE},
        crop_size={"height": CROP_SIZE, "width": CROP_SIZE},
        image_mean=list(PIXEL_MEAN),
        image_std=list(PIXEL_STD),
    )
    return CLIPProcessor(images, build_tokenizer())


def build_model(processor: Any, depth: int = 5) -> CLIPModel:
    """Build the network with random weights, its text part for the processor's tokenizer.

    Args:
        processor: gives the size of the vocabulary and the special tokens.
        depth: layers of the image encoder; the text encoder has three.
    """
    tokenizer = processor.tokenizer
    shared = {"hidden_size": WIDTH, "intermediate_size": 4 * WIDTH, "num_attention_heads": 4}
    return CLIPModel(
        CLIPConfig(
            text_config={
                **shared,
                "vocab_size": len(tokenizer),
                "num_hidden_layers": 3,
                "max_position_embeddings": tokenizer.model_max_length,
                "projection_dim": WIDTH,
                # The class takes a text's embedding at its first end token.
                "bos_token_id": tokenizer.bos_token_id,
                "eos_token_id": tokenizer.eos_token_id,
                "pad_token_id": tokenizer.pad_token_id,
            },
            vision_config={
                **shared,
                "num_hidden_layers": depth,
                "image_size": CROP_SIZE,
                "patch_size": 8,
                "projection_dim": WIDTH,
            },
            projection_dim=WIDTH,
        )
    )


class PhraseBank:
    """One wording of every seen pair, every category and every colour, drawn anew each step."""

    groups: Final = [len(SEEN_PAIRS), len(CATEGORIES), len(COLOURS)]

    def __init__(self) -> None:
        self._pair = {pair: i for i, pair in enumerate(SEEN_PAIRS)}
        self._category = {c.name: i for i, c in enumerate(CATEGORIES)}
        self._colour = {name: i for i, name in enumerate(COLOURS)}

    def draw(self, rng: np.random.Generator) -> list[str]:
        """One text a phrase, in the order of `truths`' columns."""
        wordings = [pair_texts(*pair) for pair in SEEN_PAIRS]
        wordings += [category_texts(c.name, int(rng.integers(1, 3))) for c in CATEGORIES]
        wordings += [colour_texts(name, int(rng.integers(1, 3))) for name in COLOURS]
        texts = [texts[int(rng.integers(len(texts)))] for texts in wordings]
        photo = rng.random(len(texts)) < 0.25
        return [
            f"a photo of {text}" if said and not text.startswith("a photo") else text
            for text, said in zip(texts, photo, strict=True)
        ]

    def truths(self, shown: list[list[SceneObject]], true_hues: list[bool]) -> Tensor:
        """Which phrases are true of which crop, float32 [n, phrases], 0 or 1.

        Args:
            shown: the objects of each crop.
            true_hues: False for a recoloured crop, of which only categories are said.
        """
        true = torch.zeros(len(shown), sum(self.groups))
        for row, (items, true_hue) in enumerate(zip(shown, true_hues, strict=True)):
            for item in items:
                true[row, self.groups[0] + self._category[item.category]] = 1.0
                if not true_hue:
                    continue
                true[row, self._pair[item.pair]] = 1.0
                true[row, self.groups[0] + self.groups[1] + self._colour[item.colour]] = 1.0
        return true


class ClipLoss:
    """The loss of a step: draw scenes, crops and wordings, and compare all with all."""

    def __init__(self, model: Any, processor: Any, scenes: SceneShards, seed: int) -> None:
        self.model = model
        self.tokenizer = processor.tokenizer
        self.scenes = scenes
        self.seed = seed
        self.bank = PhraseBank()

    def __call__(self, step: int) -> dict[str, Tensor]:
        """Losses of one step by name; every draw depends on seed and step alone."""
        if step % 50 == 0:
            self.scenes.rescan()
        rng = np.random.default_rng((self.seed, step, 1))
        crops, shown, hues = [], [], []
        for scene in self.scenes.sample(step, SCENES_A_STEP, self.seed):
            true_hue = bool(rng.random() < 0.67)
            view = scene if true_hue else recoloured(scene, rng)
            order = rng.permutation(len(scene.objects))[:OBJECTS_A_SCENE]
            for item in (scene.objects[i] for i in order):
                crops.append(training_crop(view, item, rng))
                shown.append([item])
                hues.append(true_hue)
            if rng.random() < 0.2:
                crops.append(whole_image(view, rng))
                shown.append(list(scene.objects))
                hues.append(true_hue)
        true = self.bank.truths(shown, hues)
        return self.compare(np.stack(crops), true, self.bank.draw(rng))

    def compare(
        self, crops: np.ndarray[Any, np.dtype[np.uint8]], true: Tensor, texts: list[str]
    ) -> dict[str, Tensor]:
        """Losses of one batch.

        Args:
            crops: uint8 [n, 64, 64, 3].
            true: which text is true of which crop, [n, t].
            texts: t texts, in the bank's order.
        """
        mean, std = torch.tensor(PIXEL_MEAN), torch.tensor(PIXEL_STD)
        pixels = (torch.from_numpy(crops) / 255.0 - mean) / std
        tokens = self.tokenizer(texts, padding=True, return_tensors="pt")
        with torch.autocast("cpu", torch.bfloat16):
            images = self.model.get_image_features(pixel_values=pixels.permute(0, 3, 1, 2))
            phrases = self.model.get_text_features(**tokens)
        image = functional.normalize(images.pooler_output.float(), dim=-1)
        phrase = functional.normalize(phrases.pooler_output.float(), dim=-1)
        scale = self.model.logit_scale.exp().clamp(max=100.0)
        logits = scale * image @ phrase.T
        parts = torch.split(logits, self.bank.groups, dim=1)
        truths = torch.split(true, self.bank.groups, dim=1)
        pair, category, colour = map(_soft_cross_entropy, parts, truths)
        # What is not said of a recoloured crop is not known to be false of it either.
        told = [some.sum(1, keepdim=True).expand_as(some) > 0 for some in truths]
        known = logits.masked_fill(~torch.cat(told, dim=1), -1e4)
        return {
            "loss_pair": pair,
            "loss_category": 0.3 * category,
            "loss_colour": 0.3 * colour,
            "loss_text": 0.5 * _soft_cross_entropy(known.T, true.T),
        }


def _soft_cross_entropy(logits: Tensor, true: Tensor) -> Tensor:
    """Mean cross-entropy to the even distribution over what is true, of rows where anything is."""
    some = true.sum(1) > 0
    wanted = true[some] / true[some].sum(1, keepdim=True)
    return -(logits[some].log_softmax(1) * wanted).sum(1).sum() / some.sum().clamp(min=1)


def train(data: Path, out: Path, plan: Plan, *, seed: int = 0, resume: bool = False) -> None:
    """Train on the ``train`` split, report on ``val``, leave a loadable folder in ``out``."""
    torch.manual_seed(seed)
    processor = build_processor()
    model = build_model(processor)
    validation = SceneShards(data, "val")
    held_out = [validation[i] for i in range(min(60, len(validation)))]

    def save(average: Any) -> None:
        average.save_pretrained(out)
        processor.save_pretrained(out)

    Trainer(model, plan, out, resume=resume).run(
        ClipLoss(model, processor, SceneShards(data, "train"), seed),
        lambda average: evaluate_clip(average, processor, held_out),
        save,
    )


def main() -> None:
    """Read the command line and train."""
    given = read_arguments(__doc__, steps=2500)
    plan = Plan(
        given.steps, given.budget_minutes, 1e-3, report_minutes=given.report_minutes, ema=0.995
    )
    train(given.data, given.out, plan, seed=given.seed, resume=given.resume)


if __name__ == "__main__":
    main()
