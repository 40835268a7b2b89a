"""Train `mini-oneformer`: panoptic, instance and semantic segmentation by a task word.

Stills, classes and crops are those of `mini-mask2former`. The loss is the one that comes with the
`transformers` class: that of Mask2Former, and contrast of queries with sentences about the picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from openseg.mini.measures.proposer import proposer_scores
from openseg.mini.recipes.feed import Feed
from openseg.mini.recipes.mask2former.train import VALIDATION_STILLS, by_kind
from openseg.mini.recipes.oneformer.batch import Batch, Batches
from openseg.mini.recipes.oneformer.model import build_model, build_processor, without_texts
from openseg.mini.recipes.oneformer.words import build_tokenizer
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.training import Plan, Trainer, half_precision
from openseg.mini.recipes.warm_start import warm_start

PLAN = Plan(steps=20_000, learning_rate=1e-3, weight_decay=0.05, warmup=300, report_minutes=10.0)


def batch_loss(model: Any, batch: Batch) -> dict[str, Tensor]:
    """Losses of one batch by name; matrix products of the network run in bfloat16.

    A crop that shows nothing of what its task asks for teaches that there is nothing.
    """
    batch = batch.to(model.device)
    with half_precision(model.device):
        outputs = model(batch.crops.pixels, batch.tasks, batch.texts, output_auxiliary_logits=True)
    earlier = [
        {name: value.float() for name, value in layer.items()}
        for layer in outputs.auxiliary_predictions
    ]
    losses = model.get_loss_dict(
        masks_queries_logits=outputs.masks_queries_logits.float(),
        class_queries_logits=outputs.class_queries_logits.float(),
        contrastive_queries_logits=outputs.transformer_decoder_contrastive_queries.float(),
        mask_labels=batch.crops.masks,
        class_labels=batch.crops.classes,
        text_queries=outputs.text_queries.float(),
        auxiliary_predictions=earlier,
        calculate_contrastive_loss=True,
    )
    return by_kind(losses, ("cross_entropy", "mask", "dice", "contrastive"))


def train(
    data: Path,
    out: Path,
    plan: Plan,
    *,
    start: Path | None = None,
    device: str = "cpu",
    workers: int = 0,
    seed: int = 0,
    resume: bool = False,
) -> dict[str, float]:
    """Train on the ``train`` split, report on ``val``, leave a loadable folder in ``out/model``.

    Args:
        data: folder of the rendered splits.
        out: folder for log, plot, checkpoint and model.
        plan: length and optimiser settings.
        start: weights to start from.
        device: where to train.
        workers: processes that make batches.
        seed: seed of weights and draws.
        resume: continue from the checkpoint in `out`.

    Returns:
        The last scores of the panoptic task on ``val``.

    Raises:
        UserError: a split has no stills, or `start` no weights.
    """
    tokenizer = build_tokenizer()
    model, processor = build_model(tokenizer, seed=seed), build_processor(tokenizer)
    if start is not None:
        warm_start(model, start)
    model.to(device)
    validation = Stills(data, "val").first(VALIDATION_STILLS)
    feed = Feed(Batches(Stills(data, "train"), seed, plan.scale), workers)
    folder = out / "model"

    def scores(_: Any) -> dict[str, float]:
        found = proposer_scores(loaded("oneformer", folder, device), validation)
        return {name: score.value for name, score in found.items() if score.count}

    return Trainer(model, plan, out, resume=resume).run(
        lambda step: batch_loss(model, feed(step)),
        scores,
        lambda average: export(without_texts(average), processor, folder),
    )
