"""The loop all mini recipes share: warm-up and cosine, weight average, log, checkpoints, resume.

A recipe gives a loss of one step, an evaluation and a function that saves a shippable folder.
Progress is the share of the time budget or of the steps that is used, whichever is further on,
so that a run cut to the time at hand still ends with a fully decayed learning rate.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from openseg.mini.recipes.curves import plot_log

LossOfStep = Callable[[int], dict[str, Tensor]]
Evaluation = Callable[[nn.Module], dict[str, float]]
Save = Callable[[nn.Module], None]


@dataclass(frozen=True)
class Plan:
    """How long and how to train.

    Attributes:
        steps: most optimiser steps.
        minutes: most minutes of wall time, over all resumed runs together.
        learning_rate: peak of AdamW's learning rate.
        weight_decay: AdamW's decay, on matrices only.
        warmup: steps of linear warm-up.
        ema: decay of the averaged weights, which are the ones shipped.
        report_minutes: minutes between evaluations, each after a save.
        scale: how many times the recipe's usual batch a step takes, for a GPU.
    """

    steps: int
    minutes: float = math.inf
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warmup: int = 200
    ema: float = 0.999
    report_minutes: float = 5.0
    scale: int = 1


def half_precision(device: torch.device) -> torch.autocast:
    """Matrix products in bfloat16, which take half the time on a CPU and on a GPU."""
    return torch.autocast(device.type, torch.bfloat16)


class Trainer:
    """Train one model and leave weights, checkpoint, log and loss plot in ``out``.

    Args:
        model: the network, on the device it trains on.
        plan: length and optimiser settings.
        out: folder for ``log.jsonl``, ``loss.png`` and ``checkpoint.pt``.
        resume: continue from ``checkpoint.pt`` in ``out``.

    Raises:
        FileNotFoundError: ``resume`` is asked for and there is no checkpoint.
    """

    def __init__(self, model: nn.Module, plan: Plan, out: Path, *, resume: bool = False) -> None:
        self.model = model
        self.plan = plan
        self.out = out
        self.average = deepcopy(model).eval().requires_grad_(False)
        self.step = 0
        self._before = 0.0
        self._begin = time.monotonic()
        matrices = [p for p in model.parameters() if p.ndim > 1]
        others = [p for p in model.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": plan.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=plan.learning_rate,
            betas=(0.9, 0.98),
        )
        out.mkdir(parents=True, exist_ok=True)
        if resume:
            self._load()

    @property
    def seconds(self) -> float:
        """Wall time of this run and the runs it resumes."""
        return self._before + time.monotonic() - self._begin

    @property
    def progress(self) -> float:
        """Share of the plan that is used, 0 to 1."""
        return min(1.0, max(self.step / self.plan.steps, self.seconds / (60.0 * self.plan.minutes)))

    def run(self, loss: LossOfStep, evaluate: Evaluation, save: Save) -> dict[str, float]:
        """Train until the plan is used up; returns the last evaluation of the averaged weights.

        Args:
            loss: gives the named losses of a step; they are added up.
            evaluate: scores the averaged model, which has just been saved.
            save: writes the averaged model as a folder that ``from_pretrained`` reads.
        """
        scores: dict[str, float] = {}
        sums: dict[str, float] = {}
        counted = 0
        reported = self.seconds
        while self.progress < 1.0:
            parts = self.train_step(loss)
            counted += 1
            for name, value in parts.items():
                sums[name] = sums.get(name, 0.0) + value
            if counted == 50:
                self._log({name: value / counted for name, value in sums.items()})
                sums, counted = {}, 0
            if self.progress >= 1.0 or self.seconds - reported > 60.0 * self.plan.report_minutes:
                save(self.average)
                scores = evaluate(self.average)
                self._log(scores)
                self._save()
                plot_log(self.out / "log.jsonl", self.out / "loss.png")
                reported = self.seconds
        return scores

    def train_step(self, loss: LossOfStep) -> dict[str, float]:
        """One optimiser step; returns the step's losses as numbers."""
        ramp = min(1.0, (self.step + 1) / self.plan.warmup)
        cosine = 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * self.progress))
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.learning_rate * ramp * cosine
        self.model.train()
        parts = loss(self.step)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(list(parts.values()))
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        # A short average early on, so that the first report is not the random start.
        decay = min(self.plan.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, now in zip(self.average.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(now, 1.0 - decay)
        self.step += 1
        return {name: float(value.detach()) for name, value in parts.items()}

    def _log(self, values: dict[str, float]) -> None:
        row: dict[str, Any] = {"step": self.step, "seconds": round(self.seconds, 1)}
        row |= {name: round(value, 5) for name, value in values.items()}
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def _save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
        }
        unfinished = self.out / "checkpoint.tmp"
        torch.save(state, unfinished)
        unfinished.replace(self.out / "checkpoint.pt")

    def _load(self) -> None:
        where = next(self.model.parameters()).device
        state = torch.load(self.out / "checkpoint.pt", weights_only=True, map_location=where)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = int(state["step"])
        self._before = float(state["seconds"])
