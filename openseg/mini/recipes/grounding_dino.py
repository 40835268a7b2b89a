"""Train `mini-grounding-dino`, a text-to-box detector, from scratch on mini scenes, on a CPU.

Run ``python -m openseg.mini.recipes.grounding_dino --data DIR --out DIR``. The network is
`GroundingDinoForObjectDetection`; what makes it learn from scratch is a start of the scores at a
small prior (`grounding_dino_model`) and dense, one-to-many supervision (`grounding_dino_loss`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import GroundingDinoForObjectDetection, GroundingDinoProcessor

from openseg.mini.recipes.data import Scene, SceneShards
from openseg.mini.recipes.detector_text import PhraseEncoder, build_tokenizer
from openseg.mini.recipes.grounding_dino_batch import Batch, PromptSampler, make_batch
from openseg.mini.recipes.grounding_dino_eval import evaluate
from openseg.mini.recipes.grounding_dino_loss import detection_loss
from openseg.mini.recipes.grounding_dino_model import build_model, build_processor
from openseg.mini.recipes.training import Plan, Trainer, read_arguments
from openseg.mini.world.vocabulary import SEEN_PAIRS

SCENES_A_STEP = 8
LEARNING_RATE = 1e-3
WARM_UP = 300
WEIGHT_DECAY = 0.02
VALIDATION_SCENES = 100


class DetectorLoss:
    """The loss of a step: draw scenes, crop them, draw prompts, predict, compare.

    Args:
        model: the network.
        encoder: turns phrases into token ids.
        scenes: training scenes.
        seed: seed of every draw.
    """

    def __init__(
        self,
        model: GroundingDinoForObjectDetection,
        encoder: PhraseEncoder,
        scenes: SceneShards,
        seed: int,
    ) -> None:
        self._model = model
        self._encoder = encoder
        self._scenes = scenes
        self._seed = seed
        self._prompts = PromptSampler(SEEN_PAIRS)

    def __call__(self, step: int) -> dict[str, Tensor]:
        """Losses of one step by name; every draw depends on seed, step and number of scenes."""
        if step % 50 == 0:
            self._scenes.rescan()
        return self.compare(self.batch(self._scenes.sample(step, SCENES_A_STEP, self._seed), step))

    def batch(self, scenes: Sequence[Scene], step: int) -> Batch:
        """Make the batch of a step from its scenes."""
        rng = np.random.default_rng((self._seed, step, 1))
        return make_batch(scenes, self._prompts, self._encoder, rng)

    def compare(self, batch: Batch) -> dict[str, Tensor]:
        """Losses of one batch by name; matrix products run in bfloat16."""
        with torch.autocast("cpu", torch.bfloat16):
            outputs = self._model(
                pixel_values=batch.pixel_values,
                input_ids=batch.input_ids,
                attention_mask=batch.attention_mask,
            )
        return detection_loss(self._model, outputs, batch)


def export(
    model: GroundingDinoForObjectDetection, processor: GroundingDinoProcessor, folder: Path
) -> None:
    """Write model and processor as they ship: stored in half precision, run in single."""
    # Heads that are one tensor must stay one, or the file repeats them.
    once = {value.data_ptr(): value.half() for value in model.state_dict().values()}
    halves = {name: once[value.data_ptr()] for name, value in model.state_dict().items()}
    model.save_pretrained(folder, state_dict=halves)
    processor.save_pretrained(folder)


def train(data: Path, out: Path, plan: Plan, *, seed: int = 0, resume: bool = False) -> None:
    """Train on the ``train`` split, report on ``val``, leave a loadable folder in ``out/model``.

    Args:
        data: folder of the rendered splits.
        out: folder for log, plot, checkpoint and model.
        plan: length and optimiser settings.
        seed: seed of weights, scenes, crops and prompts.
        resume: continue from the checkpoint in `out`.

    Raises:
        OpensegError: a split has no scenes.
    """
    tokenizer = build_tokenizer()
    model, processor = build_model(len(tokenizer), seed=seed), build_processor(tokenizer)
    validation = SceneShards(data, "val")
    held_out = [validation[i] for i in range(min(VALIDATION_SCENES, len(validation)))]

    def scores(average: Any) -> dict[str, float]:
        found = evaluate(average, processor, held_out, SEEN_PAIRS).as_dict()
        return {name: found[name] for name in ("recall", "recall_mixed", "mean_iou", "auc")}

    Trainer(model, plan, out, resume=resume).run(
        DetectorLoss(model, PhraseEncoder(tokenizer), SceneShards(data, "train"), seed),
        scores,
        lambda average: export(average, processor, out / "model"),
    )


def main() -> None:
    """Read the command line and train."""
    given = read_arguments(__doc__, steps=9000, report_minutes=4.0)
    plan = Plan(
        given.steps,
        given.budget_minutes,
        LEARNING_RATE,
        weight_decay=WEIGHT_DECAY,
        warmup=WARM_UP,
        report_minutes=given.report_minutes,
    )
    train(given.data, given.out, plan, seed=given.seed, resume=given.resume)


if __name__ == "__main__":
    main()
