"""Train `mini-parser` on the rooms' sentences and on templates of general English.

It needs no pictures and takes about two minutes on one core.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from openseg.mini.measures.parser import tree_scores
from openseg.mini.recipes.parser.batches import Batches, parse_loss
from openseg.mini.recipes.parser.gold import english, room_sentences
from openseg.mini.recipes.shipping import loaded
from openseg.mini.recipes.training import Plan, Trainer
from openseg.models.adapters.parser.biaffine import MODEL_TYPE
from openseg.models.adapters.parser.network import NetworkConfig, ParserNetwork
from openseg.models.pretrained import assign, read_tensors
from openseg.types.parse import ROLES

PLAN = Plan(
    steps=3000, learning_rate=4e-3, weight_decay=0.01, warmup=100, ema=0.995, report_minutes=1.0
)
BATCH = 96
DROPOUT = 0.25
SCENES = 500
PHRASES = 30_000
VALIDATION = 60
"""Scenes; and so many times ten phrases of general English."""


def train(
    out: Path,
    plan: Plan,
    *,
    start: Path | None = None,
    device: str = "cpu",
    seed: int = 0,
    resume: bool = False,
    scenes: int = SCENES,
) -> dict[str, float]:
    """Train on the ``train`` split's sentences, report on ``val``, leave a folder in ``out/model``.

    Args:
        out: folder for log, plot, checkpoint and model.
        plan: length and optimiser settings.
        start: weights to start from.
        device: where to train.
        seed: seed of weights and draws.
        resume: continue from the checkpoint in `out`.
        scenes: scenes that training sentences are about.

    Returns:
        The last scores, on ``val`` and on phrases of general English with words kept from training.
    """
    torch.manual_seed(seed)
    network = ParserNetwork(NetworkConfig(ROLES), DROPOUT)
    if start is not None:
        assign(network, read_tensors(start), start, torch.device(device), torch.float32)
        network.requires_grad_(True)
    network.to(device)
    rooms = [one.gold for one in room_sentences("train", 0, scenes, seed)]
    pools = (rooms, english(PHRASES * scenes // SCENES, seed))
    batches = Batches(pools, network.config.rows, BATCH * plan.scale, seed)
    validation = {
        "rooms": [one.gold for one in room_sentences("val", 0, VALIDATION)],
        "english": english(10 * VALIDATION, seed + 1),
        "new words": english(10 * VALIDATION, seed + 1, new=True),
    }
    folder = out / "model"

    def loss(step: int) -> dict[str, Tensor]:
        return parse_loss(network, batches(step))

    def scores(_: Any) -> dict[str, float]:
        parser = loaded("parser", folder, device)
        return {
            f"{source}: {name}": score.value
            for source, gold in validation.items()
            for name, score in tree_scores(parser, gold).items()
        }

    return Trainer(network, plan, out, resume=resume).run(
        loss, scores, lambda average: export(average, folder)
    )


def export(network: Any, folder: Path) -> None:
    """Write a network as it ships: stored in half precision, run in single."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: value.half().cpu() for name, value in network.state_dict().items()}
    save_file(halves, folder / "model.safetensors")
    described = {"model_type": MODEL_TYPE, **asdict(network.config)}
    (folder / "config.json").write_text(json.dumps(described, indent=2) + "\n", "utf-8")
